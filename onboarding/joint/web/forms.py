"""What the pages of joint waves accept."""

from typing import Any

from django import forms

from onboarding.joint.models.staff import ROLES
from web.forms import Form


class StaffForm(Form):
    """Whose hours a site gets, and around its go-live for how long."""

    user = forms.ChoiceField(label="Person")
    role = forms.ChoiceField(label="As", choices=list(ROLES.items()))
    hours = forms.IntegerField(label="Hours a week", min_value=1, max_value=60, initial=8)
    weeks_before = forms.IntegerField(label="Weeks before go-live", min_value=0, max_value=26, initial=4)
    weeks_after = forms.IntegerField(label="Weeks after go-live", min_value=0, max_value=26, initial=2)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the leader's own people."""
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = people  # type: ignore[attr-defined]
