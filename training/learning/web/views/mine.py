"""My learning: the next thing, the courses, what is finished."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from training.learning.calendar import organization_today
from training.learning.models import Assignment, Completion, LearnerProfile, Rollout
from training.learning.standing import Standing, standings
from training.learning.web.outline import Outline
from web.language import speaks
from web.render import page


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """Show a learner what is theirs to do, the most urgent course open."""
    person, today = request.user.pk, organization_today()
    assert person is not None
    rows = (
        Assignment.objects.active(today).of_user(person).select_related("version", "course", "site", "learner", "user")
    )
    found = _one_of_each_course(standings(rows.order_by("due_on", "id"), today))
    waiting = [standing for standing in found if _to_do(standing)]
    first = Outline(waiting[0].assignment, org) if waiting else None
    finished = Completion.objects.filter(user_id=person, revoked_at=None).newest_first()
    return page(
        request,
        "learning/mine.html",
        {
            "first": first,
            "first_standing": waiting[0] if waiting else None,
            "rollout": _rollout(first.assignment.deployment_id) if first else None,
            "others": waiting[1:],
            "waived": [standing for standing in found if standing.waived and not standing.passed],
            "finished": list(finished.select_related("version", "course", "assignment")),
            "day": today,
            "superuser": LearnerProfile.objects.active_on(today).filter(user_id=person, job_role="superuser").exists(),
        },
    )


def _rollout(deployment_id: UUID | None) -> Rollout | None:
    return Rollout.objects.filter(pk=deployment_id).first() if deployment_id else None


def _to_do(standing: Standing) -> bool:
    renewal = standing.completion is not None and standing.assignment.cycle > standing.completion.cycle
    return standing.open or (renewal and not standing.waived)


def _one_of_each_course(found: list[Standing]) -> list[Standing]:
    first: dict[object, Standing] = {}
    for standing in found:
        first.setdefault(standing.assignment.course_id, standing)
    return list(first.values())
