"""Forms of gates, waivers and cut-over."""

from collections.abc import Mapping
from typing import Any

from django import forms

from facts.kinds import Kind
from onboarding.deployments.models import Item, TeamRole
from onboarding.golive.models import GateReview, Vote
from web.forms import DateInput, Form


class VoteForm(Form):
    """A panel role's voice."""

    choice = forms.ChoiceField(label="Vote", choices=Vote.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason", max_length=500, required=False, help_text="A no-go needs one: it stands in the record."
    )


class ConditionForm(Form):
    """What a conditional go carries along."""

    item: Any = forms.ModelChoiceField(
        label="Open item", queryset=None, required=False, empty_label="None: a demand of this meeting"
    )
    title = forms.CharField(
        label="What has to be done",
        max_length=120,
        required=False,
        help_text="Where no item says it yet: it becomes one when the decision is signed.",
    )
    owner = forms.ChoiceField(label="Owner", required=False)
    workaround = forms.CharField(label="Workaround", max_length=500, help_text="What helps until it is done.")
    expires_on = forms.DateField(label="Last day", widget=DateInput)

    def __init__(self, review: GateReview, *args: Any, **kwargs: Any) -> None:
        """Offer the open items that do not block, and the roles of the team."""
        super().__init__(*args, **kwargs)
        items = (
            Item.objects.of_deployment(review.deployment_id).open().exclude(gate_class="blocks").filter(stage__lte=6)
        )
        self.fields["item"].queryset = items.filter(completed_by_gate=False)  # type: ignore[attr-defined]
        roles = TeamRole.objects.filter(deployment_id=review.deployment_id).order_by("title")
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "As on the item"),
            *roles.values_list("code", "title"),
        ]
        days = review.deployment.playbook_version.content.get("scorecard", {}).get("condition_expiry_days")
        self.fields["expires_on"].help_text = f"Within {days} days." if days else ""

    def clean(self) -> dict[str, Any]:
        """Take the item's own owner where none is named; a demand of the meeting's own needs one named."""
        found = super().clean() or {}
        if not found.get("owner"):
            if found.get("item"):
                found["owner"] = found["item"].owner
            elif found.get("title"):
                self.add_error("owner", "Choose who sees to it")
        return found


class DecisionForm(Form):
    """A decision and its signature."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=GateReview.Decision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a decision"},
    )
    reason = forms.CharField(
        label="Reason, as it should stand in the record", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    printed_name = forms.CharField(label="Your name, printed", max_length=120)


class SignForm(Form):
    """A countersignature."""

    printed_name = forms.CharField(label="Your name, printed", max_length=120)


class FiguresForm(Form):
    """Figures that become facts; shares are given as percent. What is left empty is not reported."""

    kinds: Mapping[str, Kind] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One field per kind of fact."""
        initial = kwargs.pop("initial", None) or {}
        shown = {
            name: round(value * 100, 4) if self.kinds[name].unit == "share" else value
            for name, value in initial.items()
        }
        super().__init__(*args, initial=shown, **kwargs)
        for name, kind in self.kinds.items():
            if kind.unit == "share":
                self.fields[name] = forms.FloatField(
                    label=f"{kind.says}, percent", min_value=0, max_value=100, required=False
                )
            elif kind.value_type is float:
                self.fields[name] = forms.FloatField(label=kind.says, min_value=0, required=False)
            else:
                self.fields[name] = forms.IntegerField(label=kind.says, min_value=0, required=False)

    def figures(self) -> dict[str, Any]:
        """Return what was reported, shares from 0 to 1."""
        given = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return {
            name: round(value / 100, 6) if self.kinds[name].unit == "share" else value for name, value in given.items()
        }


class WaiverForm(Form):
    """The question whether an item may pass with a gap."""

    item: Any = forms.ModelChoiceField(label="Conditional item", queryset=None)
    reason = forms.CharField(
        label="Why it cannot be done in time", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    compensating_control = forms.CharField(
        label="What protects people meanwhile", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    expires_on = forms.DateField(label="Ends on", widget=DateInput)

    def __init__(self, deployment_id: Any, *args: Any, **kwargs: Any) -> None:
        """Offer the deployment's open conditional items."""
        super().__init__(*args, **kwargs)
        items = Item.objects.of_deployment(deployment_id).open().filter(gate_class="conditional")
        self.fields["item"].queryset = items  # type: ignore[attr-defined]
