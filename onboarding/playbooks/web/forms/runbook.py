"""Forms of the cut-over runbook: who decides, a step, and a trigger. Unfinished is allowed: the check tells the rest."""

from typing import Any

from django import forms
from django.utils.text import slugify

from facts.criteria import OPERATORS
from facts.kinds import find, unit_of
from onboarding.playbooks.expressions import TRIGGER_FACTS, TRIGGER_OPERATORS
from onboarding.playbooks.plain import Plain, mapping, mappings
from onboarding.playbooks.shape import DECIDE_WITHIN
from onboarding.playbooks.web.forms.rows import free
from web.forms import Form

LONGEST_STEP = 24 * 60
"""Minutes."""


class RoleChoices(Form):
    """A form whose `ROLES` are chosen from the roles of the draft."""

    ROLES: tuple[str, ...] = ()

    def _choose(self, head: Plain) -> None:
        roles = [(str(one.get("code") or ""), str(one.get("title") or "")) for one in mappings(head.get("roles"))]
        for name in self.ROLES:
            self.fields[name].choices = [("", "Nobody yet"), *roles]  # type: ignore[attr-defined]


class RunbookForm(RoleChoices):
    """What holds for the whole cut-over."""

    ROLES = ("decides", "deputy")
    decides = forms.ChoiceField(label="Decides on a rollback", required=False)
    deputy = forms.ChoiceField(label="Their deputy", required=False)
    float_minutes = forms.IntegerField(
        label="Float, minutes", min_value=0, max_value=LONGEST_STEP, help_text="How late the end may be without harm."
    )
    decide_within_minutes = forms.IntegerField(
        label="Decide within, minutes",
        required=False,
        min_value=1,
        max_value=240,
        help_text=f"From a trigger that fires to the decision. Empty: {DECIDE_WITHIN}.",
    )

    def __init__(self, data: Any = None, *, head: Plain, runbook: Plain) -> None:
        """Show what the runbook says."""
        super().__init__(data, initial=runbook)
        self._choose(head)

    def values(self) -> Plain:
        """Return the fields in the file format."""
        found = self.cleaned_data
        return {name: found[name] for name in ("decides", "deputy", "float_minutes")} | (
            {"decide_within_minutes": found["decide_within_minutes"]} if found["decide_within_minutes"] else {}
        )


class StepForm(RoleChoices):
    """A step of the cut-over."""

    ROLES = ("owner", "deputy")
    title = forms.CharField(max_length=70)
    owner = forms.ChoiceField(label="Owner role", required=False)
    deputy = forms.ChoiceField(label="Deputy role", required=False)
    minutes = forms.IntegerField(label="Planned minutes", required=False, min_value=1, max_value=LONGEST_STEP)
    verification = forms.CharField(
        label="What shows that it is done",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Something that can be seen: a count, a log line, an answer.",
    )
    back_out = forms.CharField(
        label="Back-out step",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What takes it back. It is what a rollback runs. “Nothing to undo.” where that is so.",
    )
    point_of_no_return = forms.BooleanField(
        label="Point of no return: from this step on, the way back is another one",
        required=False,
        help_text="One step of a runbook is. Saving with this ticked takes the mark from the step that has it.",
    )

    def __init__(self, data: Any = None, *, head: Plain, step: Plain) -> None:
        """Show the step."""
        super().__init__(data, initial=step)
        self._choose(head)

    def plain(self, standing: Plain, taken: set[str]) -> Plain:
        """Return the step in the file format; its key stays, a new one is made from the title."""
        found = self.cleaned_data
        key = standing.get("key") or free(slugify(found["title"])[:60] or "step", taken)
        said = {name: found[name] for name in ("owner", "deputy", "minutes", "verification", "back_out")}
        return {
            "number": standing.get("number"),
            "key": key,
            "title": found["title"],
            **{name: value for name, value in said.items() if value not in (None, "")},
            "point_of_no_return": found["point_of_no_return"],
        }


class TriggerForm(Form):
    """A figure of the command center that asks for a decision once it is beyond its limit."""

    title = forms.CharField(max_length=70)
    fact = forms.ChoiceField(label="Figure", required=False)
    op = forms.ChoiceField(
        label="Fires when it", required=False, choices=[(name, OPERATORS[name][1]) for name in TRIGGER_OPERATORS]
    )
    limit = forms.FloatField(
        required=False, min_value=0, max_value=1_000_000, help_text="A count; for a share, percent."
    )
    for_minutes = forms.IntegerField(
        label="For how many minutes without a break",
        min_value=0,
        max_value=LONGEST_STEP,
        help_text="0: at once.",
    )
    says = forms.CharField(
        label="What the figure is, in words",
        required=False,
        max_length=200,
        help_text="Left empty: the figure's own name.",
    )

    def __init__(self, data: Any = None, *, trigger: Plain) -> None:
        """Show the trigger; what a file brought and no trigger can watch is chosen anew."""
        super().__init__(data, initial=_trigger_fields(trigger))
        named = [(name, find(name).says) for name in TRIGGER_FACTS]
        self.fields["fact"].choices = [("", "None yet"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a figure without its limit."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("fact") and found.get("limit") is None:
            self.add_error("limit", "Enter the limit.")
        return found

    def plain(self, standing: Plain, taken: set[str]) -> Plain:
        """Return the trigger in the file format; its key stays, a new one is made from the title."""
        found = self.cleaned_data
        key = standing.get("key") or free(slugify(found["title"])[:60] or "trigger", taken)
        made: Plain = {"key": key, "title": found["title"], "for_minutes": found["for_minutes"]}
        return made | ({"when": self._leaf()} if found["fact"] else {})

    def _leaf(self) -> Plain:
        fact, limit = self.cleaned_data["fact"], self.cleaned_data["limit"]
        value = round(limit / 100, 6) if unit_of(fact) == "share" else limit
        whole = TRIGGER_FACTS[fact] is int and float(value).is_integer()
        says = self.cleaned_data["says"] or find(fact).says
        return {"fact": fact, "op": self.cleaned_data["op"], "value": int(value) if whole else value, "says": says}


def _trigger_fields(trigger: Plain) -> Plain:
    found = {"title": trigger.get("title"), "for_minutes": trigger.get("for_minutes", 0)}
    when = mapping(trigger.get("when"))
    fact, op, value = str(when.get("fact")), when.get("op"), when.get("value")
    if fact not in TRIGGER_FACTS or op not in TRIGGER_OPERATORS or not isinstance(value, (int, float)):
        return found
    shown = round(100 * value, 6) if unit_of(fact) == "share" else value
    limit = int(shown) if float(shown).is_integer() else shown
    return found | {"fact": fact, "op": op, "limit": limit, "says": when.get("says")}
