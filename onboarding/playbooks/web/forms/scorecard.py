"""The form of the scorecard: its bars, its weighted domains, and which items each domain asks about."""

from typing import Any

from django import forms
from django.utils.text import slugify

from onboarding.playbooks.plain import Plain, mapping, mappings
from onboarding.playbooks.web.forms.rows import RowForm, free


class ScorecardForm(RowForm):
    """Thresholds, a row for each domain, and a choice of the domain for each item that can score."""

    go = forms.IntegerField(label="Go from", min_value=1, max_value=100, help_text="Points of 100.")
    conditional_go = forms.IntegerField(
        label="Conditional go from", min_value=1, max_value=100, help_text="Below that it is a no-go."
    )
    condition_expiry_days = forms.IntegerField(
        label="A condition lasts at most, days",
        min_value=1,
        max_value=400,
        help_text="Calendar days from the decision.",
    )

    def __init__(self, data: Any = None, *, plain: Plain) -> None:
        """`plain`: the draft with its items."""
        card = mapping(plain.get("scorecard"))
        self.rows = {"domain": mappings(card.get("domains"))}
        self.items = [one for one in plain["items"] if _scores(one)]
        initial = {name: card.get(name) for name in ("go", "conditional_go", "condition_expiry_days")}
        for number, domain in enumerate(self.rows["domain"]):
            initial |= {f"domain-{number}-{name}": domain.get(name) for name in ("title", "weight", "key")}
        initial |= {f"asks-{one['number']}": one.get("domain") or "" for one in self.items}
        super().__init__(data, initial=initial)
        for number in self.numbers("domain", data):
            self.fields[f"domain-{number}-title"] = forms.CharField(label="Domain", required=False, max_length=60)
            self.fields[f"domain-{number}-weight"] = forms.IntegerField(
                label="Weight", required=False, min_value=1, max_value=100
            )
            self.fields[f"domain-{number}-key"] = forms.CharField(required=False, widget=forms.HiddenInput)
        domains = [(str(one.get("key") or ""), str(one.get("title") or "")) for one in self.rows["domain"]]
        known = {key for key, _ in domains}
        for one in self.items:
            stray = str(one.get("domain") or "")
            more = [(stray, f"{stray}: no domain of this draft")] if stray and stray not in known else []
            self.fields[f"asks-{one['number']}"] = forms.ChoiceField(
                label=f"Domain of #{one['number']} {one.get('title') or one['key']}",
                required=False,
                choices=[("", "Does not score"), *domains, *more],
            )

    @property
    def total(self) -> int:
        """What the weights sum to, as they stand or were typed."""
        typed = [self[f"domain-{number}-weight"].value() for number in range(len(list(self.rows_of("domain"))))]
        return sum(int(one) for one in typed if str(one).isdecimal() and len(str(one)) < 5)

    def questions(self) -> list[tuple[Plain, forms.BoundField]]:
        """Return each item that can score with the choice of its domain."""
        return [(one, self[f"asks-{one['number']}"]) for one in self.items]

    def scorecard(self) -> Plain:
        """Return the scorecard in the file format; a row without a title is no domain."""
        taken: set[str] = set()
        domains = []
        for title, weight, key in self.written("domain", "title", "weight", "key"):
            if title:
                made: Plain = {"key": free(key or slugify(title)[:60] or "domain", taken), "title": title}
                domains.append(made | ({"weight": weight} if weight else {}))
        bars = {name: self.cleaned_data[name] for name in ("go", "conditional_go", "condition_expiry_days")}
        return {**bars, "domains": domains}

    def domain_of(self) -> dict[str, str]:
        """Return the domain of each item by its key; nothing for one whose domain was taken out."""
        gone = {str(one.get("key")) for one in self.rows["domain"]} - {
            one["key"] for one in self.scorecard()["domains"]
        }
        chosen = {one["key"]: self.cleaned_data[f"asks-{one['number']}"] for one in self.items}
        return {key: "" if domain in gone else domain for key, domain in chosen.items()}


def _scores(item: Plain) -> bool:
    """Whether an item can have a place in the scorecard: neither one that only informs nor the gate's own."""
    counts = item.get("gate_class") != "informs" and item.get("completed_by") != "gate"
    return counts or bool(item.get("domain"))
