"""How a deployment stands, in one word: computed from its rollups and its forecast, never set by hand."""

from datetime import date
from typing import Any

from django.db.models import F, Q

from onboarding.deployments.models import Deployment, PortfolioRow

State = Deployment.State
FIXED = {
    State.LIVE: ("live", "Live"),
    State.ROLLED_BACK: ("refused", "Rolled back"),
    State.DISCONTINUED: ("not_needed", "Discontinued"),
}


def slipping(today: date) -> Q:
    """Pick, in a portfolio, what `health` calls late or at risk among deployments on their way."""
    return Q(blocked__gt=0) | Q(next_due_on__lt=today) | Q(go_live_on__lt=today) | Q(forecast_p50__gt=F("go_live_on"))


def health(
    state: str, blocked: int, next_due_on: date | None, go_live_on: date, forecast_p50: date | None, today: date
) -> tuple[str, str]:
    """Return the status key (web.statuses) and the words for it.

    What is late today is named first. A forecast that is more likely than not to miss go-live is a risk before anything
    is late: a plan squeezed before its date would be called on track until the first item is missed.
    """
    if state in FIXED:
        return FIXED[State(state)]
    if go_live_on < today:
        return "overdue", f"Go-live {_days((today - go_live_on).days)} late"
    blockers = f", {blocked} blocked" if blocked else ""
    if next_due_on and next_due_on < today:
        return "at_risk", f"Oldest item {_days((today - next_due_on).days)} late{blockers}"
    if forecast_p50 and forecast_p50 > go_live_on:
        return "at_risk", f"Forecast {_days((forecast_p50 - go_live_on).days)} late{blockers}"
    return ("at_risk", f"At risk{blockers}") if blocked else ("on_track", "On track")


def health_of(deployment: Any, today: date) -> tuple[str, str]:
    """Return the same for a deployment row."""
    return health(
        deployment.state,
        deployment.items_blocked,
        deployment.next_due_on,
        deployment.go_live_on,
        deployment.forecast_p50,
        today,
    )


def health_of_row(row: PortfolioRow, today: date) -> tuple[str, str]:
    """Return the same for a row of a portfolio."""
    return health(row.state, row.blocked, row.next_due_on, row.go_live_on, row.forecast_p50, today)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
