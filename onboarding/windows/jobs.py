"""What time alone changes: windows that closed."""

from django.utils import timezone

from audit.actor import Actor
from notices.jobs import job
from notices.ladder import plan_many
from onboarding.windows import notices
from onboarding.windows.models import Window
from tenancy.models import Organization

BY = Actor.system("windows")


@job("windows", "Windows: missed ones noted, reminders planned", hour=11)
def windows(organization: Organization) -> dict[str, int]:
    """Note what closed yesterday, from Maine to Hawaii, and plan the reminders of what is to come."""
    closed = Window.objects.closed(timezone.localdate()).with_series().order_by("closes_on", "pk")
    missed = [window for window in closed if window.closes_on < window.series.today]
    for window in missed:
        notices.tell_missed(window.series.miss(window, by=BY))
    plans = list(notices.windows())
    plan_many(plans, by=BY)
    return {"missed": len(missed), "to_come": len(plans) // 2}
