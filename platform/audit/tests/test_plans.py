"""What looks over every month of the log plans once a connection, and misses no event however odd its id is."""

from datetime import datetime

import pytest
import time_machine
from django.db import connections

from access.permissions import Permission
from api.tests.callers import caller
from audit import relay, sealing
from audit.models import Cursor, Event
from audit.tests.sealed_log import happen
from audit.tests.test_ending import MAY
from audit.verification import verify
from tenancy.scope import scope
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state"),
]
ODD = datetime(2019, 3, 1, tzinfo=MAY.tzinfo)


def plans(alias: str, part: str) -> set[tuple[bool, int]]:
    """Return of each kept statement with these words whether one plan served every run, and how often others were made."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select generic_plans > 1, custom_plans from pg_prepared_statements where statement like %s", [f"%{part}%"]
        )
        return set(cursor.fetchall())


def test_the_relay_and_the_sealer_plan_once_a_connection(world: World) -> None:
    for name in ("default", "steward"):
        connections[name].close()
    look = sealing.Sealer()
    for _ in range(3):
        happen(world.host, 2)
        relay.settled(Cursor(name="relay"))
        assert look.look() >= 1
    assert plans("steward", "(xact, id) > ($1") == {(True, 0)}
    assert plans("steward", "distinct organization_id") == {(True, 0)}
    for part in ("insert into audit_leaf", "from audit_rowimage where organization_id", "offset 20000"):
        assert plans("default", part) == {(True, 0)}, part


def test_a_program_that_follows_the_log_has_it_planned_once_a_connection(world: World) -> None:
    happen(world.host, 5)
    program = caller(world, world.owner, [Permission.AUDIT_READ])
    with scope(world.host.pk):  # one connection for all
        connections["default"].cursor().execute("deallocate all")
        address = "events?limit=2"
        for _ in range(3):
            address = program.get(address).json()["next"]
        assert plans("default", "> ($") == {(True, 0)}


def test_an_event_of_a_clock_that_went_wrong_is_sealed_relayed_and_found_whole(world: World) -> None:
    happen(world.host, 2)
    assert sealing.seal(world.host.pk)
    with time_machine.travel(ODD, tick=True):
        happen(world.host, 1)
    happen(world.host, 1)
    with scope(world.host.pk):
        odd = Event.objects.earliest("pk")
    assert odd.pk in {one.id for one in relay.settled(Cursor(name="relay"), limit=10_000)}
    assert sealing.seal(world.host.pk)
    report = verify(world.host.pk)
    assert (report.faults, report.unsealed) == ([], 0)
