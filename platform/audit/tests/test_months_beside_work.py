"""Months are made and moved while others write, and by two processes at once, without losing a row or refusing one."""

import os
import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from audit.models import Event
from audit.tests.test_ending import MAY, MONTH, in_may, in_month
from tenancy import catalogue, months
from tenancy.scope import scope
from testing import databases
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state", "as_owner"),
]
LATER = UUID(int=MONTH.following.least.int - 1)
"""The last id of May 2019."""
TABLES = ("audit_event", "audit_rowimage")


def kept_out() -> list[str]:
    """Return the constraints that keep a month out of a rest."""
    with connection.cursor() as cursor:
        cursor.execute("select conname from pg_constraint where conname like '%kept_out'")
        return [name for (name,) in cursor.fetchall()]


def arrive() -> None:
    """Commit an event of May 2019 from another connection."""
    columns = ", ".join(f'"{name}"' for name in months._columns("audit_event") if name != "id")
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], str(connection.settings_dict["NAME"]))
    with psycopg.connect(url) as other:
        other.execute("set session_replication_role = replica")
        other.execute(
            f"insert into audit_event (id, {columns}) select %s, {columns} from audit_event limit 1",  # type: ignore[arg-type]  # noqa: S608
            [LATER],
        )


def test_a_row_that_arrives_while_its_month_is_moved_is_not_lost(world: World) -> None:
    in_may(world.host, 3)

    def late(execute: Any, statement: str, *rest: Any) -> Any:
        if statement.startswith("delete from audit_event_rest"):
            arrive()
        return execute(statement, *rest)

    with connection.execute_wrapper(late), pytest.raises(IntegrityError):
        list(months.settle(timezone.now(), oldest=MAY))
    with scope(world.host.pk):
        found = Event.objects.filter(pk__lte=LATER).count()
        assert Event.objects.filter(pk=LATER).exists()
    moved = dict(months.settle(timezone.now(), oldest=MAY))
    assert moved["audit_event_y2019m05"] == in_month("audit_event") == found


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=40)])
def test_a_month_whose_first_row_came_into_the_rest_meanwhile_is_left_until_it_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    in_may(world.host, 2)
    monkeypatch.setattr(months, "_in_rest", lambda table, month: False)
    made = months.make_ahead(MAY - ahead)
    assert len(made) == 6
    assert not {MONTH.name(table) for table in TABLES} & {*made}
    assert kept_out() == []
    settled = dict(months.settle(timezone.now(), oldest=MAY))
    assert settled == {MONTH.name(table): in_month(table) for table in TABLES}
    assert [str(found) for found in catalogue.findings()] == []


def test_a_coming_month_is_made_without_reading_the_rest_while_others_wait() -> None:
    said: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("set client_min_messages = debug1")
    connection.connection.add_notice_handler(lambda notice: said.append(notice.message_primary))
    try:
        assert len(months.make_ahead(MAY)) == 8
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset client_min_messages")
    for table in TABLES:
        spared = f'updated partition constraint for default partition "{table}_rest" is implied by existing constraints'
        assert said.count(spared) == 3
    assert kept_out() == []


def test_what_somebody_left_who_was_broken_off_refuses_no_row_for_long() -> None:
    name = MONTH.name("audit_event")
    with connection.cursor() as cursor:
        cursor.execute(
            f"alter table audit_event_rest add constraint {name}_kept_out check (id < '{MONTH.least}') not valid"
        )
    try:
        months.make_ahead(datetime(2019, 1, 6, tzinfo=MAY.tzinfo))
        assert kept_out() == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"alter table audit_event_rest drop constraint if exists {name}_kept_out")


def test_of_two_processes_the_second_waits_and_has_nothing_to_make() -> None:
    made: list[list[str]] = []

    def second() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("set role causeway_owner")
            made.append(months.make_ahead(MAY))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended('months ahead', 0))")
        try:
            thread.start()
            until = time.monotonic() + 60
            waiting = False
            while not waiting and thread.is_alive() and time.monotonic() < until:
                cursor.execute(
                    "select exists (select from pg_locks l join pg_database d on d.oid = l.database"
                    " where d.datname = current_database() and l.locktype = 'advisory' and not l.granted), pg_sleep(0.01)"
                )
                waiting = cursor.fetchone()[0]
            assert waiting
            assert len(months.make_ahead(MAY)) == 8
        finally:
            cursor.execute("select pg_advisory_unlock(hashtextextended('months ahead', 0))")
            thread.join()
    assert made == [[]]
