"""What time alone changes in hypercare, looked at every morning."""

from audit.actor import Actor
from notices.jobs import job
from notices.ladder import plan_many
from onboarding.hypercare import notices
from onboarding.hypercare.exit import close_days
from onboarding.hypercare.models import Hypercare
from onboarding.hypercare.register import state_register
from tenancy.models import Organization

BY = Actor.system("hypercare")


@job("hypercare", "Hypercare: yesterday closed, figures stated anew", hour=11)
def hypercare(organization: Organization) -> dict[str, int]:
    """Close the days that are over at every site in hypercare, keep the register's figures fresh, and plan reminders.

    At 11:00 UTC the day before is over from Maine to Hawaii.
    """
    closed = 0
    for period in Hypercare.objects.running().order_by("pk"):
        state_register(period.deployment_id, BY)
        closed += close_days(period, by=BY)
    plans = list(notices.tickets_due())
    plan_many(plans, by=BY)
    return {"days_closed": closed, "defects_due": len(plans)}
