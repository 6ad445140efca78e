"""A learner's transcript: everything passed, as a page and as a tagged PDF."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tenancy.models import Organization
from training.credentials.typeset import typeset
from training.learning.calendar import organization_today, organization_zone
from training.learning.models import Completion
from web.formats import long_day
from web.language import language, named

SOURCE = Path(__file__).parent / "transcript.typ"


@dataclass(frozen=True, slots=True)
class Entry:
    """One course passed."""

    completion: Completion
    state: str
    """valid, expired or revoked."""
    passed_on: date
    """In the organization's zone, whoever reads it where."""

    @property
    def hours(self) -> str:
        """Contact hours with their kind; empty where the course gives none."""
        return ", ".join(f"{credit.hours} {credit.title}" for credit in self.completion.version.content.credits)


def transcript(user_id: UUID) -> list[Entry]:
    """Return everything a person passed here, newest first."""
    today, zone = organization_today(), organization_zone()
    rows = Completion.objects.filter(user_id=user_id).newest_first().select_related("version", "course")
    return [
        Entry(
            row,
            "revoked" if row.revoked_at else "expired" if row.expires_on < today else "valid",
            timezone.localtime(row.passed_at, zone).date(),
        )
        for row in rows
    ]


def hours_of(entries: list[Entry]) -> dict[str, Decimal]:
    """Return the contact hours by kind, over what was not revoked."""
    found: dict[str, Decimal] = {}
    for entry in entries:
        if entry.state == "revoked" or entry.completion.kind != Completion.Kind.PASSED:
            continue
        for credit in entry.completion.version.content.credits:
            found[credit.title] = found.get(credit.title, Decimal()) + Decimal(credit.hours)
    return found


def transcript_pdf(organization: Organization, user: User) -> bytes:
    """Return the PDF/UA-1 document in the language that is spoken."""
    entries, today = transcript(user.pk), organization_today()
    words = {
        "language": language(),
        "title": named("Transcript: %(person)s", person=str(user)),
        "heading": _("Transcript"),
        "organization": organization.name,
        "name": str(user),
        "as_of": named("As of %(day)s", day=long_day(today)),
        "columns": json.dumps([_("Course"), _("Version"), _("Passed"), _("Valid until"), _("Hours"), _("Status")]),
        "rows": json.dumps([_cells(entry) for entry in entries]),
        "totals": json.dumps([f"{hours} {kind}" for kind, hours in hours_of(entries).items()]),
        "none": _("Nothing passed yet."),
    }
    # Of one day, one file to the byte.
    return typeset(SOURCE, words, timestamp=int(datetime.combine(today, time(), UTC).timestamp()))


def _cells(entry: Entry) -> list[str]:
    row, state = entry.completion, {"valid": _("Valid"), "expired": _("Expired"), "revoked": _("Revoked")}
    return [
        row.version.title,
        row.version.version,
        long_day(entry.passed_on),
        long_day(row.expires_on),
        entry.hours or "–",
        state[entry.state],
    ]
