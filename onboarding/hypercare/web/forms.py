"""What hypercare asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from facts.kinds import Kind
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.people import everyone
from onboarding.golive.web.forms import FiguresForm
from onboarding.hypercare.models import CommandEntry, Ticket
from onboarding.hypercare.severity import MEANING, Severity, Target
from web.forms import DateInput, Form

SEVERITIES = [(one.value, f"{one.label}: {MEANING[one.value]}") for one in Severity]


class ReportForm(Form):
    """What was seen, by whoever saw it."""

    kind = forms.ChoiceField(
        label="What is it?",
        widget=forms.RadioSelect,
        choices=[
            ("defect", "A defect: it does not do what was agreed"),
            ("question", "A question: it does, but somebody needs help"),
            ("request", "A request: it would be nice to have"),
        ],
    )
    severity = forms.TypedChoiceField(
        label="How bad, for a defect", choices=[("", "–"), *SEVERITIES], required=False, coerce=int, empty_value=None,
        help_text="In doubt, the graver one: going down later costs nothing.",
    )  # fmt: skip
    title = forms.CharField(label="In one sentence", max_length=160)
    detail = forms.CharField(
        label="Where, when, how often", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never a patient's name, number or picture.",
    )  # fmt: skip
    topic = forms.CharField(
        label="Topic", required=False, max_length=60,
        help_text="The same words each time, such as “alert routing”: the ten most frequent get an article.",
        widget=forms.TextInput(attrs={"list": "topics"}),
    )  # fmt: skip
    workaround = forms.CharField(label="Way around it", required=False, max_length=500)
    safety = forms.BooleanField(
        label="A patient was, or could have been, harmed",
        required=False,
        help_text="It is reviewed before hypercare ends.",
    )
    item = forms.IntegerField(
        label="Checklist item it belongs to", required=False, min_value=1, max_value=9999, help_text="Its number."
    )

    def __init__(self, deployment: Deployment, *args: Any, **kwargs: Any) -> None:
        """Take the deployment whose items may be named."""
        self._deployment = deployment
        super().__init__(*args, **kwargs)

    def clean_item(self) -> Item | None:
        """Return the item of that number."""
        number = self.cleaned_data["item"]
        if number is None:
            return None
        found: Item | None = Item.objects.of_deployment(self._deployment.pk).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(f"The checklist has no item #{number}.")
        return found

    @property
    def said(self) -> dict[str, Any]:
        """The values as the verb takes them; what is no defect has no severity."""
        values = dict(self.cleaned_data)
        if values["kind"] != Ticket.Kind.DEFECT:
            values["severity"] = None
        return values


class ChangeForm(Form):
    """What is known of a ticket by now."""

    title = forms.CharField(label="In one sentence", max_length=160)
    detail = forms.CharField(
        label="Where, when, how often", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    topic = forms.CharField(
        label="Topic", required=False, max_length=60, widget=forms.TextInput(attrs={"list": "topics"})
    )
    workaround = forms.CharField(label="Way around it", required=False, max_length=500)
    plan = forms.CharField(
        label="Plan",
        required=False,
        max_length=500,
        help_text="How and when it will be fixed. A Sev-2 needs one to leave hypercare.",
    )
    owner = forms.ChoiceField(label="Owner", required=False)
    safety = forms.BooleanField(label="A patient was, or could have been, harmed", required=False)

    def __init__(self, deployment: Deployment, *args: Any, **kwargs: Any) -> None:
        """Offer those who can see the deployment's items."""
        super().__init__(*args, **kwargs)
        people = [(str(one.id), one.label) for one in everyone(deployment.pk)]
        self.fields["owner"].choices = [("", "Nobody yet"), *people]  # type: ignore[attr-defined]

    @property
    def said(self) -> dict[str, Any]:
        """The values as the verb takes them."""
        values = dict(self.cleaned_data)
        owner = values.pop("owner")
        values["owner_id"] = UUID(owner) if owner else None
        return values


class GradeForm(Form):
    """Another grade, with its reason."""

    kind = forms.ChoiceField(label="Kind", choices=Ticket.Kind.choices)
    severity = forms.TypedChoiceField(
        label="Severity, of a defect", choices=[("", "–"), *SEVERITIES], required=False, coerce=int, empty_value=None
    )
    reason = forms.CharField(label="Why", max_length=300)


class FiguresOfDay(FiguresForm):
    """The figures that are reported at one deployment."""

    def __init__(self, kinds: Mapping[str, Kind], *args: Any, **kwargs: Any) -> None:
        """Take the kinds that are reported there."""
        self.kinds = kinds
        super().__init__(*args, **kwargs)


class ExtensionForm(Form):
    """More time, and why."""

    until = forms.DateField(label="Hypercare lasts until", widget=DateInput)
    reason = forms.CharField(
        label="Why, and what changes meanwhile", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class TermsForm(Form):
    """Target times, and where the service desk keeps its tickets."""

    desk_elsewhere = forms.BooleanField(
        label="The service desk keeps its tickets in another system", required=False,
        help_text="Then its figures are reported here each day instead of computed.",
    )  # fmt: skip

    def __init__(self, targets: Mapping[int, Target], *args: Any, **kwargs: Any) -> None:
        """One pair of fields for each severity."""
        super().__init__(*args, **kwargs)
        for one in Severity:
            target = targets[one]
            self.fields[f"answer_{one}"] = forms.IntegerField(
                label=f"{one.label}: taken up within, minutes",
                min_value=5,
                max_value=10080,
                initial=target.answer_minutes,
            )
            hours = one == Severity.CRITICAL
            self.fields[f"fix_{one}"] = forms.IntegerField(
                label=f"{one.label}: fixed within, {'hours' if hours else 'working days'}",
                min_value=1,
                max_value=72 if hours else 120,
                initial=target.fix_hours if hours else target.fix_days,
            )

    @property
    def targets(self) -> dict[int, Target]:
        """The targets as the verb takes them: a Sev-1 counts hours of the clock, the others working days."""
        said = self.cleaned_data
        return {
            int(one): Target(
                said[f"answer_{one}"],
                fix_hours=said[f"fix_{one}"] if one == Severity.CRITICAL else 0,
                fix_days=0 if one == Severity.CRITICAL else said[f"fix_{one}"],
            )
            for one in Severity
        }


class CommandForm(Form):
    """An entry of the command center."""

    kind = forms.ChoiceField(label="Kind", choices=CommandEntry.Kind.choices)
    text = forms.CharField(
        label="What the next shift must know", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never real patient data.",
    )  # fmt: skip
    handed_to = forms.ChoiceField(label="Handed over to", required=False)

    def __init__(self, deployment: Deployment, *args: Any, **kwargs: Any) -> None:
        """Offer those who can see the deployment's items."""
        self.deployment = deployment
        super().__init__(*args, **kwargs)
        people = [(str(one.id), one.label) for one in everyone(deployment.pk)]
        self.fields["handed_to"].choices = [("", "–"), *people]  # type: ignore[attr-defined]
