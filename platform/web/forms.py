"""Forms as the design draws them: label, hint, error, control, in this order; a summary with links on top.

The macros `ui.form`, `ui.field` and `ui.form_errors` draw any Django form. `Form` and `ModelForm` only set the wording.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone
from markupsafe import Markup

from web.language import counted, language

NEAR = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
"""For dates from which others are counted: offsets reach years ahead, and a calendar ends with the year 9999."""
COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


class Wording:
    """Label endings and the required mark as GUIDE section 7 wants them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take a Django form's arguments."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class Form(Wording, forms.Form):
    """A form of the product."""


class ModelForm(Wording, forms.ModelForm):  # type: ignore[type-arg] # subscripting fails at run time
    """A form of the product that reads its fields from a model; verbs still do the writing."""


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write the value in the one form a date input reads."""
        super().__init__(attrs, format="%Y-%m-%d")


class MomentForm(Form):
    """Which moment, on the reader's own clock: of pages that show how something stood."""

    at = forms.DateTimeField(
        label="As it stood on",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Give a day and a time, as in 2026-11-24T16:30."},
    )

    @classmethod
    def asked(cls, request: HttpRequest) -> "tuple[MomentForm, datetime]":
        """Return the form as the address fills it, and the moment: now where there is none that can be read."""
        given = request.GET if "at" in request.GET else {"at": timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")}
        form = cls(given)
        return form, form.cleaned_data["at"] if form.is_valid() else timezone.now()


class ReasonForm(Form):
    """One reason, which stays in the record."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line of the error summary and the id of the control it is about ("" for the form as a whole)."""

    text: str
    target: str


def kind(field: BoundField) -> str:
    """Return how a field is laid out: "hidden", "check" (label after the box), "group" (fieldset) or "line"."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "line"


def control(field: BoundField) -> Markup:
    """Return the control itself; Django adds the aria-describedby and aria-invalid that match `ui.field`'s ids."""
    attrs: dict[str, str | bool] = {}
    if kind(field) == "line":
        attrs["class"] = " ".join(filter(None, [field.field.widget.attrs.get("class"), "input"]))
    if field.field.required and kind(field) == "line":
        attrs["aria-required"] = "true"
    return Markup(field.as_widget(attrs=attrs))  # noqa: S704 - Django escapes what it puts into a widget


def error_words(field: BoundField) -> list[str]:
    """Return a field's errors; Django's "This field is required." becomes what to do: "Enter go-live", "Choose wave"."""
    verb = "Enter" if kind(field) == "line" and not isinstance(field.field, forms.ChoiceField) else "Choose"
    label = str(field.label or field.name)
    wish = f"{verb} {label if label[:2].isupper() else label[:1].lower() + label[1:]}"
    standard = str(forms.Field.default_error_messages["required"])
    return [wish if str(text) == standard else str(text) for text in field.errors]


def mistakes(form: forms.BaseForm) -> list[Mistake]:
    """Return what the summary lists, in the order of the fields."""
    found = [Mistake(str(text), "") for text in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or field.auto_id
        found += [Mistake(text, target) for text in error_words(field)]
    return found


def mistakes_title(count: int) -> str:
    """Write "One thing to correct", "Two things to correct", "12 things to correct"."""
    if language() != "en":
        return counted("%(num)s thing to correct", "%(num)s things to correct", count)
    return f"{COUNTS[count] if count < len(COUNTS) else count} thing{'' if count == 1 else 's'} to correct"
