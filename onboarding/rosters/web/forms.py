"""Forms of the import pages."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils import timezone

from onboarding.rosters.fields import FIELDS
from onboarding.rosters.reading import Limits
from onboarding.rosters.vocabulary import COUNTRIES, LANGUAGES, languages_of
from tenancy.models import Site
from web.forms import DateInput, Form

COUNTRY_CHOICES = sorted(COUNTRIES.items(), key=lambda choice: choice[1])
ZONE_CHOICES = [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name]


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


class SiteForm(Form):
    """A site's profile, as a person knows it. Codes and percentiles are joined, never typed."""

    name = forms.CharField(max_length=160)
    name_2 = forms.CharField(
        label="Second name line", max_length=160, required=False, help_text="A department or program."
    )
    kind = forms.ChoiceField(label="Kind of site", choices=Site.Kind.choices)
    country = forms.ChoiceField(choices=COUNTRY_CHOICES)
    street = forms.CharField(max_length=200, required=False)
    street_2 = forms.CharField(label="Street, second line", max_length=120, required=False)
    city = forms.CharField(max_length=100, required=False)
    region = forms.CharField(label="State or region", max_length=80, required=False)
    postal_code = forms.CharField(max_length=16, required=False)
    county = forms.CharField(
        max_length=80, required=False, help_text="Matched by name; where none matches you choose it."
    )
    latitude = forms.DecimalField(max_digits=9, decimal_places=6, required=False)
    longitude = forms.DecimalField(max_digits=9, decimal_places=6, required=False)
    time_zone = forms.ChoiceField(
        required=False,
        choices=[("", "Guess it from the place"), *ZONE_CHOICES],
        help_text="Due dates are in the site's time zone.",
    )
    phone = forms.CharField(max_length=40, required=False)
    website = forms.CharField(max_length=300, required=False)
    ehr = forms.CharField(
        label="Electronic health record",
        max_length=60,
        required=False,
        help_text="Its name; “none” where there is none.",
    )
    staff_count = forms.IntegerField(
        label="Staff", min_value=0, max_value=1_000_000, required=False, help_text="People who work there."
    )
    broadband = forms.ChoiceField(required=False, choices=[("", "Not known"), *Site.Broadband.choices])
    languages = forms.CharField(
        max_length=300, required=False, help_text="Spoken with patients, parted by commas: English, Spanish."
    )
    serves_minors = forms.BooleanField(label="Serves people under 18", required=False)
    source_id = forms.CharField(label="Identifier at the source", max_length=80, required=False)

    @classmethod
    def initial_of(cls, site: Site) -> dict[str, Any]:
        """Return what the form shows for a site."""
        names = {code: words[0].capitalize() for code, words in LANGUAGES.items()}
        return {
            **{name: getattr(site, name) for name in cls.base_fields},
            "languages": ", ".join(names.get(code, code) for code in site.languages),
        }

    def clean_languages(self) -> list[str]:
        """Read the names of languages."""
        codes, unknown = languages_of(self.cleaned_data["languages"])
        if unknown:
            raise forms.ValidationError(f"Not known as a language: {', '.join(unknown)}.")
        return codes


class CloseForm(Form):
    """When and why a site closed."""

    on = forms.DateField(
        label="Closed on",
        widget=DateInput,
        initial=timezone.localdate,
        error_messages={"invalid": "That is not a date: write it as 2026-11-24."},
    )
    reason = forms.CharField(
        label="Why", max_length=500, error_messages={"required": "Say why the site closes: it is kept in the record."}
    )
