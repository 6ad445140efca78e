"""What audits look at in training: that who must know something has learned it, and that it still counts."""

from collections.abc import Collection
from uuid import UUID

from assurance.registry import Extent, Seen, check
from training.learning import pack_sections  # noqa: F401  # its parts of an audit pack
from training.learning.calendar import organization_today
from training.learning.models import Assignment
from training.learning.standing import Standing, standings
from web.addresses import reverse
from web.formats import day


def required(extent: Extent) -> list[UUID]:
    """Return the required assignments of people who are there today."""
    found = Assignment.objects.active(organization_today()).filter(required=True)
    found = found.filter(site_id__in=extent.sites) if extent.sites else found
    return list(found.values_list("pk", flat=True))


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each assignment whether it is passed, still in time, or late."""
    rows = Assignment.objects.filter(pk__in=ids).select_related("course", "learner", "user", "site")
    return {one.assignment.pk: _seen(one, extent) for one in standings(rows)}


def _seen(one: Standing, extent: Extent) -> Seen:
    assignment = one.assignment
    if assignment.withdrawn_at:
        says = "It was withdrawn."
    elif one.completion:
        says = f"Passed; valid until {day(one.completion.expires_on)}."
    elif one.waived:
        says = "Waived."
    elif one.overdue and assignment.due_on:
        says = f"Not passed; it was due on {day(assignment.due_on)}."
    else:
        says = f"In time; due on {day(assignment.due_on)}." if assignment.due_on else "In time; no date is set."
    return Seen(
        title=f"{assignment.user}: {assignment.course.title}",
        holds=bool(assignment.withdrawn_at) or not one.overdue,
        says=says,
        detail=str(assignment.site),
        path=reverse("org:training:learner", kwargs={"org": extent.slug, "learner": assignment.learner_id}),
    )


TRAINING_COMPLIANCE = check(
    "training_compliance",
    "Training compliance",
    must_hold="Each required course is passed in its current version and not expired, or its day has not come.",
    reads=("assignments, completions and exemptions",),
    subject_type="learning.assignment",
    population=required,
    look=look,
    sample=100,
)
