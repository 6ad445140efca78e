"""What the pages of a deployment accept: each form names the mistake in words a person can act on."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from onboarding.deployments.models import Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from web.forms import DateInput, Form


class Panel(Form):
    """A form of one or two fields inside the item panel; a mistake is said in the panel's own note."""

    @classmethod
    def cleaned(cls, *args: Any) -> dict[str, Any]:
        """Return the values; raise ItemRefused with the first mistake."""
        form = cls(*args)
        if not form.is_valid():
            raise ItemRefused(" ".join(str(text) for errors in form.errors.values() for text in errors[:1]))
        return form.cleaned_data


class ReasonForm(Panel):
    """Why."""

    reason_text = forms.CharField(
        max_length=500, error_messages={"required": "Say why: the reason is kept in the record."}
    )

    @classmethod
    def reason(cls, data: QueryDict) -> str:
        """Return the reason."""
        return str(cls.cleaned({"reason_text": data.get("reason", "")})["reason_text"])


class BlockForm(Panel):
    """What stops the work and whom it waits for."""

    reason = forms.CharField(
        max_length=500, error_messages={"required": "Say what blocks the item: the blocker is reminded, not you."}
    )
    waits_for = forms.CharField(max_length=4, required=False)

    @classmethod
    def read(cls, data: QueryDict, deployment_id: Any) -> dict[str, Any]:
        """Return reason and team role; raise ItemRefused for a role the team does not have."""
        values = cls.cleaned(data)
        role = values["waits_for"]
        if role and not TeamRole.objects.filter(deployment_id=deployment_id, code=role).exists():
            raise ItemRefused(f"The team has no role {role}: choose one from the list.")
        return values


class DueForm(Panel):
    """Another due date."""

    due_on = forms.DateField(
        widget=DateInput,
        error_messages={"required": "Choose a date.", "invalid": "That is not a date: write it as 2026-11-24."},
    )

    @classmethod
    def day(cls, data: QueryDict) -> date:
        """Return the date."""
        found: date = cls.cleaned(data)["due_on"]
        return found


class CommentForm(Panel):
    """A remark."""

    body = forms.CharField(max_length=4000, error_messages={"required": "Write something before you comment."})
    internal = forms.BooleanField(required=False)

    @classmethod
    def read(cls, data: QueryDict) -> dict[str, Any]:
        """Return text and audience."""
        return cls.cleaned(data)


class EvidenceForm(Panel):
    """A file and which wanted kind it answers."""

    file = forms.FileField(max_length=200, allow_empty_file=True, error_messages={"required": "Choose a file."})
    wanted_key = forms.CharField(max_length=80, required=False)
    valid_until = forms.DateField(
        required=False, error_messages={"invalid": "Valid until is not a date: write it as 2026-11-24."}
    )
    for_partners = forms.BooleanField(required=False)

    @classmethod
    def read(cls, data: QueryDict, files: Any, item: Item) -> dict[str, Any]:
        """Return the values; raise ItemRefused for a kind that the item does not want."""
        values = cls.cleaned(data, files)
        if values["wanted_key"] and values["wanted_key"] not in {one["key"] for one in item.evidence_wanted}:
            raise ItemRefused(f"{item} does not ask for that kind of evidence.")
        return values
