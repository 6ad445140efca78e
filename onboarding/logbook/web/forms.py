"""What the log and the routines ask for."""

from typing import Any

from django import forms

from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.people import host_people
from onboarding.logbook.models import LogEntry, Routine
from web.forms import DateInput, Form

SCORES = [("", "–"), *((number, str(number)) for number in range(1, 6))]


class EntryForm(Form):
    """A risk, an issue or a decision."""

    kind = forms.ChoiceField(label="Kind", choices=LogEntry.Kind.choices)
    cause = forms.ChoiceField(
        label="What it is about",
        choices=LogEntry.Cause.choices,
        help_text="The usual ways in which a good tool fails to last.",
    )
    title = forms.CharField(label="In one sentence", max_length=160)
    detail = forms.CharField(
        label="Detail", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never real patient data.",
    )  # fmt: skip
    likelihood = forms.TypedChoiceField(
        label="Likelihood, for a risk", choices=SCORES, required=False, coerce=int, empty_value=None,
        help_text="1 hardly, 5 almost certain.",
    )  # fmt: skip
    impact = forms.TypedChoiceField(
        label="Impact, for a risk", choices=SCORES, required=False, coerce=int, empty_value=None,
        help_text="1 hardly felt, 5 the tool is lost to the site.",
    )  # fmt: skip
    severity = forms.TypedChoiceField(
        label="Severity, for an issue", choices=[("", "–"), *LogEntry.Severity.choices], required=False, coerce=int,
        empty_value=None,
    )  # fmt: skip
    response = forms.CharField(
        label="What is done about it", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Of a decision: why it was decided so.",
    )  # fmt: skip
    owner = forms.ChoiceField(label="Owner", required=False)
    due_on = forms.DateField(label="Looked at again on", required=False, widget=DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the organization's people."""
        super().__init__(*args, **kwargs)
        people = [(str(one.id), one.label) for one in host_people()]
        self.fields["owner"].choices = [("", "Nobody yet"), *people]  # type: ignore[attr-defined]

    @property
    def said(self) -> dict[str, Any]:
        """The values as the verbs take them."""
        values = dict(self.cleaned_data)
        values["owner_id"] = values.pop("owner") or None
        if values["kind"] != LogEntry.Kind.RISK:
            values["likelihood"] = values["impact"] = None
        if values["kind"] != LogEntry.Kind.ISSUE:
            values["severity"] = None
        return values


class RoutineForm(Form):
    """What comes round again, and how often."""

    title = forms.CharField(label="What is done", max_length=100)
    owner = forms.ChoiceField(label="Team role")
    during = forms.ChoiceField(label="During hypercare", choices=Routine.During.choices, required=False)
    after = forms.ChoiceField(label="After hypercare", choices=Routine.After.choices, required=False)
    hypercare_days = forms.IntegerField(
        label="Hypercare lasts", min_value=1, max_value=180, initial=30, help_text="Calendar days from go-live."
    )

    def __init__(self, *args: Any, deployment: Deployment, **kwargs: Any) -> None:
        """Offer the deployment's team roles."""
        super().__init__(*args, **kwargs)
        roles = TeamRole.objects.filter(deployment=deployment).order_by("title").values_list("code", "title")
        self.fields["owner"].choices = list(roles)  # type: ignore[attr-defined]
