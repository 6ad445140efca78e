"""How long work takes: by the past where there is one, else by the playbook."""

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from onboarding.plans.models.past_duration import PastDuration
from tenancy.scope import current

ENOUGH = 5
"""Past durations of an item's key from which its own history is used."""
NEWEST = 20
SPREAD = (0.75, 1.0, 1.0, 1.25, 1.5, 2.0)
"""How the time of work relates to its estimate where nothing is known of it: more often longer than shorter."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Durations to draw from, in working days, and whether they are an item's own history."""

    days: tuple[int, ...]
    own: bool


def by_playbook(days: int) -> Samples:
    """Return the playbook's estimate with its spread."""
    return Samples(tuple(math.ceil(days * share) for share in SPREAD) if days else (0,), own=False)


def past_durations(keys: Collection[str]) -> dict[str, Samples]:
    """Return the newest past durations of each key that has enough of them, in one statement."""
    if not keys:
        return {}
    found: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [list(keys), current().organization_id, NEWEST])
        for key, days in cursor.fetchall():
            found[key].append(days)
    return {key: Samples(tuple(days), own=True) for key, days in found.items() if len(days) >= ENOUGH}


_NEWEST = f"""
select wanted.key, newest.days
  from unnest(%s::varchar[]) as wanted (key)
 cross join lateral (
   select days from {PastDuration._meta.db_table} d
    where d.organization_id = %s and d.key = wanted.key order by done_on desc limit %s
 ) newest
"""  # noqa: S608 - the table's own name
