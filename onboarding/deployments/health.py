"""How a deployment stands, in one word: computed from its rollups, never set by hand."""

from datetime import date
from typing import Any

from onboarding.deployments.models import Deployment

State = Deployment.State
FIXED = {
    State.LIVE: ("live", "Live"),
    State.ROLLED_BACK: ("refused", "Rolled back"),
    State.DISCONTINUED: ("not_needed", "Discontinued"),
}


def health(state: str, blocked: int, next_due_on: date | None, go_live_on: date, today: date) -> tuple[str, str]:
    """Return the status key (web.statuses) and the words for it."""
    if state in FIXED:
        return FIXED[State(state)]
    if go_live_on < today:
        return "overdue", f"Go-live {_days((today - go_live_on).days)} late"
    blockers = f", {blocked} blocked" if blocked else ""
    if next_due_on and next_due_on < today:
        return "at_risk", f"Oldest item {_days((today - next_due_on).days)} late{blockers}"
    return ("at_risk", f"At risk{blockers}") if blocked else ("on_track", "On track")


def health_of(deployment: Any, today: date) -> tuple[str, str]:
    """Return the same for a deployment row."""
    return health(deployment.state, deployment.items_blocked, deployment.next_due_on, deployment.go_live_on, today)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
