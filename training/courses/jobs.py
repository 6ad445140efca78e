"""What courses do every night."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models import Event
from audit.models.event import record
from notices.jobs import job
from tenancy.models import Organization
from training.courses import audit
from training.courses.media_store import drop_unused

LOOK_BACK = timedelta(days=30)
"""How long what was thrown away is looked at again: a film may still be shown by another draft today."""


@job("course_media", "Course media: files that no course shows any more", hour=3)
def course_media(organization: Organization) -> dict[str, int]:
    """Delete what drafts that were thrown away, and translations that were replaced, leave behind."""
    return {"deleted": len(drop_left_behind(organization, by=Actor.system("course media")))}


@transaction.atomic
def drop_left_behind(organization: Organization, *, by: Actor) -> list[str]:
    """Do so for the organization in scope; return the hashes of the files that are gone."""
    told = Event.objects.filter(
        action__in=[audit.COURSE_DISCARDED.name, audit.TRANSLATION_TAKEN.name], at__gte=timezone.now() - LOOK_BACK
    )
    gone = drop_unused([sha256 for data in told.values_list("data", flat=True) for sha256 in data.get("media", [])])
    if gone:
        record(audit.MEDIA_DROPPED, by=by, subject=organization, count=len(gone), files=gone)
    return gone
