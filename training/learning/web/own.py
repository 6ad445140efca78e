"""A learner's own assignment, or the same 404 as for one that does not exist."""

from uuid import UUID

from django.http import Http404, HttpRequest

from training.learning.models import Assignment


def own_assignment(request: HttpRequest, pk: UUID) -> Assignment:
    """Return the assignment with everything a page names; raise Http404 for anybody else's."""
    assert request.user.pk is not None
    found: Assignment | None = (
        Assignment.objects.of_user(request.user.pk)
        .filter(pk=pk, withdrawn_at=None)
        .select_related("version", "course", "site", "learner", "user")
        .first()
    )
    if found is None:
        raise Http404
    return found
