"""What the register says of a deployment, in figures (domain.md 3.5)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.actor import Actor
from facts.models import Fact, state, together
from onboarding.deployments.models import Deployment
from onboarding.hypercare.facts import DESK, REGISTER, REPORTED
from onboarding.hypercare.models import Article, Ticket
from onboarding.hypercare.models.terms import desk_is_elsewhere
from onboarding.hypercare.severity import Severity

WEEK = timedelta(days=7)
NEWEST = 20
"""How many of the last solved tickets are looked at for the service desk's share: a calm site keeps its figure."""
FREQUENT = 10
LOOK_BACK = 14
"""Days over which a falling ticket rate is looked for."""


def state_register(deployment_id: UUID, by: Actor) -> None:
    """State what the register knows, and let the gates look: in the transaction that changed a ticket, and every night."""
    deployment = Deployment.objects.get(pk=deployment_id)
    tickets = list(Ticket.objects.filter(deployment_id=deployment_id))
    with together():
        for name, value in register_figures(tickets).items():
            state(REGISTER[name], value, subject=deployment)
        if not desk_is_elsewhere(deployment_id):
            for name, figure in _desk_figures(deployment_id, tickets).items():
                if figure is not None:
                    state(DESK[name], figure, subject=deployment)


def register_figures(tickets: Sequence[Ticket]) -> dict[str, int]:
    """Return the counts that need nothing but the tickets: open ones, those without a plan, unreviewed safety events."""
    defects = [one for one in tickets if one.kind == Ticket.Kind.DEFECT and one.is_open]
    second = [one for one in defects if one.severity == Severity.STOPS]
    return {
        "sev1_open": sum(one.severity == Severity.CRITICAL for one in defects),
        "sev2_open": len(second),
        "sev2_without_plan": sum(not one.plan.strip() for one in second),
        "safety_events_unreviewed": sum(one.safety and one.safety_reviewed_at is None for one in tickets),
    }


def tier1_share(solved_at_tiers: Sequence[int]) -> float | None:
    """Return the share that the service desk solved; None where nothing was solved: nothing is known then."""
    if not solved_at_tiers:
        return None
    return round(sum(tier == Ticket.Tier.DESK for tier in solved_at_tiers) / len(solved_at_tiers), 4)


def falling_days(rates: Sequence[float]) -> int:
    """Return on how many days in a row, up to the last, the rate was lower than the day before."""
    count = 0
    for before, after in zip(reversed(rates[:-1]), reversed(rates[1:]), strict=True):
        if after >= before:
            break
        count += 1
    return count


def without_article(topics: Sequence[str], articles: set[str]) -> int:
    """Return how many of the ten most frequent topics have no article; ties go to the first in the alphabet."""
    ranked = sorted(Counter(filter(None, topics)).items(), key=lambda one: (-one[1], one[0]))
    return sum(topic not in articles for topic, _ in ranked[:FREQUENT])


def _desk_figures(deployment_id: UUID, tickets: Sequence[Ticket]) -> dict[str, Any]:
    now = timezone.now()
    support = [one for one in tickets if one.kind != Ticket.Kind.REQUEST]
    rates = _rates(
        [timezone.localdate(one.reported_at) for one in support], _users(deployment_id, now), timezone.localdate(now)
    )
    fixed = sorted((one.fixed_at, one.tier) for one in support if one.fixed_at and one.tier)
    articles = set(Article.objects.filter(deployment_id=deployment_id).values_list("topic", flat=True))
    return {
        "tickets_per_active_user_week": round(rates[-1], 4) if rates else None,
        "ticket_rate_falling_days": falling_days(rates) if rates else None,
        "tier1_solved_share": tier1_share([tier for _, tier in fixed[-NEWEST:]]),
        "top_issues_without_article": without_article([one.topic for one in support], articles),
    }


def _rates(days: Sequence[date], users: dict[date, int], today: date) -> list[float]:
    """Return, for each of the last days on which the number of users is known, the week's tickets for each user."""
    found = []
    for number in range(LOOK_BACK, -1, -1):
        day = today - timedelta(days=number)
        known = [users[one] for one in sorted(users) if one <= day]
        if known and known[-1] > 0:
            found.append(sum(day - WEEK < one <= day for one in days) / known[-1])
    return found


def _users(deployment_id: UUID, now: datetime) -> dict[date, int]:
    """Return the active users as reported, by day."""
    since = now - timedelta(days=LOOK_BACK + 7)
    facts = Fact.objects.about(deployment_id).filter(kind=REPORTED["active_users"].name, observed_at__gte=since)
    return {
        timezone.localdate(at): value for at, value in facts.order_by("observed_at").values_list("observed_at", "value")
    }
