"""Forms of people about themselves."""

import zoneinfo
from typing import Any

import holidays
from babel import Locale
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password

from accounts.models import User
from web.forms import Form, ModelForm

PLACES = ("America/", "Pacific/", "Europe/", "Asia/", "Africa/", "Australia/", "Atlantic/", "Indian/")


def time_zones() -> list[tuple[str, str]]:
    """Return the zones named by place, for a select."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(PLACES))
    return [(name, name.replace("_", " ")) for name in names]


def countries() -> list[tuple[str, str]]:
    """Return the countries whose public holidays are known, by name, for a select."""
    names = Locale("en").territories
    known = holidays.list_supported_countries(include_aliases=False)
    return sorted(((code, names[code]) for code in known if code in names), key=lambda pair: pair[1])


class TimeInput(forms.TimeInput):
    """The browser's own time field."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write the value as the browser reads it."""
        super().__init__(attrs, format="%H:%M")


class PreferencesForm(ModelForm):
    """What a person sets for themselves; `User.prefer` keeps it."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text="Times on pages and in messages. Due dates stay in the site's zone.",
    )
    language = forms.ChoiceField(
        label="Language", choices=settings.LANGUAGES, help_text="Of your learning pages, mails and certificates."
    )
    country = forms.ChoiceField(
        label="Public holidays of",
        required=False,
        help_text="Reminders count working days; those of this country are days off for you.",
    )
    region = forms.CharField(
        label="State or region", max_length=3, required=False, help_text="Two or three letters, as in VT or BY."
    )
    compact = forms.BooleanField(label="Compact rows", required=False)
    shortcuts = forms.BooleanField(label="Single-key shortcuts", required=False)

    class Meta:
        model = User
        fields = [
            "name", "time_zone", "language", "theme", "compact", "shortcuts", "quiet_from", "quiet_until",
            "country", "region",
        ]  # fmt: skip
        labels = {"theme": "Theme", "quiet_from": "No mail from", "quiet_until": "No mail until"}
        help_texts = {"quiet_from": "", "quiet_until": "Digests and reminders wait until then, in your time zone."}
        widgets = {"quiet_from": TimeInput(), "quiet_until": TimeInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the zones, the organization's first."""
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", "As the organization"), *time_zones()]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "Where the work is"), *countries()]  # type: ignore[attr-defined]

    def clean_region(self) -> str:
        """Take a region of the country that was chosen; without a country there is none."""
        region, country = self.cleaned_data["region"].strip().upper(), self.cleaned_data.get("country")
        if not region or not country:
            return ""
        if region not in holidays.list_supported_countries(include_aliases=False).get(country, []):
            raise forms.ValidationError("That is no region of this country.")
        return str(region)

    def clean(self) -> dict[str, Any]:
        """Quiet hours need both ends."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_until") is None):
            missing = "quiet_from" if cleaned.get("quiet_from") is None else "quiet_until"
            self.add_error(missing, "Quiet hours need a start and an end.")
        return cleaned

    def _post_clean(self) -> None:
        """Leave the signed-in person as they are: a verb does the writing, also when the form is wrong."""


class NewPersonForm(Form):
    """A person who comes by invitation."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        help_text="At least 12 characters. Leave it empty to use a passkey or mailed codes instead.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """Know the address: a password must not resemble it."""
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Check the password against the rules, if there is one."""
        cleaned = super().clean() or self.cleaned_data
        if password := cleaned.get("password"):
            try:
                validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return cleaned
