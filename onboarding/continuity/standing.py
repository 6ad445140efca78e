"""State what keeps a tool going: when it changes, and anew every night."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils import timezone

from facts.models import state
from onboarding.continuity.facts import CHAMPION_DAYS_VACANT, CHAMPION_HAS_DEPUTY, RUNWAY_MONTHS
from onboarding.continuity.models import FundingSource, MonthlyCost
from onboarding.continuity.models.hand_over import CHAMPION
from onboarding.continuity.runway import Source, runway
from onboarding.deployments.models import Deployment, Program, TeamRole


def state_champion(deployment: Deployment) -> None:
    """State whether there is a champion, with a deputy, and for how many days there is none."""
    role = TeamRole.objects.filter(deployment=deployment, code=CHAMPION).first()
    if role is None:
        return
    state(CHAMPION_DAYS_VACANT, days_vacant(role, timezone.localdate()), subject=deployment)
    state(CHAMPION_HAS_DEPUTY, role.deputy_id is not None, subject=deployment)


def days_vacant(role: TeamRole, today: date) -> int:
    """Return for how many days a role has had nobody; the first day counts as one."""
    if role.person_id is not None or role.vacant_since is None:
        return 0
    return (today - role.vacant_since).days + 1


def state_runway(program: Program) -> float | None:
    """State the program's runway; None, and no fact, where cost or sources are unknown.

    About the program and not its deployments: facts of deployments are open to partners, and this is the host's money.
    """
    months = runway_of(program)
    if months is not None:
        state(RUNWAY_MONTHS, months, subject=program)
    return months


def runway_of(program: Program) -> float | None:
    """Return the months of runway of a program; None where its cost or all its sources are unknown."""
    cost = cost_of(program)
    sources = [Source(one.left, one.begins_on, one.ends_on) for one in FundingSource.objects.filter(program=program)]
    return runway(sources, cost, timezone.localdate()) if cost and sources else None


def cost_of(program: Program) -> Decimal | None:
    """Return what a program costs a month, as noted last."""
    newest = MonthlyCost.objects.filter(program=program).order_by("-noted_at", "-pk").first()
    return newest.amount if newest else None


def state_all(programs: Iterable[Program]) -> int:
    """State everything anew for these programs; return how many of their deployments run."""
    count = 0
    for program in programs:
        state_runway(program)
        for deployment in Deployment.objects.running().filter(program=program).order_by("pk"):
            state_champion(deployment)
            count += 1
    return count
