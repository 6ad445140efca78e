"""The certificate as a tagged PDF, with the address at which anybody can verify it."""

import io
from pathlib import Path

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tenancy.models import Organization
from training.courses.models.translation import spoken
from training.credentials.typeset import typeset
from training.learning.calendar import day_at
from training.learning.models import Completion
from web.formats import long_day
from web.language import language, named

SOURCE = Path(__file__).parent / "certificate.typ"


def verification_address(organization: Organization, completion: Completion) -> str:
    """Return the public address; the code holds in this organization's path only."""
    path = reverse("verify_certificate", kwargs={"org": organization.slug, "code": completion.code})
    return f"{settings.PUBLIC_ADDRESS.rstrip('/')}{path}"


def certificate_pdf(organization: Organization, completion: Completion) -> bytes:
    """Return the PDF/UA-1 document in the language that is spoken; what it says comes from the completion as it stood."""
    return typeset(SOURCE, certificate_words(organization, completion))


def certificate_words(organization: Organization, completion: Completion) -> dict[str, str]:
    """Return everything the document says, in the language that is spoken."""
    address = verification_address(organization, completion)
    qr = io.BytesIO()
    segno.make(address, error="m").save(qr, kind="svg", border=2, xmldecl=False, svgns=True)
    content = spoken(completion.version).content
    return {
        "language": language(),
        "title": named("Certificate: %(course)s, %(person)s", course=content.title, person=completion.printed_name),
        "heading": _("Certificate of completion"),
        "organization": organization.name,
        "name": completion.printed_name,
        "passed": _("has passed the course"),
        "course": content.title,
        "passed_label": _("Passed"),
        "passed_on": long_day(day_at(organization, completion.passed_at)),
        "valid_label": _("Valid until"),
        "valid_until": long_day(completion.expires_on),
        "version_label": _("Version"),
        "version": content.version,
        "verify": _("Whether this certificate is still valid can be checked here:"),
        "address": address,
        "qr": qr.getvalue().decode(),
        "qr_says": named("QR code that leads to %(address)s", address=address),
    }
