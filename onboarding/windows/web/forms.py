"""What the pages of windows ask for."""

from typing import Any

from django import forms

from accounts.models import Membership, User
from onboarding.deployments.models import Deployment
from onboarding.windows.chains import CHAINS, OWN, Chain, ChainRefused, find, own
from web.forms import DateInput, Form


class KeeperForm(Form):
    """Who keeps a series."""

    keeper = forms.ChoiceField(label="Kept by", help_text="Hears before each window opens and closes.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the organization's own people."""
        super().__init__(*args, **kwargs)
        members = Membership.objects.active().select_related("user").order_by("user__name")
        self.people: dict[str, User] = {str(member.user_id): member.user for member in members}
        self.fields["keeper"].choices = [(pk, str(user)) for pk, user in self.people.items()]  # type: ignore[attr-defined]

    @property
    def person(self) -> User:
        """Who was chosen; the form must be valid."""
        return self.people[self.cleaned_data["keeper"]]


class BeginForm(KeeperForm):
    """A series of a starter rule, or of one window of the organization's own."""

    chain = forms.ChoiceField(
        label="Rule", choices=[*((one.key, one.title) for one in CHAINS), (OWN, "A rule of our own")]
    )
    title = forms.CharField(
        label="Cohort or filing", max_length=120, help_text="“Aligned in March 2027”. Never a patient’s name or number."
    )
    starts_on = forms.DateField(label="Counted from", widget=DateInput, help_text="The day of the first event.")
    deployment = forms.ChoiceField(label="Deployment", required=False)
    own_title = forms.CharField(label="Own rule: what is handed in", max_length=120, required=False)
    own_opens = forms.IntegerField(label="Own rule: opens after days", min_value=0, max_value=3660, required=False)
    own_closes = forms.IntegerField(label="Own rule: closes after days", min_value=0, max_value=3660, required=False)
    own_repeats = forms.BooleanField(label="Own rule: each report opens the next window", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the deployments that go on."""
        super().__init__(*args, **kwargs)
        found = Deployment.objects.exclude(state=Deployment.State.DISCONTINUED)
        self.deployments = {str(one.pk): one for one in found.select_related("site", "tool_version__tool")}
        named = sorted(((pk, str(one)) for pk, one in self.deployments.items()), key=lambda pair: pair[1])
        self.fields["deployment"].choices = [("", "The whole organization"), *named]  # type: ignore[attr-defined]
        self.order_fields(["chain", "title", "starts_on", "keeper", "deployment"])

    def clean(self) -> dict[str, Any]:
        """Read the rule, one of the starters or one's own."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("chain") == OWN:
            try:
                self.rule = own(
                    said.get("own_title") or "",
                    -1 if said.get("own_opens") is None else said["own_opens"],
                    -1 if said.get("own_closes") is None else said["own_closes"],
                    repeats=said.get("own_repeats", False),
                )
            except ChainRefused as refusal:
                self.add_error("own_closes" if said.get("own_title") else "own_title", str(refusal))
        elif said.get("chain"):
            self.rule = find(said["chain"])  # type: ignore[assignment]
        return said

    rule: Chain

    @property
    def at(self) -> Deployment | None:
        """The deployment that was chosen."""
        return self.deployments.get(self.cleaned_data["deployment"])


class CorrectForm(Form):
    """The day on which it was handed in indeed, and why the other stood there."""

    on = forms.DateField(label="Handed in on", widget=DateInput)
    why = forms.CharField(label="Why it changes", max_length=300, help_text="It stands in the record.")


class CountFromForm(Form):
    """The day from which a series counts indeed."""

    starts_on = forms.DateField(label="Counted from", widget=DateInput)
    why = forms.CharField(label="Why it changes", max_length=300, help_text="It stands in the record.")


class MeetForm(Form):
    """The day on which something was handed in."""

    on = forms.DateField(label="Handed in on", widget=DateInput)
    note = forms.CharField(label="Receipt or remark", max_length=500, required=False)
