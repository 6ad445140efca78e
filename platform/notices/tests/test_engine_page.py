"""What was given up is seen, tried again and recorded; how the engine is, is read and judged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import StaffSession, User
from audit.models import Cursor, Event, Reaction
from audit.sealing import Sealer
from notices import engine, watch
from notices.models import JobRun, Reading, Reminder, Wanted
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
ClientOf = Callable[[User], Client]
PAGE = "/o/host/admin/engine/"


@pytest.fixture
def given_up(world: World) -> World:
    """A message, a job and a follow-up of the host that nobody could do."""
    today = timezone.localdate()
    with scope(world.host.pk):
        site = Site.objects.create(name="Alpha")
        Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", today, "You own it.")])
        row = Reminder.objects.get()
        Reminder.objects.update(state="failed", message=row.pk, next_at=None, last_error="550 nobody here")
        JobRun.plan("reminder_times", today)
        JobRun.objects.update(state="failed", next_at=None, attempt=5, last_error="ValueError: no")
        Reaction.objects.create(
            event_id=site.pk, task="audit.nothing", attempts=3, next_at=timezone.now() + timedelta(hours=1)
        )
    return world


def states(world: World) -> tuple[str, str, bool]:
    with scope(world.host.pk):
        return (
            Reminder.objects.get().state,
            JobRun.objects.get().state,
            Reaction.objects.get().next_at <= timezone.now(),
        )


def actions(world: World) -> list[str]:
    wanted = ["reminder.resent", "job.rerun", "reaction.retried"]
    with scope(world.host.pk):
        return list(Event.objects.filter(action__in=wanted).order_by("id").values_list("action", flat=True))


def test_the_page_says_what_was_given_up_and_why(given_up: World, client_of: ClientOf) -> None:
    page = client_of(given_up.owner).get(PAGE).content.decode()
    for words in ("550 nobody here", "ValueError: no", "audit.nothing", "Manager Host"):
        assert words in page


def test_everything_of_a_kind_is_tried_again_and_recorded(given_up: World, client_of: ClientOf) -> None:
    client = client_of(given_up.owner)
    for kind in ("messages", "jobs", "reactions"):
        assert client.post(f"{PAGE}retry/{kind}").status_code == 302
    assert states(given_up) == ("due", "due", True)
    assert actions(given_up) == ["reminder.resent", "job.rerun", "reaction.retried"]
    for kind in ("messages", "jobs", "reactions"):
        client.post(f"{PAGE}retry/{kind}")
    assert len(actions(given_up)) == 3


def test_who_may_only_read_tries_nothing(given_up: World, client_of: ClientOf) -> None:
    client = client_of(given_up.auditor)
    assert "Send again" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}retry/messages").status_code == 403
    assert client_of(given_up.stranger).post(f"{PAGE}retry/messages").status_code == 404
    assert client_of(given_up.owner).post(f"{PAGE}retry/everything").status_code == 404
    assert (states(given_up), actions(given_up)) == (("failed", "failed", False), [])


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user(email="operator@causeway.example", password=None, name="Operator", is_staff=True)


def desk(client_of: ClientOf, operator: User, world: World | None) -> Client:
    client = client_of(operator)
    key = client.session.session_key or ""
    StaffSession.begin(
        by=operator, session_key=key, reason="Ticket 4711, messages", organization=world.host if world else None
    )
    return client


def test_operators_see_dead_rows_and_retry_only_where_their_session_is(
    given_up: World, client_of: ClientOf, operator: User
) -> None:
    outside = desk(client_of, operator, None)
    page = outside.get("/admin/engine/").content.decode()
    assert "550 nobody here" not in page
    assert outside.post("/admin/engine/retry/messages").status_code == 404
    assert states(given_up)[0] == "failed"
    inside = desk(client_of, operator, given_up)
    assert "550 nobody here" in inside.get("/admin/engine/").content.decode()
    assert inside.post("/admin/engine/retry/messages").status_code == 302
    assert states(given_up)[0] == "due"
    with scope(given_up.host.pk):
        event = Event.objects.get(action="reminder.resent")
    assert (event.actor_kind, event.actor_id) == ("staff", operator.pk)


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_to_anybody_else_there_is_no_operators_page(given_up: World, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(given_up, who))
    assert client.get("/admin/engine/").status_code == 404
    assert client.post("/admin/engine/retry/messages").status_code == 404
    assert states(given_up)[0] == "failed"


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_the_workers_numbers_are_of_the_whole_platform(given_up: World) -> None:
    values = watch.take_readings()
    assert values == watch.readings()
    assert (values["reminders_failed"], values["jobs_failed"], values["reactions_failing"]) == (1, 1, 1)
    assert (values["reminders_due"], values["queue_age_seconds"]) == (0, 0)
    assert watch.take_readings() == {}  # another worker took them a moment ago


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_a_waiting_reminder_is_the_age_of_the_queue(given_up: World) -> None:
    with scope(given_up.host.pk):
        Reminder.objects.update(state="due", next_at=timezone.now() - timedelta(minutes=10))
    values = watch.take_readings()
    assert values["reminders_due"] == 1
    assert 600 <= values["queue_age_seconds"] < 660
    assert "The oldest reminder that is due has waited 10 minutes." in [alert.text for alert in watch.alerts()]


def names() -> set[str]:
    return {alert.name for alert in watch.alerts()}


def test_alerts_come_and_go_with_their_causes(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_HOURS = 26
    assert names() == {"sweep_late", "seal_late", "backup_late"}
    monkeypatch.setattr(engine, "_ring", lambda *_: True)
    engine.sweep()
    Sealer().look()
    Cursor.objects.create(name="backup", moved_at=timezone.now() - timedelta(hours=25))
    assert names() == set()
    Cursor.objects.filter(name="backup").update(moved_at=timezone.now() - timedelta(hours=27))
    Cursor.objects.filter(name="reminder sweep").update(moved_at=timezone.now() - timedelta(minutes=3))
    Reading.note({"reminders_failed": 2, "relay_lag_seconds": 61})
    assert names() == {"sweep_late", "backup_late", "reminders_failed", "relay_late"}
    settings.BACKUP_HOURS = 0
    assert "backup_late" not in names()


def test_the_desk_shows_alerts_on_every_page(world: World, client_of: ClientOf, operator: User) -> None:
    Reading.note({"reminders_failed": 2})
    page = desk(client_of, operator, None).get("/admin/").content.decode()
    assert "2 reminders could not be delivered." in page
