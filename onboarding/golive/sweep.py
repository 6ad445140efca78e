"""Looks at gates when time has passed: what they read goes stale, a waiver or a condition ends, and nobody did anything."""

import logging

from django.db import connections
from django.utils import timezone

from audit.timer import every
from onboarding.golive.gates import look_again
from tenancy.scope import scope

log = logging.getLogger(__name__)

AT_ONCE = 200


@every(30, "gates that lapse")
def sweep() -> int:
    """Let the gates of every deployment look whose moment has come; return how many."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, deployment_id from golive_gatewatch where due_at <= %s order by due_at limit %s",
            [timezone.now(), AT_ONCE],
        )
        due = steward.fetchall()
    for organization_id, deployment_id in due:
        try:
            with scope(organization_id):
                look_again(deployment_id, came_due=True)
        except Exception:  # one deployment that cannot be looked at must not keep the others from it
            log.exception("the gates of %s could not be looked at", deployment_id)
    return len(due)
