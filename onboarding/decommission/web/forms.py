"""What a decommission asks for."""

from django import forms

from onboarding.decommission.models import Decommission
from web.forms import DateInput, Form


class BeginForm(Form):
    """Why it ends, and when."""

    cause = forms.ChoiceField(label="Why the tool leaves this site", choices=Decommission.Cause.choices)
    reason = forms.CharField(
        label="In your own words", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Others will decide by it. Never patient data.",
    )  # fmt: skip
    last_day = forms.DateField(label="Last day of use", widget=DateInput)


class CertifyForm(Form):
    """How it was done, and the signature."""

    how = forms.CharField(
        label="How it was done", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Counts, systems, dates; who did it at the vendor.",
    )  # fmt: skip
    printed_name = forms.CharField(label="Your name, printed", max_length=120)
