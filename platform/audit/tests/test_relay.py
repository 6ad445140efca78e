"""The relay: every event reaches what follows from it, at least once, whatever breaks on the way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from audit import relay
from audit.actor import Actor
from audit.models import Cursor, Event, Reaction
from audit.models.event import record
from audit.vocabulary import action
from tenancy.models import Site
from tenancy.scope import current, scope
from testing.cast import World
from testing.settling import settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

HAPPENED = action("relaytest.happened", "did something for the relay's tests")
SILENT = action("relaytest.silent", "did something nothing follows from")
TASK = "audit.tests.test_relay.note"
BROKEN = "audit.tests.test_relay.broken"
SOMEBODY = Actor.system("relay test")

noted: list[tuple[UUID, str, str]] = []


def note(organization_id: str, event_id: str) -> None:
    noted.append((current().organization_id, organization_id, event_id))


def broken(organization_id: str, event_id: str) -> None:
    Site.objects.create(name="Half done")
    raise RuntimeError("cannot")


@pytest.fixture(autouse=True)
def reactions(settings: Any, world: World) -> Iterator[dict[str, list[str]]]:
    found = {HAPPENED.name: [TASK]}
    settings.REACTIONS = "audit.tests.test_relay.declared"
    declared.clear()
    declared.update(found)
    noted.clear()
    while relayed():
        pass  # what making the cast left in the log
    yield declared
    noted.clear()


declared: dict[str, list[str]] = {}


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[relay.Bell]:
    bells: list[relay.Bell] = []

    def ring(wanted: list[relay.Bell]) -> int:
        bells.extend(wanted)
        return len(wanted)

    monkeypatch.setattr(relay, "ring", ring)
    return bells


def happen(organization_id: UUID, what: object = HAPPENED) -> Event:
    with scope(organization_id):
        site = Site.objects.create(name="Main Street")
        return record(what, by=SOMEBODY, subject=site)


def relayed() -> int:
    """Let the relay read, with nothing before it that another test has not committed yet."""
    settle()
    return relay.relay()


def carry_out(bells: list[relay.Bell]) -> None:
    for organization_id, pk in bells:
        with scope(organization_id):
            Reaction.carry_out(pk)


def waiting(world: World) -> int:
    total = 0
    for organization in (world.host, world.elsewhere):
        with scope(organization.pk):
            total += Reaction.objects.count()
    return total


def test_a_reaction_runs_in_the_scope_of_its_event_and_leaves_no_row(world: World, rung: list[relay.Bell]) -> None:
    here, there = happen(world.host.pk), happen(world.elsewhere.pk)
    assert relayed() == 2
    assert waiting(world) == 2
    carry_out(rung)
    assert sorted(noted) == sorted([(e.organization_id, str(e.organization_id), str(e.pk)) for e in (here, there)])
    assert waiting(world) == 0


def test_an_event_is_read_once(world: World, rung: list[relay.Bell]) -> None:
    happen(world.host.pk)
    assert [relayed(), relayed()] == [1, 0]
    assert len(rung) == 1


def test_an_event_without_reactions_moves_the_cursor_and_writes_nothing(world: World, rung: list[relay.Bell]) -> None:
    event = happen(world.host.pk, SILENT)
    assert relayed() == 1
    assert Cursor.objects.get(name="relay").event_id == event.pk
    assert (waiting(world), rung) == (0, [])


def test_a_transaction_that_commits_late_is_not_skipped(
    world: World, rung: list[relay.Bell], other_session: Callable[[], psycopg.Connection]
) -> None:
    late = other_session()
    late.execute("select pg_current_xact_id()")  # holds an earlier number than everything that follows
    event = happen(world.host.pk)
    assert relay.relay() == 0
    late.commit()
    assert relayed() == 1
    assert [pk for _, pk in rung] == [_only(world).pk]
    assert _only(world).event_id == event.pk


def test_two_relays_do_not_do_the_work_twice(
    world: World, rung: list[relay.Bell], other_session: Callable[[], psycopg.Connection]
) -> None:
    happen(world.host.pk)
    rival = other_session()
    rival.execute("select 1 from audit_cursor where name = 'relay' for no key update")
    assert relay.relay() == 0
    rival.commit()
    assert relayed() == 1


def test_a_failure_is_undone_written_down_and_tried_again_without_stopping_the_others(
    world: World, rung: list[relay.Bell], reactions: dict[str, list[str]]
) -> None:
    reactions[HAPPENED.name] = [BROKEN, TASK]
    happen(world.host.pk)
    relayed()
    carry_out(rung)
    assert len(noted) == 1
    row = _only(world)
    assert (row.task, row.attempts, row.last_error) == (BROKEN, 1, "RuntimeError: cannot")
    assert row.next_at > timezone.now()
    with scope(world.host.pk):
        assert not Site.objects.filter(name="Half done").exists()


def test_the_sweep_carries_out_what_a_flushed_broker_forgot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    happen(world.host.pk)
    monkeypatch.setattr(relay, "ring", lambda bells: 0)  # nobody can be told
    relayed()
    assert relay.carry_on() == 0  # not at once: the message may still be on its way
    with scope(world.host.pk):
        Reaction.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert relay.carry_on() == 1
    assert len(noted) == 1
    assert waiting(world) == 0


def test_the_sweep_carries_out_what_the_workers_were_told_of_and_left(world: World, rung: list[relay.Bell]) -> None:
    happen(world.host.pk)
    relayed()
    for seconds, done in ((59, 0), (61, 1)):
        with scope(world.host.pk):
            Reaction.objects.update(next_at=timezone.now() - timedelta(seconds=seconds))
        assert (relay.carry_on(), len(noted)) == (1, done)
    assert waiting(world) == 0


def test_a_reaction_in_another_workers_hands_is_left_to_it(
    world: World, rung: list[relay.Bell], other_session: Callable[[], psycopg.Connection]
) -> None:
    happen(world.host.pk)
    relayed()
    rival = other_session()
    rival.execute(
        "select set_config('app.organization', %s, true), set_config('app.deployments', '*', true),"
        " set_config('app.sites', '*', true)",
        [str(world.host.pk)],
    )
    rival.execute("select 1 from audit_reaction for no key update")
    carry_out(rung)
    assert noted == []
    rival.commit()
    carry_out(rung)
    assert len(noted) == 1


def _only(world: World) -> Reaction:
    with scope(world.host.pk):
        found: Reaction = Reaction.objects.get()
        return found


@pytest.fixture
def other_session() -> Iterator[Callable[[], psycopg.Connection]]:
    opened: list[psycopg.Connection] = []

    def open_one() -> psycopg.Connection:
        parameters = connection.get_connection_params()
        wanted = {key: parameters[key] for key in ("dbname", "user", "host", "port", "password") if parameters.get(key)}
        opened.append(psycopg.connect(**wanted))
        return opened[-1]

    yield open_one
    for session in opened:
        session.close()
