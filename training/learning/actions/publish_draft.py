"""Publish a course that was uploaded."""

from django.db import transaction

from audit.actor import Actor
from training.courses.models import CourseDraft, CourseVersion
from training.learning.actions.take_up_version import adopt_course


@transaction.atomic
def publish_draft(draft: CourseDraft, *, by: Actor) -> CourseVersion:
    """Publish the draft as the organization's own version and carry assignments to it; the draft is gone then.

    Raises ValueError where another content stands under its key and version; nothing changes then.
    """
    draft = CourseDraft.locked(draft.pk)
    version = adopt_course(draft.content, by=by, source="organization")
    draft.delete()
    return version
