"""Audits for tests: scheduled at the host, begun on a working day."""

from datetime import date
from typing import Any

from accounts.models import Membership, User
from assurance.models import Definition, Line, Run
from audit.actor import Actor
from testing.cast import World

MONDAY = date(2027, 1, 4)
HOLIDAY = date(2027, 1, 1)


def actor(user: User) -> Actor:
    """Return a member as an actor; to be called in the host's scope."""
    return Membership.objects.active().get(user=user).actor


def scheduled(world: World, check: str = "access_review", **values: Any) -> Definition:
    """Schedule one of the ready-made audits, answered for by the auditor."""
    values = {"owner": world.auditor, "first_on": MONDAY, **values}
    return Definition.schedule(check, by=actor(world.owner), **values)


def begun(world: World, check: str = "access_review", **values: Any) -> Run:
    """Begin one."""
    return Run.begin(scheduled(world, check, **values), on=MONDAY, by=actor(world.auditor))


def line_of(run: Run, user: User) -> Line:
    """Return the line of an access review that is about a person."""
    member = Membership.objects.filter(user=user).latest("joined_at")
    found: Line = run.lines.get(subject_id=member.pk)
    return found
