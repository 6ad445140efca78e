"""What a review asks for."""

from typing import Any
from uuid import UUID

from django import forms

from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.people import host_people
from onboarding.reviews.models import Review
from onboarding.reviews.models.review import Found
from web.forms import DateInput, Form

FINDINGS = 3
"""At most three actions, each with a date: more are not done."""


class HoldForm(Form):
    """Who took part, what was seen, what is done about it."""

    attendees = forms.MultipleChoiceField(label="Who took part", widget=forms.CheckboxSelectMultiple)
    summary = forms.CharField(
        label="What you saw", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Talk with two who use it much and two who do not. Never patient data.",
    )  # fmt: skip

    def __init__(self, deployment: Deployment, *args: Any, **kwargs: Any) -> None:
        """Offer the host's people, and three findings with a team role and a date."""
        super().__init__(*args, **kwargs)
        people = [(str(one.id), one.label) for one in host_people(deployment.pk)]
        self.fields["attendees"].choices = people  # type: ignore[attr-defined]
        roles = TeamRole.objects.filter(deployment=deployment).order_by("title").values_list("code", "title")
        for number in range(1, FINDINGS + 1):
            self.fields[f"text_{number}"] = forms.CharField(
                label=f"Finding {number}: what is done", required=False, max_length=300
            )
            self.fields[f"owner_{number}"] = forms.ChoiceField(
                label=f"Finding {number}: by whom", required=False, choices=[("", "–"), *roles]
            )
            self.fields[f"due_{number}"] = forms.DateField(
                label=f"Finding {number}: until", required=False, widget=DateInput
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a finding without owner or date."""
        said = super().clean() or {}
        for number in range(1, FINDINGS + 1):
            if said.get(f"text_{number}") and not (said.get(f"owner_{number}") and said.get(f"due_{number}")):
                self.add_error(f"text_{number}", "A finding has a team role and a date.")
        return said

    @property
    def people(self) -> list[UUID]:
        """Who took part."""
        return [UUID(one) for one in self.cleaned_data["attendees"]]

    @property
    def findings(self) -> list[Found]:
        """The findings that were written."""
        said: dict[str, Any] = self.cleaned_data
        return [
            Found(said[f"text_{number}"], said[f"owner_{number}"], said[f"due_{number}"])
            for number in range(1, FINDINGS + 1)
            if said.get(f"text_{number}")
        ]


class DecideForm(Form):
    """Scale, fix or stop."""

    decision = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[
            (Review.Decision.SCALE, "Scale: the next wave is proposed"),
            (Review.Decision.FIX, "Fix: the findings are worked on first"),
            (Review.Decision.STOP, "Stop: the decommission begins"),
        ],
    )
    reason = forms.CharField(
        label="Reason, as it should stand in the record", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    printed_name = forms.CharField(label="Your name, printed", max_length=120)
