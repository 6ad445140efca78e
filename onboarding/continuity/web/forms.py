"""What continuity asks for."""

from typing import Any

from django import forms

from onboarding.continuity.models import FundingSource
from onboarding.deployments.models import Deployment
from onboarding.deployments.people import host_people
from web.forms import DateInput, Form


class LeavingForm(Form):
    """The last day of the champion."""

    last_day = forms.DateField(label="The champion's last day here", widget=DateInput)


class SuccessorForm(Form):
    """Who takes the role."""

    successor = forms.ChoiceField(label="Successor")

    def __init__(self, deployment: Deployment, *args: Any, **kwargs: Any) -> None:
        """Offer the host's own people."""
        super().__init__(*args, **kwargs)
        people = [(str(one.id), one.label) for one in host_people(deployment.pk)]
        self.fields["successor"].choices = [("", "–"), *people]  # type: ignore[attr-defined]


class SourceForm(Form):
    """A source of money, or what is left of one."""

    title = forms.CharField(label="Source", max_length=120, help_text="The same name again changes what is left of it.")
    kind = forms.ChoiceField(label="Kind", choices=FundingSource.Kind.choices)
    left = forms.DecimalField(label="Left to spend, $", min_value=0, max_digits=12, decimal_places=2)
    begins_on = forms.DateField(label="Pays from", widget=DateInput)
    ends_on = forms.DateField(
        label="Pays until", required=False, widget=DateInput, help_text="Empty: it does not lapse."
    )


class CostForm(Form):
    """What a month costs."""

    amount = forms.DecimalField(
        label="Cost of a month, $", min_value=1, max_digits=12, decimal_places=2,
        help_text="Licenses, support, and the hours of your people: the whole program, all sites.",
    )  # fmt: skip
