"""Sending: nothing lost, nothing doubled, nobody bothered in vain."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from notices import engine, judging
from notices.claim import LEASE, claim
from notices.kinds import Kind
from notices.models import DigestChoice, Reminder, Wanted
from notices.models.reminder import UnknownMove
from notices.tests import subjects
from notices.tests.mail_server import Server, server
from notices.tests.subjects import DUE_ON, ITEM, POISON, URGENT
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.cast import World

__all__ = ["server"]
pytestmark = pytest.mark.django_db(databases=["default", "steward"])

SOMEBODY = Actor.system("test")
MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 08:00 in New York
Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with time_machine.travel(MORNING - timedelta(days=1), tick=False) as moved:
        yield moved


@pytest.fixture
def remind(world: World) -> Callable[..., Reminder]:
    def make(person: User, title: str, kind: Kind = ITEM, on: date = DUE_ON, step: str = "0") -> Reminder:
        with scope(world.host.pk):
            site = Site.objects.create(name=title)
            wanted = Wanted(person, kind, "tenancy.site", site.pk, step, on, "You own it.")
            Reminder.schedule([wanted])
            found: Reminder = Reminder.objects.get(subject_id=site.pk, recipient=person)
            return found

    return make


def row(reminder: Reminder) -> Reminder:
    with scope(reminder.organization_id):
        found: Reminder = Reminder.objects.get(pk=reminder.pk)
        return found


def send(world: World) -> int:
    return engine.send_due(world.host.pk)


def test_nothing_goes_out_before_its_moment_and_all_of_a_person_goes_as_one_mail(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    first, second = remind(world.manager, "Alpha"), remind(world.manager, "Beta")
    other = remind(world.contributor, "Gamma")
    clock.move_to(MORNING - timedelta(seconds=1))
    assert send(world) == 0
    clock.move_to(MORNING)
    assert send(world) == 2
    assert sorted(m.to[0] for m in mail.outbox) == [
        "implementation.manager@host.example",
        "integration.analyst@host.example",
    ]
    letter = next(m for m in mail.outbox if m.to == [world.manager.email])
    assert letter.subject == "2 due today"
    assert "Alpha" in letter.body
    assert "Beta" in letter.body
    assert "Gamma" not in letter.body
    assert [row(r).state for r in (first, second, other)] == ["sent", "sent", "sent"]
    assert row(first).message == row(second).message
    assert row(first).message_id == letter.extra_headers["Message-ID"]
    assert row(first).sent_at == MORNING


def test_a_digest_has_the_worst_first(
    world: World, remind: Callable[..., Reminder], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {"Airport": 2, "Bridge": -1, "Canal": 0, "Dock": -6}
    for name, apart in days.items():
        monkeypatch.setitem(subjects.DUE_OTHERWISE, name, DUE_ON + timedelta(days=apart))
        remind(world.manager, name)
    clock.move_to(MORNING)
    assert send(world) == 1
    [letter] = mail.outbox
    assert letter.subject == "2 overdue, 1 due today"
    for text in (str(letter.body), str(letter.alternatives[0][0])):
        assert sorted(days, key=text.index) == ["Dock", "Bridge", "Canal", "Airport"]


def test_what_cannot_wait_goes_alone(world: World, remind: Callable[..., Reminder], clock: Clock) -> None:
    remind(world.manager, "Alpha")
    remind(world.manager, "Sign now", URGENT)
    clock.move_to(MORNING)
    assert send(world) == 2
    assert sorted(m.subject for m in mail.outbox) == ["1 due today", "Wanted now: Sign now"]


def test_a_second_digest_of_the_same_day_waits_for_the_next(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    remind(world.manager, "Alpha")
    clock.move_to(MORNING)
    send(world)
    late = remind(world.manager, "Beta")
    assert send(world) == 0
    assert row(late).next_at == MORNING + timedelta(days=1)
    clock.move_to(MORNING + timedelta(days=1))
    assert send(world) == 1
    assert [m.subject for m in mail.outbox] == ["1 due today", "1 overdue"]


def test_a_digest_can_be_stopped_by_its_link_and_names_its_list(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    remind(world.manager, "Alpha")
    clock.move_to(MORNING)
    send(world)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Id"] == "Riverbend Community Health <host.causeway.example>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http://localhost:")
    assert "/n/host/unsubscribe/" in headers["List-Unsubscribe"]
    html = mail.outbox[0].alternatives[0].content
    assert "<h1" in html
    assert "<img" not in html
    assert "<script" not in html


def test_who_stopped_the_digest_gets_none_but_still_what_goes_apart(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    quiet, urgent = remind(world.manager, "Alpha"), remind(world.manager, "Sign now", URGENT)
    with scope(world.host.pk):
        DigestChoice.stop(world.manager, by=SOMEBODY)
    clock.move_to(MORNING)
    assert send(world) == 1
    assert (row(quiet).state, row(urgent).state) == ("cancelled", "sent")
    assert row(quiet).last_error == "The person stopped or paused the digest."


def test_the_text_of_a_mail_names_everybody_as_they_are_called(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    Organization.objects.filter(pk=world.host.pk).update(name="O'Neil & Sons")
    User.objects.filter(pk=world.manager.pk).update(name="Mary O'Neil")
    remind(world.manager, "St. John's <Annex>")
    remind(world.manager, "R&D", kind=URGENT)
    clock.move_to(MORNING)
    assert send(world) == 2
    alone, digest = sorted((m.body for m in mail.outbox), key=lambda body: "O'Neil & Sons needs this of you." in body)
    assert "St. John's <Annex>" in digest
    assert "R&D" in alone
    for body in (alone, digest):
        assert "Sent to Mary O'Neil by Causeway for O'Neil & Sons." in body
        assert "&amp;" not in body
        assert "&#" not in body


def test_work_that_is_done_in_the_meantime_is_not_mentioned(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    done, open_one = remind(world.manager, "Alpha"), remind(world.manager, "Beta")
    with scope(world.host.pk):
        Site.objects.filter(name="Alpha").update(closed_on=DUE_ON)
    clock.move_to(MORNING)
    assert send(world) == 1
    assert "Alpha" not in mail.outbox[0].body
    assert (row(done).state, row(open_one).state) == ("cancelled", "sent")


def test_what_is_done_while_its_batch_is_being_sent_stays_behind(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = {name: remind(world.manager, name, URGENT) for name in ("Alpha", "Beta")}
    together = {name: remind(world.contributor, name) for name in ("Gamma", "Delta")}
    finished = {"Gamma"}

    def finish(message: EmailMultiAlternatives) -> None:
        finished.update(name for name in alone if len(server.kept) == 0 and name not in message.subject)
        with scope(world.host.pk):
            Site.objects.filter(name__in=finished).update(closed_on=DUE_ON)

    server.meanwhile = finish
    monkeypatch.setattr("notices.judging.FRESH_SECONDS", 0)
    clock.move_to(MORNING)
    assert send(world) == 2
    [sent] = alone.keys() - finished
    first, digest = server.kept
    assert (first.subject, first.to) == (f"Wanted now: {sent}", [world.manager.email])
    assert (digest.subject, digest.to) == ("1 due today", [world.contributor.email])
    assert "Delta" in digest.body
    assert "Gamma" not in digest.body
    states = {name: (row(r).state, row(r).last_error) for name, r in (alone | together).items()}
    assert states.pop(sent) == states.pop("Delta") == ("sent", "")
    assert set(states.values()) == {("cancelled", "It is done or gone.")}


def test_a_batch_that_goes_at_once_is_judged_once(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []
    describe = judging._describe

    def describing(rows: list[Reminder]) -> Any:
        judged.append(len(rows))
        return describe(rows)

    for name in ("Alpha", "Beta", "Gamma"):
        remind(world.manager, name, URGENT)
    monkeypatch.setattr(judging, "_describe", describing)
    monkeypatch.setattr(judging, "FRESH_SECONDS", 3600)
    clock.move_to(MORNING)
    assert send(world) == 3
    assert judged == [3]


def test_a_removed_member_hears_nothing_more(world: World, remind: Callable[..., Reminder], clock: Clock) -> None:
    reminder = remind(world.manager, "Alpha")
    with scope(world.host.pk):
        Membership.objects.get(user=world.manager).end(by=SOMEBODY)
    clock.move_to(MORNING)
    assert send(world) == 0
    assert mail.outbox == []
    assert (row(reminder).state, row(reminder).last_error) == ("cancelled", "The person does not belong here any more.")


def test_a_reminder_that_cannot_be_written_fails_alone(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    poison, beside, other = (
        remind(world.manager, POISON),
        remind(world.manager, "Beta"),
        remind(world.contributor, "Gamma"),
    )
    clock.move_to(MORNING)
    assert send(world) == 2
    assert [row(r).state for r in (poison, beside, other)] == ["failed", "sent", "sent"]
    assert row(poison).last_error == "RuntimeError: cannot be described"
    assert send(world) == 0


def test_a_message_that_cannot_be_written_down_fails_alone(
    world: World, remind: Callable[..., Reminder], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, other = remind(world.manager, "Alpha", URGENT), remind(world.contributor, "Beta", URGENT)
    answers = {odd.subject_id: "answer\r\nBcc: all@there.example", other.subject_id: "answer@host.example"}
    monkeypatch.setattr("notices.kinds.reply_address", lambda name, person, subject: answers[subject])
    clock.move_to(MORNING)
    assert send(world) == 1
    assert [row(r).state for r in (odd, other)] == ["failed", "sent"]
    assert row(odd).last_error.startswith("BadHeaderError: ")
    assert send(world) == 0


def test_a_refusal_for_now_is_tried_again_later_under_the_same_id(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    reminder = remind(world.manager, "Alpha")
    server.answers = [smtplib.SMTPDataError(451, b"not now")]
    clock.move_to(MORNING)
    assert send(world) == 0
    waiting = row(reminder)
    assert (waiting.state, waiting.refusals, waiting.last_error) == ("due", 1, "451 not now")
    assert waiting.next_at == MORNING + timedelta(seconds=5)
    clock.move_to(MORNING + timedelta(seconds=5))
    assert send(world) == 1
    assert [m.extra_headers["Message-ID"] for m in server.kept] == [waiting.message_id]
    assert row(reminder).possible_duplicate is False


def test_a_refusal_for_good_fails_with_the_servers_words_and_stops_nobody_else(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    bad, good = remind(world.manager, "Alpha"), remind(world.contributor, "Beta")
    server.answers = [smtplib.SMTPRecipientsRefused({"x@host.example": (550, b"no such user")})]
    clock.move_to(MORNING)
    assert send(world) == 1
    assert sorted((row(r).state, row(r).last_error) for r in (bad, good)) == [
        ("failed", "550 no such user"),
        ("sent", ""),
    ]
    with scope(world.host.pk):
        assert Event.objects.filter(action="reminder.failed").count() == 1


def test_a_lost_answer_is_asked_for_and_not_sent_twice(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    reminder = remind(world.manager, "Alpha")
    server.answers = ["kept, then gone"]
    clock.move_to(MORNING)
    assert send(world) == 0
    assert row(reminder).state == "sending"
    assert send(world) == 0  # not before the lease ends
    clock.move_to(MORNING + LEASE)
    assert send(world) == 1
    assert len(server.kept) == 1
    assert (row(reminder).state, row(reminder).possible_duplicate) == ("sent", False)


def test_where_nobody_can_be_asked_it_is_sent_again_and_flagged(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    reminder = remind(world.manager, "Alpha")
    server.can_ask = False
    server.answers = ["kept, then gone"]
    clock.move_to(MORNING)
    send(world)
    clock.move_to(MORNING + LEASE)
    assert send(world) == 1
    assert len({m.extra_headers["Message-ID"] for m in server.kept}) == 1
    assert (row(reminder).state, row(reminder).possible_duplicate) == ("sent", True)


def test_a_worker_that_died_with_messages_in_hand_loses_none(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    rows = [remind(world.manager, "Alpha"), remind(world.manager, "Beta"), remind(world.contributor, "Gamma", URGENT)]
    clock.move_to(MORNING)
    with scope(world.host.pk):
        assert len(claim()) == 2  # and it dies here
    assert send(world) == 0
    clock.move_to(MORNING + LEASE)
    assert send(world) == 2
    assert len(server.kept) == 2
    assert {row(r).state for r in rows} == {"sent"}
    assert {row(r).attempt for r in rows} == {2}


def test_a_digest_refused_for_now_goes_without_what_was_done_meanwhile(
    world: World, remind: Callable[..., Reminder], clock: Clock, server: Server
) -> None:
    first, second = remind(world.manager, "Alpha"), remind(world.manager, "Beta")
    server.answers = [smtplib.SMTPDataError(451, b"not now"), "kept"]
    clock.move_to(MORNING)
    send(world)
    with scope(world.host.pk):
        Site.objects.filter(name="Alpha").update(closed_on=DUE_ON)
    clock.move_to(MORNING + timedelta(seconds=5))
    assert send(world) == 1
    assert "Alpha" not in server.kept[0].body
    assert (row(first).state, row(second).state) == ("cancelled", "sent")


def test_no_server_at_all_costs_no_try(
    world: World, remind: Callable[..., Reminder], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = remind(world.manager, "Alpha")

    def refuse(self: Any) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
    clock.move_to(MORNING)
    assert send(world) == 0
    assert (row(reminder).state, row(reminder).refusals) == ("due", 0)
    assert row(reminder).last_error == "ConnectionRefusedError: nobody listens"
    monkeypatch.undo()
    clock.move_to(MORNING + timedelta(minutes=1))
    assert send(world) == 1


def test_a_message_can_be_sent_again_under_a_new_id(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    reminder = remind(world.manager, "Alpha")
    clock.move_to(MORNING)
    send(world)
    with scope(world.host.pk):
        row(reminder).resend(by=SOMEBODY)
        with pytest.raises(UnknownMove):
            row(reminder).resend(by=SOMEBODY)
    assert send(world) == 1
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == 2
    with scope(world.host.pk):
        assert Event.objects.filter(action="reminder.resent").count() == 1


def test_another_organizations_reminders_stay_where_they_are(
    world: World, remind: Callable[..., Reminder], clock: Clock
) -> None:
    reminder = remind(world.manager, "Alpha")
    clock.move_to(MORNING)
    assert engine.send_due(world.elsewhere.pk) == 0
    assert row(reminder).state == "due"
