"""The job that puts routines on the checklists."""

from audit.actor import Actor
from notices.jobs import job
from onboarding.logbook.actions.grow import grow
from tenancy.models import Organization


@job("routines", "Routines: the next items of live deployments", hour=2)
def routines(organization: Organization) -> dict[str, int]:
    """Add what comes round soon."""
    return {"items": grow(by=Actor.system("routines"))}
