"""Looks at rollback triggers when time has passed: one has held for long enough, or a decision is overdue."""

import logging

from django.db import connections
from django.utils import timezone

from audit.timer import every
from onboarding.cutover.actions.alarms import follow
from onboarding.cutover.models import Alarm
from tenancy.scope import scope

log = logging.getLogger(__name__)

AT_ONCE = 200


@every(10, "rollback triggers")
def sweep() -> int:
    """Let every alarm look whose moment has come; return how many."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, id from cutover_alarm where due_at <= %s order by due_at limit %s",
            [timezone.now(), AT_ONCE],
        )
        due = steward.fetchall()
    for organization_id, pk in due:
        try:
            with scope(organization_id):
                follow(Alarm.objects.select_related("run").get(pk=pk).run)
        except Exception:  # one run that cannot be looked at must not keep the others from it
            log.exception("the rollback triggers of alarm %s could not be looked at", pk)
    return len(due)
