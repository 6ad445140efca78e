"""Finds imports that stand still and goes on with them: a lost message or a killed worker stops none for long."""

from datetime import timedelta

from django.db import connections
from django.utils import timezone

from audit.timer import every
from onboarding.rosters.actions.advance import advance_import
from onboarding.rosters.models.roster_import import RUNNING
from tenancy.scope import scope

STALLED = timedelta(seconds=30)


@every(20, "imports that stand still")
def resume_stalled() -> int:
    """Do the next batch of each import that has not moved for a while, and ring for the one after; return how many."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, id from rosters_rosterimport where state = any(%s) and moved_at < %s order by moved_at limit 20",
            [[state.value for state in RUNNING], timezone.now() - STALLED],
        )
        stalled = steward.fetchall()
    for organization_id, import_id in stalled:
        with scope(organization_id):
            advance_import(import_id)
    return len(stalled)
