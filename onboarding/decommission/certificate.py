"""The certificate as a tagged PDF, with its hash and the address at which anybody can verify it."""

import io
from pathlib import Path

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from onboarding.decommission.models import Certificate
from tenancy.models import Organization
from web.formats import long_day

SOURCE = Path(__file__).parent / "certificate.typ"


def verification_address(organization: Organization, certificate: Certificate) -> str:
    """Return the public address; the code holds in this organization's path only."""
    path = reverse("verify_decommission", kwargs={"org": organization.slug, "code": certificate.code})
    return f"{settings.PUBLIC_ADDRESS.rstrip('/')}{path}"


def certificate_pdf(organization: Organization, certificate: Certificate) -> bytes:
    """Return the PDF/UA-1 document; its words are those of the signed record."""
    address = verification_address(organization, certificate)
    qr = io.BytesIO()
    segno.make(address, error="m").save(qr, kind="svg", border=2, xmldecl=False, svgns=True)
    said = certificate.record
    words = {
        "organization": organization.name,
        "title": said["title"],
        "statement": said["statement"],
        "how": said["how"],
        "tool": f"{said['tool']}, version {said['version']}",
        "site": said["site"],
        "signer": certificate.printed_name,
        "signed_on": f"{long_day(timezone.localtime(certificate.signed_at).date())}, {timezone.localtime(certificate.signed_at):%H:%M %Z}",
        "method": certificate.proved_by,
        "sha256": certificate.sha256,
        "address": address,
        "qr": qr.getvalue().decode(),
    }
    made = typst.compile(SOURCE, format="pdf", sys_inputs=words, pdf_standards="ua-1", ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made
