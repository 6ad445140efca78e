"""What audits and findings ask for."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from access.permissions import ROLES, Permission, Role
from accounts.models import Membership, User
from assurance import registry
from assurance.models import Definition, Run
from assurance.models.definition import calendar, months_from
from assurance.models.run import KEEP, REVOKE
from assurance.packs import sections
from facts import kinds
from facts.criteria import OPERATORS
from tenancy.models import Site
from web.forms import DateInput, Form

COMPARED = 3
"""How many facts, and how many papers, a definition compares at most on the page; the API takes any expression."""
CONDITIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "given": ("was given", {"op": "ne", "value": "missing"}),
    "approved": ("was approved, even if it ended", {"op": "in", "value": ["in force", "expiring", "expired"]}),
    "in_force": ("is approved and in force", {"op": "eq", "value": "in force"}),
    "for_30": ("is in force for 30 more days", {"op": "eq", "value": "in force", "for_days": 30}),
    "for_90": ("is in force for 90 more days", {"op": "eq", "value": "in force", "for_days": 90}),
}
"""What may be asked of a paper: the words of the page, and the comparison."""
TEXT = forms.Textarea(attrs={"rows": 3})


def people_with(permission: Permission) -> Any:
    """Return the organization's own people whose roles allow something, by name."""
    roles = [role.value for role in Role if permission in ROLES[role]]
    users = Membership.objects.active().filter(roles__overlap=roles).values("user_id")
    return User.objects.filter(pk__in=users).order_by("name", "pk")


class DefinitionForm(Form):
    """How often, from when, how much, where, and who answers for it."""

    title = forms.CharField(max_length=120)
    must_hold = forms.CharField(label="What must hold", max_length=500, widget=TEXT)
    rhythm = forms.ChoiceField(label="How often", choices=Definition.Rhythm.choices)
    next_on = forms.DateField(label="Next on", widget=DateInput, help_text="Moved to a working day.")
    finish_in = forms.IntegerField(label="Working days until it is signed off", min_value=1, max_value=60, initial=10)
    sample = forms.IntegerField(
        label="How many are looked at", min_value=1, required=False,
        help_text="Drawn by a seed that stays in the record, so that anybody can draw them again. Empty: all.",
    )  # fmt: skip
    owner = forms.ModelChoiceField(User.objects.none(), label="Who answers for it")
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(), required=False, widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text="Choose none for all sites.",
    )  # fmt: skip

    def __init__(self, check: registry.Check, *args: Any, definition: Definition | None = None, **kwargs: Any) -> None:
        """Start from the definition as it stands, or from what the check suggests."""
        if definition:
            fields = ("title", "must_hold", "rhythm", "next_on", "finish_in", "sample", "owner", "sites")
            kwargs["initial"] = {name: getattr(definition, name) for name in fields}
        else:
            first = calendar().on_or_after(months_from(timezone.localdate(), 1).replace(day=1))
            kwargs["initial"] = {
                "title": check.title, "must_hold": check.must_hold, "rhythm": check.rhythm, "sample": check.sample,
                "next_on": first, "finish_in": 10,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.check_made = check
        self.fields["owner"].queryset = people_with(Permission.AUDIT_READ)  # type: ignore[attr-defined]
        self.fields["sites"].queryset = Site.objects.order_by("name")  # type: ignore[attr-defined]
        if check.composed and definition is None:
            known = [("", "–"), *((one.name, f"{one.says} ({one.name})") for one in kinds.every())]
            compare = [(name, words) for name, (_, words) in OPERATORS.items() if name != "in"]
            for number in range(1, COMPARED + 1):
                optional = number > 1 or check.papers is not None
                self.fields[f"fact_{number}"] = forms.ChoiceField(
                    label=f"Fact {number}", choices=known, required=not optional
                )
                self.fields[f"op_{number}"] = forms.ChoiceField(
                    label=f"Fact {number}: how it compares", choices=compare, required=not optional
                )
                self.fields[f"value_{number}"] = forms.CharField(
                    label=f"Fact {number}: with what", max_length=60, required=not optional,
                    help_text="A share between 0 and 1, a number, yes or no.",
                )  # fmt: skip
            if check.papers:
                asked = [(name, words) for name, (words, _) in CONDITIONS.items()]
                for number in range(1, COMPARED + 1):
                    self.fields[f"paper_{number}"] = forms.ChoiceField(
                        label=f"Paper {number}", choices=[("", "–"), *check.papers()], required=False
                    )
                    self.fields[f"asked_{number}"] = forms.ChoiceField(
                        label=f"Paper {number}: what is asked of it", choices=asked, initial="in_force", required=False
                    )

    def clean(self) -> dict[str, Any]:
        """Refuse a fact without a value, and a value of another kind."""
        said = super().clean() or {}
        leaves = []
        for number in range(1, COMPARED + 1):
            name = said.get(f"fact_{number}")
            if not name:
                continue
            value = _value(kinds.find(name).value_type, said.get(f"value_{number}", ""))
            if value is None:
                self.add_error(f"value_{number}", "Give a value of the fact's own kind.")
                continue
            leaves.append({"fact": name, "op": said.get(f"op_{number}") or "eq", "value": value})
        leaves += self._papers(said)
        if self.check_made.composed and not leaves and not self.errors and "fact_1" in self.fields:
            self.add_error("fact_1", "Choose a fact or a paper that must hold.")
        said["criteria"] = {"all": leaves} if leaves else {}
        return said

    def _papers(self, said: dict[str, Any]) -> list[dict[str, Any]]:
        words = dict(self.check_made.papers() if self.check_made.papers else [])
        named = [(said.get(f"paper_{number}"), said.get(f"asked_{number}")) for number in range(1, COMPARED + 1)]
        return [
            {"fact": "paper.state", "control": key, **CONDITIONS[asked or "in_force"][1], "says": words[key]}
            for key, asked in named
            if key
        ]

    @property
    def values(self) -> dict[str, Any]:
        """What the verb takes."""
        said = self.cleaned_data
        names = ("title", "must_hold", "rhythm", "finish_in", "sample", "owner")
        return {**{name: said[name] for name in names}, "sites": [site.pk for site in said["sites"]]}


def _value(wanted: type, text: str) -> Any:
    text = text.strip()
    if wanted is bool:
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower())
    if wanted in (int, float):
        try:
            return wanted(text)
        except ValueError:
            return None
    return text or None


