"""Forms of a run."""

from datetime import datetime, time

from django import forms

from onboarding.cutover.clock import zone_of
from onboarding.cutover.facts import CUTOVER
from onboarding.cutover.models import Alarm, Run
from onboarding.deployments.models import Deployment
from onboarding.golive.web.forms import FiguresForm
from web.forms import DateInput, Form

EARLY = time(5, 0)
"""Before the clinic opens."""


class PlanForm(Form):
    """A rehearsal or the cut-over, and when it starts on the clinic's clock."""

    kind = forms.ChoiceField(label="What is planned", choices=Run.Kind.choices, widget=forms.RadioSelect)
    day = forms.DateField(label="Day", widget=DateInput)
    hour = forms.TimeField(
        label="Starts at",
        help_text="On the clinic's clock.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, deployment: Deployment, *args: object, **kwargs: object) -> None:
        """Offer the go-live day, before the clinic opens."""
        self.zone = zone_of(deployment)
        first = {"kind": Run.Kind.REHEARSAL, "day": deployment.go_live_on, "hour": EARLY}
        super().__init__(*args, **{"initial": first, **kwargs})

    @property
    def starts_at(self) -> datetime:
        """The moment, in the clinic's time zone."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"], tzinfo=self.zone)


class DoneForm(Form):
    """What showed that the step is done, and when it was pressed on a device that was offline."""

    note = forms.CharField(label="What showed it", max_length=500, required=False)
    at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S%z"])


class EntryForm(Form):
    """A line of the command log."""

    text = forms.CharField(label="Entry", max_length=1000, required=False)


class DecideForm(Form):
    """What is done about a trigger that fired."""

    decision = forms.ChoiceField(label="Decision", choices=Alarm.Decision.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="Why, as it stands in the record", max_length=500)


class TriggerForm(FiguresForm):
    """The figures that the rollback triggers read."""

    kinds = CUTOVER
