"""Forms of the import pages."""

from typing import Any

from django import forms

from onboarding.rosters.fields import FIELDS
from onboarding.rosters.reading import Limits
from onboarding.rosters.vocabulary import COUNTRIES
from web.forms import Form

COUNTRY_CHOICES = sorted(((code, names[0]) for code, names in COUNTRIES.items()), key=lambda choice: choice[1])


class UploadForm(Form):
    """A roster to bring in."""

    file = forms.FileField(
        label="Roster",
        help_text="CSV or XLSX, as you have it, up to 25 MB. No patient data.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    sheet = forms.CharField(
        label="Sheet", required=False, max_length=100, help_text="For a workbook: the first sheet if left empty."
    )
    country = forms.ChoiceField(
        label="Country", choices=COUNTRY_CHOICES, help_text="Meant where a row of the roster names none."
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > Limits().size:
            raise forms.ValidationError(f"{file.name} is larger than 25 MB.")
        return file


class ColumnsForm(Form):
    """Which column fills which field."""

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        """Offer the file's columns for each field."""
        super().__init__(*args, **kwargs)
        choices = [("", "Not in this file"), *((label, label) for label in columns)]
        for field in FIELDS:
            self.fields[field.key] = forms.ChoiceField(label=field.label, choices=choices, required=False)

    @property
    def mapping(self) -> dict[str, str]:
        """Return field key to column label."""
        return {key: label for key, label in self.cleaned_data.items() if label}
