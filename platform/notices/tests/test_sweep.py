"""The sweep finds what is due in every organization, with Redis or without."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connections
from django.db.utils import ProgrammingError
from django.utils import timezone

from audit.models import Cursor
from notices import engine, tasks
from notices.models import Reminder, Wanted
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])


@pytest.fixture
def two_due(world: World) -> World:
    for organization, person in ((world.host, world.manager), (world.elsewhere, world.stranger)):
        with scope(organization.pk):
            for days in (-2, 30):
                site = Site.objects.create(name=f"Site {days}")
                day = timezone.localdate() + timedelta(days=days)
                Reminder.schedule([Wanted(person, ITEM, "tenancy.site", site.pk, "0", day, "Yours.")])
            Reminder.objects.filter(next_at__lt=timezone.now()).update(next_at=timezone.now())
    return world


def test_it_rings_once_for_each_organization_with_something_due(
    two_due: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[UUID] = []
    monkeypatch.setattr(engine, "_ring", lambda organization_id, count: rung.append(organization_id) or True)
    assert engine.sweep() == 2
    assert sorted(rung) == sorted([two_due.host.pk, two_due.elsewhere.pk])
    assert mail.outbox == []


def test_without_redis_it_sends_by_itself(two_due: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.send_due, "apply_async", dead)
    assert engine.sweep() == 2
    assert sorted(m.to[0] for m in mail.outbox) == ["implementation.manager@host.example", "owner@elsewhere.example"]


def test_an_organization_that_cannot_be_served_does_not_stop_the_others(
    two_due: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "_ring", lambda organization_id, count: False)
    real, asked = engine.send_due, []

    def send(organization_id: UUID) -> int:
        asked.append(organization_id)
        if len(asked) == 1:
            raise RuntimeError("cannot be served")
        return real(organization_id)

    monkeypatch.setattr(engine, "send_due", send)
    assert engine.sweep() == 2
    assert sorted(asked) == sorted([two_due.host.pk, two_due.elsewhere.pk])
    assert len(mail.outbox) == 1
    assert "cannot be served" in caplog.text


def test_it_sends_by_itself_what_the_workers_were_told_of_a_minute_ago(
    two_due: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_ring", lambda organization_id, count: True)  # told, and nobody comes
    with scope(two_due.host.pk):
        Reminder.objects.ready(timezone.now()).update(next_at=timezone.now() - timedelta(seconds=61))
    assert engine.sweep() == 2
    assert [m.to[0] for m in mail.outbox] == ["implementation.manager@host.example"]


def test_a_second_sweep_right_after_leaves_the_work_to_the_first(
    two_due: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_ring", lambda organization_id, count: True)
    assert [engine.sweep(), engine.sweep()] == [2, 0]
    Cursor.objects.update(moved_at=timezone.now() - timedelta(seconds=30))
    assert engine.sweep() == 2


def test_the_scan_uses_the_queues_index(two_due: World) -> None:
    with connections["steward"].cursor() as steward:
        steward.execute("set enable_seqscan = off")
        steward.execute(
            "explain select organization_id from notices_reminder where state in ('due', 'sending') and next_at <= now()"
            " order by next_at limit 5000"
        )
        plan = " ".join(row[0] for row in steward.fetchall())
    assert "queue_reminder" in plan
    assert "Sort" not in plan


def test_the_steward_sees_no_more_than_the_queue(two_due: World) -> None:
    with connections["steward"].cursor() as steward, pytest.raises(ProgrammingError, match="permission denied"):
        steward.execute("select recipient_id from notices_reminder")
