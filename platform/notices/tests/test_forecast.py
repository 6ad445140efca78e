"""The preview says what the engine then does; what-if says what another policy would change, and changes nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices import engine, forecast, planners
from notices.ladder import MANAGER, OWNER, SPONSOR, Plan
from notices.models import DigestChoice, Reminder, ReminderPolicy, WebhookEndpoint
from notices.tests.subjects import ITEM, URGENT
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
ZONES = ("America/New_York", "Pacific/Honolulu", "Europe/Berlin", "Asia/Kolkata")


@pytest.fixture
def open_work(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """What the only planner of this test plans."""
    work: list[Plan] = []
    monkeypatch.setattr(planners, "_planners", [planners.Planner((ITEM, URGENT), lambda: list(work))])
    return work


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def site(name: str) -> Site:
    return Site.objects.create(name=name)


def said(rows: list[forecast.Coming]) -> set[tuple[Any, ...]]:
    return {(*one.row.key, one.row.due_at) for one in rows}


def live_through(organization_id: Any, days: int, clock: time_machine.Traveller) -> None:
    """Let the night plan and the engine send, four times a day."""
    for step in range(days * 4):
        clock.move_to(NOW + timedelta(hours=6 * step))
        with scope(organization_id):
            planners.plan_everything()
        engine.send_due(organization_id)


STEPS = st.lists(st.integers(-15, 10), min_size=1, max_size=4, unique=True)
DUE = st.lists(st.tuples(st.integers(-12, 25), st.sampled_from(ZONES), st.booleans()), min_size=1, max_size=4)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    ladder=STEPS,
    due=DUE,
    late=st.tuples(st.integers(1, 6), st.integers(0, 4)),
    hour=st.integers(0, 23),
    quiet=st.tuples(st.integers(18, 22), st.integers(5, 9)),
)
def test_what_the_preview_says_is_what_is_planned_and_sent(
    world: World,
    open_work: list[Plan],
    clock: time_machine.Traveller,
    ladder: Any,
    due: Any,
    late: Any,
    hour: int,
    quiet: Any,
) -> None:
    clock.move_to(NOW)
    with scope(world.host.pk):
        Reminder.objects.all().delete()
        ReminderPolicy.objects.all().delete()
        Site.objects.filter(name__startswith="Preview").delete()
        ReminderPolicy.change(
            by=SOMEBODY, ladder=ladder, manager_after=late[0], sponsor_after=late[0] + late[1], digest_at=time(hour),
            quiet_from=time(quiet[0]), quiet_until=time(quiet[1]),
        )  # fmt: skip
        people = [(world.contributor, OWNER), (world.manager, MANAGER), (world.approver, SPONSOR)]
        open_work[:] = [
            Plan(site(f"Preview {number}"), URGENT if urgent else ITEM, NOW.date() + days * DAY, zone, people)
            for number, (days, zone, urgent) in enumerate(due)
        ]
        foretold = said(forecast.coming())
    mail.outbox.clear()
    live_through(world.host.pk, 15, clock)
    with scope(world.host.pk):
        sent = Reminder.objects.filter(state="sent", due_at__lt=NOW + forecast.AHEAD)
        assert {(*row.key, row.due_at) for row in sent} == foretold
        digests = {(row.recipient_id, row.message) for row in Reminder.objects.filter(state="sent", apart=False)}
        days = {
            (row.recipient_id, row.due_at.astimezone(UTC).date(), row.time_zone)
            for row in Reminder.objects.filter(state="sent", apart=False)
        }
        assert len(digests) <= len(days)


def test_the_preview_writes_nothing(world: World, open_work: list[Plan], clock: object) -> None:
    with scope(world.host.pk):
        open_work.append(Plan(site("Main Street"), ITEM, date(2026, 11, 20), "", [(world.manager, OWNER)]))
        events = Event.objects.count()
        assert [one.row.step for one in forecast.coming()] == ["-3", "0", "+1", "+3"]
        assert (Reminder.objects.count(), Event.objects.count()) == (0, events)


def test_what_was_said_a_stopped_digest_and_finished_work_are_left_out(
    world: World, open_work: list[Plan], clock: time_machine.Traveller
) -> None:
    with scope(world.host.pk):
        done, going = site("Done"), site("Going")
        people = [(world.manager, OWNER), (world.contributor, OWNER)]
        open_work += [Plan(one, ITEM, date(2026, 11, 20), "", people) for one in (done, going)]
        Site.objects.filter(pk=done.pk).update(closed_on=NOW.date())
        DigestChoice.stop(world.contributor, by=SOMEBODY)
        assert {(one.row.recipient_id, one.about.title) for one in forecast.coming()} == {(world.manager.pk, "Going")}
    live_through(world.host.pk, 3, clock)
    with scope(world.host.pk):
        assert [one.row.step for one in forecast.coming()] == ["0", "+1", "+3", "+7"]


def test_a_what_if_names_for_each_person_what_comes_and_what_goes(
    world: World, open_work: list[Plan], clock: object
) -> None:
    with scope(world.host.pk):
        people = [(world.contributor, OWNER), (world.manager, MANAGER)]
        open_work.append(Plan(site("Main Street"), ITEM, date(2026, 11, 20), "", people))
        other = ReminderPolicy(ladder=[0, 2], manager_after=1)
        changes = forecast.differences(forecast.coming(), forecast.coming(other))
        assert [
            (one.person, one.before, one.after, [c.row.step for c in one.added], [c.row.step for c in one.removed])
            for one in changes
        ] == [
            (str(world.contributor), 4, 2, ["+2"], ["-3", "+1", "+3"]),
            (str(world.manager), 1, 1, ["escalate-manager"], ["escalate-manager"]),
        ]
        assert ReminderPolicy.objects.count() == 0


FORM = {
    "ladder": "0, +2", "manager_after": "1", "sponsor_after": "5", "digest_at": "07:30", "quiet_from": "20:00",
    "quiet_until": "07:00", "weekly_digest": "on", "expiry": "90, 30", "sla_deployments_review_due": "2",
    "sla_deployments_approval_due": "4", "sla_deployments_question_due": "2",
}  # fmt: skip


def test_the_page_shows_the_difference_and_saves_only_when_told(
    world: World, open_work: list[Plan], clock: object, client_of: Callable[[User], Client]
) -> None:
    with scope(world.host.pk):
        open_work.append(Plan(site("Main Street"), ITEM, date(2026, 11, 20), "", [(world.contributor, OWNER)]))
    browser = client_of(world.owner)
    answer = browser.post("/o/host/admin/reminders/", {**FORM, "preview": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "What would change in the next 14 days" in page
    assert "4 reminders now, 2 reminders under the policy below" in page
    assert 'value="0, +2"' in page
    with scope(world.host.pk):
        assert ReminderPolicy.objects.count() == 0
    assert browser.post("/o/host/admin/reminders/", FORM).status_code == 302
    with scope(world.host.pk):
        policy = ReminderPolicy.current()
        assert (policy.ladder, policy.expiry) == ([0, 2], [90, 30])
        assert policy.sla == {"deployments.review_due": 2, "deployments.approval_due": 4}


def test_a_new_policy_plans_everything_anew(world: World, open_work: list[Plan], clock: object) -> None:
    from config.reactions import REACTIONS
    from notices.tasks import plan_anew

    assert REACTIONS["reminder_policy.changed"] == ["notices.tasks.plan_anew"]
    with scope(world.host.pk):
        open_work.append(Plan(site("Main Street"), ITEM, date(2026, 11, 20), "", [(world.contributor, OWNER)]))
        planners.plan_everything()
        ReminderPolicy.change(by=SOMEBODY, ladder=[0, 2], channels={"test_item": ["mail", "in_app"]})
        event = Event.objects.get(action="reminder_policy.changed")
        plan_anew(str(world.host.pk), str(event.pk))
        rows = Reminder.objects.filter(state="due").order_by("on", "channel")
        assert [(row.step, row.channel) for row in rows] == [
            ("0", "in_app"), ("0", "mail"), ("+2", "in_app"), ("+2", "mail"),
        ]  # fmt: skip


def test_the_ways_of_each_kind_are_tried_and_saved(
    world: World, open_work: list[Plan], clock: object, client_of: Callable[[User], Client]
) -> None:
    from notices import kinds

    with scope(world.host.pk):
        open_work.append(Plan(site("Main Street"), ITEM, date(2026, 11, 20), "", [(world.contributor, OWNER)]))
        WebhookEndpoint.put("https://[2606:4700::1111]/causeway", by=Actor.system("test"))
    browser, place = client_of(world.owner), "/o/host/admin/reminders/ways/"
    assert "Item due" in browser.get(place).content.decode()
    assert client_of(world.contributor).get(place).status_code == 403
    chosen = {f"ways:{kind.name}": ["mail", "push"] for kind in kinds.every()}
    nothing = {name: ways for name, ways in chosen.items() if name != "ways:test_item"}
    assert browser.post(place, nothing).status_code == 422
    chosen |= {"ways:test_item": ["mail", "webhook"], "alone:test_item": ["on"]}
    page = browser.post(place, {**chosen, "preview": "1"}).content.decode()
    assert "4 reminders now, 8 reminders under the policy below" in page
    with scope(world.host.pk):
        assert ReminderPolicy.objects.count() == 0
    assert browser.post(place, chosen).status_code == 302
    with scope(world.host.pk):
        policy = ReminderPolicy.current()
        assert (policy.channels, policy.urgent) == ({"test_item": ["mail", "webhook"]}, ["test_item"])
