"""What the pages of a plan accept."""

from collections.abc import Iterable
from typing import Any

from django import forms

from onboarding.plans.criteria import Criterion
from onboarding.plans.standing import Standing
from tenancy.models import Site
from web.forms import NEAR, DateInput, Form

KICK_OFF = "kick-off"


class MoveForm(Form):
    """Which date, where to, and why. `item` is an item's number, `KICK_OFF`, or empty for go-live itself."""

    item = forms.ChoiceField(label="What moves", required=False)
    to = forms.DateField(
        label="New date", widget=DateInput, validators=NEAR, error_messages={"required": "Choose a date."}
    )
    reason = forms.CharField(
        label="Why it moves", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, plan: Standing, reason_wanted: bool = False, **kwargs: Any) -> None:
        """Offer go-live and the open items; the reason is wanted when the date is applied, not while it is tried."""
        super().__init__(*args, **kwargs)
        items = [(str(row.number), str(row)) for row in plan.rows.values() if row.open]
        self.fields["item"].choices = [("", "Go-live"), (KICK_OFF, "Kick-off"), *items]  # type: ignore[attr-defined]
        self.fields["reason"].required = reason_wanted


class MoveManyForm(Form):
    """Another go-live date for several deployments, or by how many days it moves."""

    to = forms.DateField(label="New go-live date", required=False, widget=DateInput, validators=NEAR)
    days = forms.IntegerField(
        label="Or move by calendar days",
        required=False,
        min_value=-366,
        max_value=366,
        help_text="14 is two weeks later, -7 a week earlier; on to the next working day.",
    )
    reason = forms.CharField(
        label="Why it moves", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, reason_wanted: bool = False, **kwargs: Any) -> None:
        """The reason is wanted when the dates are applied, not while they are tried."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = reason_wanted

    def clean(self) -> dict[str, Any]:
        """A date or a number of days, not both and not neither."""
        values: dict[str, Any] = super().clean() or {}
        if bool(values.get("to")) == bool(values.get("days")):
            self.add_error("to", "Choose a date, or a number of days.")
        return values


class CommitForm(Form):
    """Why other dates are committed to."""

    reason = forms.CharField(label="Why the dates are new", max_length=500, required=False)


class ClosedDayForm(Form):
    """A day on which the organization, or one site, is closed."""

    day = forms.DateField(label="Day", widget=DateInput, validators=NEAR)
    title = forms.CharField(label="Why", max_length=120)
    site: Any = forms.ModelChoiceField(label="Site", queryset=None, required=False, empty_label="All sites")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the sites of the organization in scope."""
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.open().order_by("name")  # type: ignore[attr-defined]


class BlackoutForm(ClosedDayForm):
    """A period in which nothing goes live."""

    day = None  # type: ignore[assignment]
    first = forms.DateField(label="First day", widget=DateInput, validators=NEAR)
    last = forms.DateField(label="Last day", widget=DateInput, validators=NEAR)
    field_order = ("first", "last", "title", "site")


class WaveRulesForm(Form):
    """Which sites go first, for how long, and what must hold before."""

    canaries = forms.MultipleChoiceField(
        label="Canary sites",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They go first; the others follow.",
    )
    stable_days = forms.IntegerField(
        label="Days a canary site is live before the others follow", min_value=0, max_value=365
    )
    criteria = forms.MultipleChoiceField(label="Entry criteria", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, sites: list[tuple[str, str]], criteria: Iterable[Criterion], **kwargs: Any) -> None:
        """Offer the wave's own sites, by id and name, and what may be asked before it starts."""
        super().__init__(*args, **kwargs)
        self.fields["canaries"].choices = sites  # type: ignore[attr-defined]
        self.fields["criteria"].choices = [(one.key, one.title) for one in criteria]  # type: ignore[attr-defined]
