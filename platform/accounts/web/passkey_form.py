"""Adding a passkey: by default one that signs in alone."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """allauth's form in our words."""

    passwordless = forms.BooleanField(
        label="Sign in with it alone, without a password",
        required=False,
        initial=True,
        help_text="The device then checks face, finger or PIN. Without it, the key is a second factor only.",
    )
