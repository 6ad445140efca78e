"""What the pages of the vault accept."""

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Membership, User
from onboarding.vault import controls
from onboarding.vault.files import StoredFile, store
from onboarding.vault.models import Paper
from tenancy.scope import current
from web.forms import DateInput, Form

LONGEST_ANSWER = 8000


class VersionForm(Form):
    """A file, or an answer in words, and how long it is valid."""

    question = forms.CharField(label="Question", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    words = forms.CharField(label="Answer", max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 6}))
    file = forms.FileField(
        label="File", max_length=200, help_text="PDF, image, Office, text or CSV, up to 25 MB. Never real patient data."
    )
    valid_until = forms.DateField(
        label="Valid until",
        required=False,
        widget=DateInput,
        help_text="The last day. Whoever keeps it is reminded 90, 60 and 30 days before.",
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """Ask for a file or for words, by the kind of the paper."""
        super().__init__(*args, **kwargs)
        for name in ("file",) if kind == Paper.Kind.ANSWER else ("question", "words"):
            del self.fields[name]

    def clean_valid_until(self) -> Any:
        """Refuse a day that is past."""
        day = self.cleaned_data["valid_until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError("This day is past: a paper must still be valid when it is given.")
        return day

    def keep(self) -> dict[str, Any]:
        """Put the file, or the words as a text, into the store; return what the verbs take. Raises FileRefused."""
        values = self.cleaned_data
        if "words" in values:
            answer = {"question": values["question"], "words": values["words"]}
            text = f"{answer['question']}\n\n{answer['words']}\n".encode()
            return {"file": stored_text(text), "answer": answer, "valid_until": values["valid_until"]}
        given = values["file"]
        kept = store(current().organization_id, given.name, given.chunks())
        return {"file": kept, "answer": None, "valid_until": values["valid_until"]}


class DescribeForm(Form):
    """Title, owner and controls."""

    title = forms.CharField(label="Title", max_length=160)
    owner: Any = forms.ModelChoiceField(
        label="Who keeps it",
        queryset=None,
        required=False,
        empty_label="Nobody: the implementation managers are reminded",
    )
    mapped = forms.MultipleChoiceField(
        label="What it shows",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Controls of the control sets. The paper is suggested where one of them is asked for.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the organization's people and every control."""
        super().__init__(*args, **kwargs)
        members = Membership.objects.active().values_list("user_id", flat=True)
        self.fields["owner"].queryset = User.objects.filter(pk__in=list(members)).order_by("name", "email")  # type: ignore[attr-defined]
        self.fields["mapped"].choices = [  # type: ignore[attr-defined]
            (control.key, f"{one.title}: {control.title}") for one in controls.sets() for control in one.controls
        ]


class AddForm(DescribeForm, VersionForm):
    """A new paper."""

    unfinished = forms.BooleanField(
        label="Not ready yet", required=False, help_text="Nobody is asked to review it before you say so."
    )
    field_order = ["title", "question", "words", "file", "valid_until", "owner", "unfinished", "mapped"]


class ReasonForm(Form):
    """Why."""

    reason = forms.CharField(max_length=400, error_messages={"required": "Say why: the reason is kept in the record."})


def stored_text(text: bytes) -> StoredFile:
    """Keep an answer as a text file."""
    return store(current().organization_id, "answer.txt", [text])