class DecideForm(Form):
    """Keep or revoke, and why."""

    decision = forms.ChoiceField(choices=[(KEEP, "Keep"), (REVOKE, "Revoke")])
    reason = forms.CharField(max_length=500)


class FindingForm(Form):
    """What does not hold, who puts it right, and by when."""

    text = forms.CharField(label="What does not hold", max_length=500, widget=TEXT)
    owner = forms.ModelChoiceField(User.objects.none(), label="Who puts it right")
    due_on = forms.DateField(label="By", widget=DateInput)
    lines = forms.ModelMultipleChoiceField(
        Run.objects.none(), label="Lines it is about", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        """Offer the lines that no finding has yet, all of them ticked."""
        free = run.lines.filter(finding=None, decision="").exclude(holds=True).order_by("number")
        kwargs.setdefault("initial", {"lines": list(free[:200]), "due_on": calendar().shift(timezone.localdate(), 10)})
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_with(Permission.COMMENT_INTERNAL)  # type: ignore[attr-defined]
        self.fields["lines"].queryset = free  # type: ignore[attr-defined]
        if not free.exists():
            del self.fields["lines"]


class HandOverForm(Form):
    """Another owner, another day, and why."""

    owner = forms.ModelChoiceField(User.objects.none(), label="Who puts it right")
    due_on = forms.DateField(label="By", widget=DateInput)
    reason = forms.CharField(label="Why it changes", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer those who work here."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_with(Permission.COMMENT_INTERNAL)  # type: ignore[attr-defined]


class CorrectForm(Form):
    """What was done."""

    what = forms.CharField(label="What was done", max_length=1000, widget=TEXT)


class RetestForm(Form):
    """What was looked at, for a finding that no rule looks at."""

    holds = forms.ChoiceField(label="Does it hold now?", choices=[("yes", "It holds"), ("no", "It does not hold")])
    says = forms.CharField(label="What you looked at", max_length=500, widget=TEXT)


class StatementForm(Form):
    """The sentence that is signed."""

    statement = forms.CharField(label="Statement, as it should stand in the record", max_length=1000, widget=TEXT)


class PackForm(Form):
    """What a pack is about, and over which days."""

    deployment = forms.TypedChoiceField(label="About", required=False, coerce=UUID, empty_value=None)
    since = forms.DateField(label="From", widget=DateInput)
    until = forms.DateField(label="To", widget=DateInput)

    def __init__(self, *args: Any, deployment: str = "", **kwargs: Any) -> None:
        """Offer the whole organization and each deployment, over the year that ends today."""
        today = timezone.localdate()
        kwargs["initial"] = {"deployment": deployment, "since": months_from(today, -12), "until": today}
        super().__init__(*args, **kwargs)
        known = [(str(pk), title) for pk, title in sections.deployments()]
        self.fields["deployment"].choices = [("", "The whole organization"), *known]  # type: ignore[attr-defined]
