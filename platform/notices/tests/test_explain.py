"""Why did I not get one? Each answer from the rows and rules that plan and send."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import Membership, User
from audit.actor import Actor
from notices import engine, returns
from notices.explain import explain
from notices.kinds import Kind
from notices.models import DigestChoice, Reminder, ReminderPolicy, Snooze, Suppression, Wanted
from notices.models.message_event import Outcome
from notices.returns import Copy, Heard
from notices.tests.subjects import ITEM, URGENT
from onboarding.deployments.models import Item, TeamRole
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World
from testing.scenes import Scene

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
DAY = date(2026, 11, 24)
MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 08:00 in New York
Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(MORNING - timedelta(hours=1), tick=False) as moved:
        yield moved


@pytest.fixture
def remind(world: World) -> Callable[..., Reminder]:
    def make(title: str = "Main Street", kind: Kind = ITEM, on: date = DAY, person: User | None = None) -> Reminder:
        with scope(world.host.pk):
            site = Site.objects.create(name=title)
            wanted = Wanted(person or world.manager, kind, "tenancy.site", site.pk, "0", on, "You own it.")
            Reminder.schedule([wanted])
            found: Reminder = Reminder.objects.get(subject_id=site.pk)
            return found

    return make


def answers(world: World, person: User | None = None, day: date = DAY, subject: Any = None) -> list[tuple[str, str]]:
    with scope(world.host.pk):
        return [(one.word, one.sentence) for one in explain(person or world.manager, day, subject)]


def test_before_its_hour_it_is_planned_and_afterwards_it_was_sent_with_its_message_id(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    reminder = remind()
    assert answers(world) == [("Planned", "It goes out with the digest at 24 Nov 2026, 08:00 (EST).")]
    clock.move_to(MORNING)
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        reminder = Reminder.objects.get(pk=reminder.pk)
    assert answers(world) == [
        (
            "Sent",
            f"It went out in the digest at 24 Nov 2026, 08:00 (EST) to {world.manager.email}, {reminder.message_id}.",
        )
    ]
    assert reminder.message
    with scope(world.host.pk):
        returns.hear(Copy(reminder.message, 0, world.host.pk), Heard(Outcome.DELIVERED, "ses"))
    assert answers(world)[0][1].endswith("Since then: delivered (24 Nov 2026, 08:00 (EST)).")


def test_what_falls_into_quiet_hours_waits_for_their_end(world: World, remind: Callable[..., Reminder]) -> None:
    from datetime import time

    User.objects.filter(pk=world.manager.pk).update(quiet_from=time(20), quiet_until=time(9, 30))
    world.manager.refresh_from_db()
    remind(on=DAY)
    assert answers(world) == [("Planned", "It goes out after the quiet hours at 24 Nov 2026, 09:30 (EST).")]


def test_after_the_digest_of_the_day_it_waits_for_the_next(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    remind()
    clock.move_to(MORNING)
    engine.send_due(world.host.pk)
    late = remind("Second")
    engine.send_due(world.host.pk)
    assert answers(world, subject=late.subject_id) == [
        ("Waits", "The digest of that day had gone before it was due; the next one is at 25 Nov 2026, 08:00 (EST).")
    ]


def test_a_mail_server_that_does_not_take_it_is_named_with_its_words(
    world: World, remind: Callable[..., Reminder], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import smtplib

    def refuse(*arguments: Any) -> int:
        raise smtplib.SMTPDataError(451, b"4.3.0 later please")

    reminder = remind()
    clock.move_to(MORNING)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    engine.send_due(world.host.pk)
    ((word, sentence),) = answers(world, subject=reminder.subject_id)
    assert word == "Waits"
    assert sentence.startswith(
        "The mail server did not take it: 451 4.3.0 later please; it is tried again at 24 Nov 2026,"
    )


def test_what_was_done_or_stopped_or_kept_back_says_so(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    done, urgent = remind("Done"), remind("Urgent", URGENT)
    with scope(world.host.pk):
        Site.objects.filter(pk=done.subject_id).update(closed_on=DAY)
        Suppression.begin(
            world.manager, world.manager.email, URGENT.name, Suppression.Cause.COMPLAINED,
            words="", message=urgent.pk, by=SOMEBODY,
        )  # fmt: skip
    clock.move_to(MORNING)
    engine.send_due(world.host.pk)
    assert mail.outbox == []
    assert answers(world, subject=done.subject_id)[0] == ("Taken back", "It is done or gone.")
    kept = answers(world, subject=urgent.subject_id)
    assert kept == [
        ("Not sent", "The address takes no mail: marked as spam on 24 Nov 2026. It stands under Notices instead."),
        ("Planned", "It goes another way, in Causeway, at 24 Nov 2026, 08:00 (EST)."),
        ("Address takes no mail", "The address takes no mail: marked as spam on 24 Nov 2026. What is kept back stands under Notices."),
    ]  # fmt: skip


def test_a_stopped_digest_and_a_lost_role_are_said_whatever_was_planned(world: World) -> None:
    with scope(world.host.pk):
        DigestChoice.stop(world.contributor, by=SOMEBODY)
        by = Membership.objects.active().get(user=world.owner).actor
        Membership.objects.active().get(user=world.approver).end(by=by)
    assert ("No digest", "The person stopped it; only what cannot wait is mailed.") in answers(world, world.contributor)
    assert [word for word, _ in answers(world, world.approver)] == ["No role", "Not due"]


def test_a_day_without_anything_names_the_days_around(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    remind()
    clock.move_to(MORNING)
    engine.send_due(world.host.pk)
    remind("Next", on=DAY + timedelta(days=8))
    assert answers(world, day=DAY + timedelta(days=3)) == [
        (
            "Not due",
            "Nothing was due for this person on that day. The last message before was for Tue 24 Nov 2026. The next is planned for Wed 2 Dec 2026.",
        )
    ]


def test_about_work_the_planner_answers_not_due_no_role_blocked_put_off_and_another_way(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        item = scene.item("interest-recorded")
        rows = Item.objects.filter(pk=item.pk)
        rows.update(assignee=world.contributor, due_on=DAY + timedelta(days=14), state=Item.State.TODO)
        TeamRole.objects.filter(deployment=scene.deployment, code="IM").update(person=world.manager)
        Reminder.objects.filter(subject_id=item.pk).delete()

    def said(person: User) -> list[tuple[str, str]]:
        return answers(world, person, subject=item.pk)

    ((word, sentence),) = said(world.contributor)
    assert word == "Not due"
    assert sentence.startswith("Nothing is said about it on that day. The person hears of it on ")
    ((word, sentence),) = said(world.approver)
    assert (word, "Analyst Host (owner), Manager Host (manager)" in sentence) == ("No role", True)
    with scope(world.host.pk):
        ReminderPolicy.change(channels={"deployments.item_due": ["in_app"]}, by=SOMEBODY)
    assert ("Not by mail", "The policy sends this kind another way: In Causeway.") in said(world.contributor)
    with scope(world.host.pk):
        ReminderPolicy.change(channels={}, by=SOMEBODY)
        rows.update(state=Item.State.BLOCKED, blocked_by_role="IM", note="It waits.")
    assert said(world.contributor) == [
        ("Blocked by others", "It waits for Manager Host, who hears of it instead of its owner.")
    ]
    with scope(world.host.pk):
        rows.update(state=Item.State.TODO)
        Snooze(
            organization_id=world.host.pk, user=world.contributor, kind="deployments.item_due", subject_id=item.pk,
            subject_type="deployments.item", until=DAY + timedelta(days=3), reason="Away.",
        ).save()  # fmt: skip
    assert said(world.contributor)[0] == (
        "Put off", "The person put it off until Fri 27 Nov 2026; what goes up to others still goes.",
    )  # fmt: skip


def test_an_administrator_asks_about_anybody_and_others_only_about_themselves(
    world: World, remind: Callable[..., Reminder], client_of: Callable[[User], Client], clock: Clock
) -> None:
    remind("Main Street")
    remind("Elm Street", person=world.contributor)
    clock.move_to(MORNING)
    engine.send_due(world.host.pk)
    page = client_of(world.auditor).get(
        "/o/host/admin/deliveries/why/", {"who": str(world.manager.pk), "day": DAY.isoformat(), "about": "main"}
    )
    text = page.content.decode()
    assert "It went out in the digest" in text
    assert "Main Street" in text
    assert "Elm Street" not in text
    assert client_of(world.contributor).get("/o/host/admin/deliveries/why/").status_code == 403
    own = client_of(world.contributor).get(
        "/o/host/messages/why/", {"who": str(world.manager.pk), "day": DAY.isoformat()}
    )
    assert "Elm Street" in own.content.decode()
    assert "Main Street" not in own.content.decode()
    assert client_of(world.stranger).get("/o/host/messages/why/").status_code == 404
    for nonsense in ({"who": "x", "day": "9999-99-99"}, {"day": "\x00", "about": "\x00"}, {"about": "no such thing"}):
        assert client_of(world.auditor).get("/o/host/admin/deliveries/why/", nonsense).status_code == 200
