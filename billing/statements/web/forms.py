"""Forms of contracts and statements."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from billing.contracts.amount import CURRENCIES
from billing.contracts.models import Milestone
from billing.contracts.models.contract import USUAL
from billing.contracts.offers import offers
from tenancy.models import Organization
from web.forms import DateInput, Form


class ContractForm(Form):
    """What is agreed."""

    reference = forms.CharField(
        label="Reference", max_length=32, help_text="As it stands on the paper, such as SW-2026-01"
    )
    title = forms.CharField(label="What it is about", max_length=120)
    vendor: Any = forms.ModelChoiceField(label="Vendor", queryset=None)
    currency = forms.ChoiceField(label="Currency", choices=[(code, code) for code in CURRENCIES])
    fee = forms.DecimalField(
        label="Implementation fee of each deployment", min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    starts_on = forms.DateField(label="Starts on", widget=DateInput)
    ends_on = forms.DateField(label="Ends on", widget=DateInput, required=False)
    net_days = forms.IntegerField(label="Days to pay", min_value=0, max_value=365, initial=30)
    covers = forms.MultipleChoiceField(label="Deployments it covers", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer vendors, the deployments that may be covered, and a share for every milestone."""
        super().__init__(*args, **kwargs)
        offered = offers()
        makers = {one.vendor_id for one in offered if one.vendor_id}
        vendors = Organization.objects.filter(pk__in=makers, kind=Organization.Kind.VENDOR).order_by("name")
        self.fields["vendor"].queryset = vendors  # type: ignore[attr-defined]
        self.fields["covers"].choices = [(str(one.deployment_id), one.label) for one in offered]  # type: ignore[attr-defined]
        for trigger, percent in USUAL:
            self.fields[_share(trigger)] = forms.DecimalField(
                label=f"{Milestone.Trigger(trigger).label}, percent of the fee",
                min_value=Decimal(0),
                max_value=Decimal(100),
                max_digits=5,
                decimal_places=2,
                initial=percent,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Ask for shares that make a whole before anything is written."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        total = sum((percent for _, percent in self.plan), Decimal(0))
        if not self.errors and total != 100:
            raise forms.ValidationError(f"The milestones make {total.normalize():f} %, not 100 %.")
        return cleaned

    @property
    def plan(self) -> list[tuple[str, Decimal]]:
        """The milestones that were given a share."""
        found = [(trigger, self.cleaned_data.get(_share(trigger))) for trigger, _ in USUAL]
        return [(str(trigger), percent) for trigger, percent in found if percent]

    @property
    def terms(self) -> dict[str, Any]:
        """What the verb takes."""
        names = ("reference", "title", "vendor", "currency", "fee", "starts_on", "ends_on", "net_days")
        covers = [UUID(one) for one in self.cleaned_data["covers"]]
        return {**{name: self.cleaned_data[name] for name in names}, "covers": covers, "plan": self.plan}


class MilestoneForm(Form):
    """A share of the fee and its event."""

    trigger = forms.ChoiceField(label="Due when", choices=Milestone.Trigger.choices)
    percent = forms.DecimalField(
        label="Percent of the fee", min_value=Decimal("0.01"), max_value=Decimal(100), max_digits=5, decimal_places=2
    )


class EndForm(Form):
    """The last day that counts."""

    on = forms.DateField(label="Last day", widget=DateInput)


class ReturnForm(Form):
    """Why a statement is not finalized."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class CorrectionForm(Form):
    """What a line should be."""

    should_be = forms.DecimalField(label="The line should be", max_digits=12, decimal_places=2)
    reason = forms.CharField(
        label="Reason, as both parties read it", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


def _share(trigger: str) -> str:
    return "share_" + str(Milestone.Trigger(trigger).name).lower()
