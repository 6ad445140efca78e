"""Reminders before a review, and after its day."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from audit.actor import Actor
from notices.kinds import Description, kind
from notices.ladder import MANAGER, OWNER, SPONSOR, UP, Plan, plan_many
from notices.models import Reminder
from notices.planners import planner
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.models.calendar import working_calendars
from onboarding.deployments.notices import teams_of, terms_of
from onboarding.reviews.models import Review
from tenancy.models import Organization
from tenancy.working_days import WorkingCalendar

RELATED = ("deployment__site", "deployment__tool_version__tool")


def describe_reviews(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe reviews that were not held."""
    slug = Organization.slug_in_scope()
    return {
        one.pk: Description(
            str(one),
            str(one.deployment),
            reverse("org:reviews:show", kwargs={"org": slug, "review": one.pk}),
            one.due_on,
        )
        for one in Review.objects.waiting().filter(pk__in=ids).select_related(*RELATED)
    }


REVIEW_DUE = kind("reviews.due", "A review after go-live is due", describe=describe_reviews)


def plan_reviews(reviews: Iterable[Review], *, by: Actor) -> int:
    """Bring the reminders of these reviews in line; return how many are still to be held."""
    rows = list(reviews)
    going = [one for one in rows if one.state != Review.State.HELD and one.deployment.state == Deployment.State.LIVE]
    over = [one.pk for one in rows if one not in going]
    if over:
        Reminder.cancel(over, by=by, reason="The review was held, or the site is not live.", kind=REVIEW_DUE)
    plan_many(_plans(going), by=by)
    return len(going)


@planner(REVIEW_DUE)
def reviews_due() -> Iterable[Plan]:
    """Reviews of live sites that were not held."""
    live = Review.objects.waiting().exclude(state=Review.State.HELD).filter(deployment__state=Deployment.State.LIVE)
    return _plans(list(live.select_related(*RELATED).order_by("pk")))


def _plans(reviews: list[Review]) -> list[Plan]:
    deployments = {one.deployment_id for one in reviews}
    teams, terms = teams_of(deployments), terms_of(deployments)
    calendars = working_calendars({one.deployment.site_id: one.deployment.site for one in reviews}.values())
    return [
        _plan(
            one, teams.get(one.deployment_id, {}), calendars[one.deployment.site_id], terms.get(one.deployment_id, {})
        )
        for one in reviews
    ]


def _plan(review: Review, roles: dict[str, TeamRole], calendar: WorkingCalendar, terms: dict[str, Any]) -> Plan:
    team = {code: role.person for code, role in roles.items()}
    people: list[tuple[User | None, str]] = [
        (team.get("SPM") or team.get("IM"), OWNER),
        (team.get("IM"), MANAGER),
        (team.get("EXS"), SPONSOR),
    ]
    site = review.deployment.site
    known = [(person, role) for person, role in people if person is not None]
    return Plan(
        review, REVIEW_DUE, review.due_on, site.time_zone, known, calendar, review.deployment_id, terms=terms, up=UP
    )
