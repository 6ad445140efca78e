"""The certificate as a tagged PDF, with the address at which anybody can verify it."""

import io
from pathlib import Path

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tenancy.models import Organization
from training.learning.models import Completion

SOURCE = Path(__file__).parent / "certificate.typ"


def verification_address(organization: Organization, completion: Completion) -> str:
    """Return the public address; the code holds in this organization's path only."""
    path = reverse("verify_certificate", kwargs={"org": organization.slug, "code": completion.code})
    return f"{settings.PUBLIC_ADDRESS.rstrip('/')}{path}"


def certificate_pdf(organization: Organization, completion: Completion) -> bytes:
    """Return the PDF/UA-1 document; its words come from the completion as it stood on the day."""
    address = verification_address(organization, completion)
    qr = io.BytesIO()
    segno.make(address, error="m").save(qr, kind="svg", border=2, xmldecl=False, svgns=True)
    content = completion.version.content
    words = {
        "language": content.language.split("-")[0],
        "title": f"Certificate: {content.title}, {completion.printed_name}",
        "heading": "Certificate of completion",
        "organization": organization.name,
        "name": completion.printed_name,
        "passed": "has passed the course",
        "course": content.title,
        "passed_label": "Passed",
        "passed_on": f"{timezone.localtime(completion.passed_at):%-d %B %Y}",
        "valid_label": "Valid until",
        "valid_until": f"{completion.expires_on:%-d %B %Y}",
        "version_label": "Version",
        "version": content.version,
        "verify": "Whether this certificate is still valid can be checked here:",
        "address": address,
        "qr": qr.getvalue().decode(),
        "qr_says": f"QR code that leads to {address}",
    }
    made = typst.compile(SOURCE, format="pdf", sys_inputs=words, pdf_standards="ua-1", ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made
