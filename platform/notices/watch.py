"""How the engine is: read by a worker every few seconds over all organizations, judged for whoever has to act.

Workers alone may look over all tenants, so they leave numbers (`Reading`) which pages, metrics and alerts read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from audit.models import Cursor
from audit.timer import every
from notices.engine import due_by_organization
from notices.models import Reading
from tenancy import months

READ_SECONDS = 15
QUIET = timedelta(minutes=2)
"""A turn that every worker takes several times a minute is late after this."""
LONGEST_QUEUE = 300
LONGEST_RELAY = 60
TURNS = {"sweep": "reminder sweep", "relay": "relay", "seal": "sealing", "backup": "backup"}
"""What is known by the place of a cursor: when it last moved."""
RELAY = """
select coalesce(extract(epoch from %s - min(at)), 0) from (
  select e.at from audit_event e where (e.xact, e.id) > (%s::text::xid8, %s) and e.xact < pg_snapshot_xmin(pg_current_snapshot())
  order by e.xact, e.id limit 1) waiting
"""
COUNTS = {
    "reminders_failed": "select count(*) from notices_reminder where state = 'failed'",
    "jobs_failed": "select count(*) from notices_jobrun where state = 'failed'",
    "reactions_failing": "select count(*) from audit_reaction where attempts > 0",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """Something an operator has to look after."""

    name: str
    text: str
    page: str
    """The runbook: a file under docs/operations."""


@every(READ_SECONDS, "readings")
def take_readings() -> dict[str, float]:
    """Read the engine over all organizations as steward and write the numbers down; one process at a time does."""
    with transaction.atomic():
        cursor = Cursor.take("readings", not_within=timedelta(seconds=READ_SECONDS - 5))
        if cursor is None:
            return {}
        now = timezone.now()
        due = due_by_organization()
        oldest = min((since for _, _, since in due), default=now)
        values = {
            "reminders_due": float(sum(count for _, count, _ in due)),
            "queue_age_seconds": max(0.0, (now - oldest).total_seconds()),
        }
        relay = Cursor.objects.filter(name="relay").first() or Cursor(name="relay")
        with connections["steward"].cursor() as steward:
            for name, statement in COUNTS.items():
                steward.execute(statement)
                values[name] = float(steward.fetchone()[0])
            steward.execute(RELAY, [now, str(relay.xact), relay.event_id])
            values["relay_lag_seconds"] = max(0.0, float(steward.fetchone()[0]))
        Reading.note(values)
        cursor.move()
    return values


def readings() -> dict[str, float]:
    """Return the last numbers by name."""
    return dict(Reading.objects.values_list("name", "value"))


def moved() -> dict[str, datetime | None]:
    """Return when each of the turns last went well; None for one that never did."""
    found = dict(Cursor.objects.filter(name__in=TURNS.values()).values_list("name", "moved_at"))
    return {turn: found.get(name) for turn, name in TURNS.items()}


def sweep_age() -> timedelta | None:
    """Return how long ago the reminder sweep last ran; None where it never did."""
    at = moved()["sweep"]
    return None if at is None else timezone.now() - at


def alerts() -> list[Alert]:
    """Return what an operator has to look after now, the worst first."""
    now, last, values = timezone.now(), moved(), readings()
    found = []
    for turn, what in (("sweep", "reminder sweep"), ("seal", "sealing of the event log")):
        at = last[turn]
        if at is None:
            found.append(Alert(f"{turn}_late", f"The {what} has never run. Are the workers up?", "backlog.md"))
        elif now - at > QUIET:
            text = f"The {what} last ran {_age(now - at)} ago. Are the workers up?"
            found.append(Alert(f"{turn}_late", text, "backlog.md"))
    if (age := values.get("queue_age_seconds", 0)) > LONGEST_QUEUE:
        text = f"The oldest reminder that is due has waited {_age(timedelta(seconds=age))}."
        found.append(Alert("queue_late", text, "backlog.md"))
    if (lag := values.get("relay_lag_seconds", 0)) > LONGEST_RELAY:
        text = f"The relay is {_age(timedelta(seconds=lag))} behind the event log."
        found.append(Alert("relay_late", text, "backlog.md"))
    for name, what in (
        ("reminders_failed", "reminders could not be delivered"),
        ("jobs_failed", "jobs were given up"),
        ("reactions_failing", "follow-ups of events fail and are tried again"),
    ):
        if count := values.get(name, 0):
            found.append(Alert(name, f"{count:,.0f} {what}.", "poisoned-row.md"))
    if short := months.missing(now):
        text = f"The event log has no place of its own for {short[0]} yet. Does the upkeep run?"
        found.append(Alert("months_short", text, "months.md"))
    allowed = timedelta(hours=settings.BACKUP_HOURS)
    if allowed and (last["backup"] is None or now - last["backup"] > allowed):
        at = last["backup"]
        text = "No backup is known." if at is None else f"The last backup is {_age(now - at)} old."
        found.append(Alert("backup_late", text, "restore-drill.md"))
    return found


def _age(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
