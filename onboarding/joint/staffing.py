"""Where the leader's trainers and analysts are wanted by several hosts' sites at once; from the leader's own rows alone."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from onboarding.deployments.models import PortfolioRow
from onboarding.deployments.models.calendar import working_calendar
from onboarding.joint.models import PlaceStaff
from onboarding.joint.models.place import IN_FORCE
from onboarding.plans.models.capacity import USUAL_HOURS, Capacity

WEEK = timedelta(days=7)


@dataclass(slots=True)
class Want:
    """What one person is wanted for in one week."""

    user_id: UUID
    name: str
    usual: int
    """Hours they have in a week without holidays."""
    week: date
    allowed: float
    """Hours they have; holidays take their share."""
    hours: int = 0
    sites: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


def conflicts(program_id: Any, *, today: date) -> list[Want]:
    """Return each coming week in which sites want more of a person of this program than there is; four statements.

    What other joint programs want of the same people counts too.
    """
    given = list(
        PlaceStaff.objects.filter(place__answer__in=IN_FORCE, place__live=False).select_related(
            "place__wave", "place__host", "user"
        )
    )
    people = {one.user_id for one in given if one.place.wave.program_id == program_id}
    if not people:
        return []
    rows = PortfolioRow.objects.filter(deployment_id__in={one.place.deployment_id for one in given})
    go_live = dict(rows.values_list("deployment_id", "go_live_on"))
    hours = dict(Capacity.objects.filter(user_id__in=people).values_list("user_id", "hours"))
    calendar, this = working_calendar(), today - timedelta(days=today.weekday())
    wants: dict[tuple[UUID, date], Want] = {}
    worked: dict[date, int] = defaultdict(int)
    for one in given:
        day = go_live.get(one.place.deployment_id)
        if one.user_id not in people or day is None:
            continue
        monday = day - timedelta(days=day.weekday())
        for number in range(-one.weeks_before, one.weeks_after + 1):
            week = monday + WEEK * number
            if week < this:
                continue
            if week not in worked:
                worked[week] = sum(calendar.is_working(week + timedelta(days=offset)) for offset in range(5))
            usual = hours.get(one.user_id, USUAL_HOURS)
            name = one.user.name or one.user.email
            want = wants.setdefault(
                (one.user_id, week), Want(one.user_id, name, usual, week, allowed=usual * worked[week] / 5)
            )
            want.hours += one.hours
            want.sites.add(one.place.called)
            want.roles.add(one.get_role_display())
    over = [one for one in wants.values() if one.hours > one.allowed]
    return sorted(over, key=lambda one: (one.week, one.name))
