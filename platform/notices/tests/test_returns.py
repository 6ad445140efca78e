"""What comes back about our mail: the attacks first, then bounces, complaints and what follows from them."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices import engine, retry, returns
from notices.kinds import Kind
from notices.models import MessageEvent, Reminder, Suppression, Wanted
from notices.models.reminder import UnknownMove
from notices.models.suppression import NeedsReason
from notices.returns import Copy
from notices.tests.subjects import ITEM, URGENT
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
GONE = "smtp; 550 5.1.1 <implementation.manager@host.example>: no such user"


def part(kind: str, text: str) -> Message:
    made = Message()
    made["Content-Type"] = kind
    made.set_payload(text)
    return made


def dsn(message_id: str, status: str = "5.1.1", action: str = "failed", said: str = GONE) -> bytes:
    """A report as Postfix writes it."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText("This is the mail system at host mx.example. I could not deliver your message."))
    text = report.as_string().rsplit("--", 2)[0]
    boundary = report.get_boundary()
    return (
        f"{text}--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\nArrival-Date: Tue, 24 Nov 2026 08:00:00 -0500\r\n\r\n"
        "Final-Recipient: rfc822; implementation.manager@host.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {said}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: 1 due today\r\n\r\n--{boundary}--\r\n"
    ).encode()


def arf(headers: dict[str, str], kind: str = "abuse") -> bytes:
    """A feedback report as RFC 5965 gives it."""
    original = "\r\n".join(f"{name}: {value}" for name, value in headers.items())
    return (
        "From: fbl@provider.example\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="edge"\r\n\r\n'
        "--edge\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        f"--edge\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: Provider/1\r\nVersion: 1\r\n\r\n"
        f"--edge\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n\r\nText\r\n--edge--\r\n"
    ).encode()


@pytest.fixture
def remind(world: World) -> Callable[..., Reminder]:
    def make(person: User, kind: Kind = ITEM, name: str = "Main Street") -> Reminder:
        with scope(world.host.pk):
            site = Site.objects.create(name=name)
            day = timezone.localdate() - timedelta(days=2)
            Reminder.schedule([Wanted(person, kind, "tenancy.site", site.pk, "0", day, "You own it.")])
        engine.send_due(world.host.pk)
        with scope(world.host.pk):
            found: Reminder = Reminder.objects.get(subject_id=site.pk, channel="mail")
            return found

    return make


def came_from(reminder: Reminder) -> str:
    assert reminder.message
    return returns.return_path(Copy(reminder.message, reminder.resends, reminder.organization_id))


def nothing_happened(world: World) -> None:
    for organization in (world.host, world.elsewhere):
        with scope(organization.pk):
            assert not Suppression.objects.exists()
            assert not MessageEvent.objects.exclude(source="smtp").exists()
            assert not Reminder.objects.filter(state="failed").exists()
            assert not Event.objects.filter(action="address.suppressed").exists()


def test_the_envelope_sender_is_the_messages_own_and_the_author_is_ours(
    world: World, remind: Callable[..., Reminder], settings: Any
) -> None:
    reminder = remind(world.manager)
    sent = mail.outbox[0]
    assert sent.from_email == came_from(reminder)
    assert sent.message()["From"] == settings.DEFAULT_FROM_EMAIL
    assert len(sent.from_email.split("@")[0]) <= 64
    assert returns.read_return_path(sent.from_email.upper()) == Copy(reminder.message, 0, world.host.pk)


@pytest.mark.parametrize("flaw", ["changed", "of nothing", "of another organization", "another domain", "text"])
def test_an_address_that_we_never_gave_out_takes_nothing(
    world: World, remind: Callable[..., Reminder], flaw: str
) -> None:
    reminder = remind(world.manager)
    good = came_from(reminder)
    local, domain = good.split("@")
    other = "a" if local[-10] != "a" else "b"
    bad = {
        "changed": f"{local[:-10]}{other}{local[-9:]}@{domain}",
        "of nothing": f"b.{'a' * 61}@{domain}",
        "of another organization": returns.return_path(Copy(reminder.message or reminder.pk, 0, world.elsewhere.pk)),
        "another domain": f"{local}@elsewhere.example",
        "text": "b.hello@" + domain,
    }[flaw]
    if flaw == "of another organization":  # the signature is right: there is no such message there
        assert returns.take(bad, dsn(reminder.message_id)).startswith("250 2.0.0 Dropped")
    else:
        assert not returns.is_ours(bad)
        assert returns.take(bad, dsn(reminder.message_id)).startswith("250 2.0.0 Dropped")
    nothing_happened(world)


def test_a_report_about_a_message_never_sent_does_nothing(world: World, remind: Callable[..., Reminder]) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Later")
        Reminder.schedule(
            [Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", timezone.localdate() + timedelta(days=9), "x")]
        )
        planned = Reminder.objects.get()
    for address in (
        returns.return_path(Copy(planned.pk, 0, world.host.pk)),
        returns.return_path(Copy(site.pk, 0, world.host.pk)),
    ):
        assert returns.take(address, dsn("")).startswith("250 2.0.0 Nothing new")
    sent = remind(world.manager, name="Now")
    resent_later = returns.return_path(Copy(sent.message or sent.pk, 1, world.host.pk))
    assert returns.take(resent_later, dsn("")).startswith("250 2.0.0 Nothing new")
    nothing_happened(world)


def test_a_report_that_encloses_another_message_is_not_believed(world: World, remind: Callable[..., Reminder]) -> None:
    mine, other = remind(world.manager), remind(world.contributor, name="Second")
    assert "not about a message of ours" in returns.take(came_from(mine), dsn(other.message_id))
    nothing_happened(world)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 400,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: message/delivery-status\r\n\r\n" * 300,
        b"Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nBack on Monday.",
        b"Subject: Re: 1 due today\r\n\r\nThank you!",
    ],
)
def test_what_is_no_report_is_dropped_and_never_answered(
    world: World, remind: Callable[..., Reminder], content: bytes
) -> None:
    address = came_from(remind(world.manager))
    mail.outbox.clear()
    assert returns.take(address, content).startswith("250 2.0.0 ")
    assert mail.outbox == []
    nothing_happened(world)


def test_a_huge_report_is_refused_at_the_door(world: World, remind: Callable[..., Reminder]) -> None:
    reminder = remind(world.manager)
    huge = dsn(reminder.message_id) + b"x" * returns.LARGEST
    assert returns.take(came_from(reminder), huge) == "552 5.3.4 Too large for a report"
    nothing_happened(world)


def test_a_dead_address_is_written_to_no_more_and_the_administrators_hear_of_it(
    world: World, remind: Callable[..., Reminder], client_of: Callable[[User], Client]
) -> None:
    reminder = remind(world.manager)
    assert returns.take(came_from(reminder), dsn(reminder.message_id)) == "250 2.0.0 Noted"
    with scope(world.host.pk):
        stopped = Suppression.objects.get()
        assert (stopped.user, stopped.address, stopped.kind, stopped.cause) == (
            world.manager, world.manager.email, "", "bounced",
        )  # fmt: skip
        assert stopped.words == "550 5.1.1 <(address)>: no such user"
        row = Reminder.objects.get(pk=reminder.pk)
        assert (row.state, row.last_error) == ("failed", "Came back: 550 5.1.1 <(address)>: no such user")
        assert list(MessageEvent.objects.of_message(reminder.message).values_list("outcome", "source")) == [
            ("accepted", "smtp"),
            ("bounced", "dsn"),
        ]
        told = Reminder.objects.get(kind="notices.address_suppressed")
        assert told.recipient == world.owner
        Reminder.objects.filter(pk=told.pk).update(due_at=timezone.now(), next_at=timezone.now())
    mail.outbox.clear()
    kept_back = remind(world.manager, URGENT, "Second")
    assert (kept_back.state, kept_back.title) == ("withheld", "Second")
    with scope(world.host.pk):
        instead = Reminder.objects.get(subject_id=kept_back.subject_id, channel="in_app")
        assert (instead.recipient, instead.step, instead.reason) == (world.manager, "0", "You own it.")
    engine.send_due(world.host.pk)
    assert "Second" in client_of(world.manager).get("/o/host/notices/").content.decode()
    assert kept_back.last_error.startswith("The address takes no mail: mail came back for good on ")
    assert [(letter.to, "Manager Host gets no mail" in letter.body) for letter in mail.outbox] == [
        ([world.owner.email], True)
    ]


def test_what_was_kept_back_is_sent_again_only_when_the_address_takes_mail(
    world: World, remind: Callable[..., Reminder]
) -> None:
    first = remind(world.manager)
    returns.take(came_from(first), dsn(first.message_id))
    kept_back = remind(world.manager, URGENT, "Second")
    mail.outbox.clear()
    with scope(world.host.pk):
        with pytest.raises(UnknownMove, match="takes no mail"):
            kept_back.resend(by=SOMEBODY)
        assert retry.retry_messages(by=SOMEBODY) == 0
        assert Reminder.objects.get(pk=kept_back.pk).state == "withheld"
        assert Reminder.objects.get(pk=first.pk).state == "failed"
        Suppression.objects.get().lift("The mailbox works again.", by=SOMEBODY)
        kept_back.resend(by=SOMEBODY)
    assert engine.send_due(world.host.pk) == 1
    assert [letter.to for letter in mail.outbox] == [[world.manager.email]]


def test_the_same_report_again_changes_nothing_even_after_the_address_was_allowed(
    world: World, remind: Callable[..., Reminder]
) -> None:
    reminder = remind(world.manager)
    report, address = dsn(reminder.message_id), came_from(reminder)
    returns.take(address, report)
    with scope(world.host.pk):
        stopped = Suppression.objects.get()
        with pytest.raises(NeedsReason):
            stopped.lift("  ", by=SOMEBODY)
        stopped.lift("The mailbox was made again.", by=SOMEBODY)
        stopped.lift("Twice is once.", by=SOMEBODY)
        assert Event.objects.filter(action="address.released").count() == 1
    assert returns.take(address, report) == "250 2.0.0 Nothing new"
    with scope(world.host.pk):
        assert not Suppression.objects.standing().exists()
        assert MessageEvent.objects.filter(outcome="bounced").count() == 1
    assert remind(world.manager, name="After").state == "sent"


def test_a_new_address_of_the_person_is_free(world: World, remind: Callable[..., Reminder]) -> None:
    reminder = remind(world.manager)
    returns.take(came_from(reminder), dsn(reminder.message_id))
    User.objects.filter(pk=world.manager.pk).update(email="manager.new@host.example")
    assert remind(world.manager, name="After").state == "sent"
    assert mail.outbox[-1].to == ["manager.new@host.example"]


def test_a_full_mailbox_is_counted_and_only_the_fifth_time_is_enough(
    world: World, remind: Callable[..., Reminder]
) -> None:
    said = "smtp; 552 5.2.2 mailbox full"
    for number in range(returns.SOFT_BOUNCES):
        with scope(world.host.pk):
            assert not Suppression.objects.exists(), number
        reminder = remind(world.manager, URGENT, f"Site {number}")
        for _ in range(2):
            returns.take(came_from(reminder), dsn(reminder.message_id, "5.2.2", said=said))
    with scope(world.host.pk):
        assert Suppression.objects.get().cause == "mailbox"
        assert MessageEvent.objects.filter(outcome="soft_bounced").count() == 5


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.1.5")])
def test_a_delay_or_a_receipt_is_noted_and_stops_nothing(
    world: World, remind: Callable[..., Reminder], action: str, status: str
) -> None:
    reminder = remind(world.manager)
    assert returns.take(came_from(reminder), dsn(reminder.message_id, status, action, "smtp; 250 ok")).endswith("Noted")
    with scope(world.host.pk):
        assert not Suppression.objects.exists()
        assert Reminder.objects.get(pk=reminder.pk).state == "sent"
        assert MessageEvent.objects.exclude(source="smtp").count() == 1


def test_a_complaint_stops_that_kind_and_no_other(world: World, remind: Callable[..., Reminder], settings: Any) -> None:
    urgent = remind(world.manager, URGENT)
    headers = {"Message-ID": urgent.message_id, "X-Return": came_from(urgent).partition("@")[0]}
    door = f"complaints@{settings.RETURN_DOMAIN}"
    assert returns.take(door, arf(headers)) == "250 2.0.0 Noted"
    with scope(world.host.pk):
        assert [(one.kind, one.cause) for one in Suppression.objects.all()] == [(URGENT.name, "complained")]
        assert Reminder.objects.get(pk=urgent.pk).state == "sent"
    assert remind(world.manager, URGENT, "Second").state == "withheld"
    digest = remind(world.manager, ITEM, "Third")
    assert digest.state == "sent"
    assert returns.take(came_from(digest), arf({"Message-ID": digest.message_id})) == "250 2.0.0 Noted"
    with scope(world.host.pk):
        assert sorted(Suppression.objects.values_list("kind", flat=True)) == ["digest", URGENT.name]


def test_a_complaint_without_our_mark_in_the_message_is_not_believed(
    world: World, remind: Callable[..., Reminder], settings: Any
) -> None:
    reminder = remind(world.manager)
    door = f"complaints@{settings.RETURN_DOMAIN}"
    for headers in (
        {"Message-ID": reminder.message_id},
        {"Message-ID": reminder.message_id, "X-Return": f"b.{'a' * 61}"},
    ):
        assert "Dropped" in returns.take(door, arf(headers))
    taken_back = {"Message-ID": reminder.message_id, "X-Return": came_from(reminder).partition("@")[0]}
    assert "Dropped" in returns.take(door, arf(taken_back, kind="not-spam"))
    nothing_happened(world)


def test_two_organizations_keep_their_own_lists(world: World, remind: Callable[..., Reminder]) -> None:
    reminder = remind(world.manager)
    returns.take(came_from(reminder), dsn(reminder.message_id))
    with scope(world.elsewhere.pk):
        assert not Suppression.objects.exists()
        assert not MessageEvent.objects.exists()


def test_our_own_server_refusing_the_mailbox_is_a_bounce_too(
    world: World, remind: Callable[..., Reminder], monkeypatch: pytest.MonkeyPatch
) -> None:
    import smtplib

    def refuse(*arguments: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"x@host.example": (550, b"5.1.1 <x@host.example>: no such user")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    reminder = remind(world.manager)
    assert reminder.state == "failed"
    with scope(world.host.pk):
        # The administrators are told by mail too, which this server refuses as well.
        assert Suppression.objects.get(user=world.manager).cause == "bounced"
        event = MessageEvent.objects.get(message=reminder.message)
        assert (event.outcome, event.words) == ("refused", "550 5.1.1 <(address)>: no such user")


def test_the_providers_id_is_read_from_the_answer() -> None:
    from notices.models.message_event import provider_id_in

    assert provider_id_in("250 2.0.0 Ok: queued as 4XkQZt2Lqz3G") == "4XkQZt2Lqz3G"
    assert provider_id_in("250 Ok 0100018f3a1b2c3d-12345678-aaaa-bbbb-cccc-1234567890ab-000000") == (
        "0100018f3a1b2c3d-12345678-aaaa-bbbb-cccc-1234567890ab-000000"
    )
    assert provider_id_in("250 2.0.0 Kept") == ""
    assert provider_id_in("250 OK id=1tFgHj-0000AB-2k") == "1tFgHj-0000AB-2k"


def test_a_person_is_told_by_a_report_only_of_their_own_mail() -> None:
    assert returns.read_message_id("<abc@elsewhere.example>") is None
    message = EmailMessage()
    message["Message-ID"] = "<" + "0" * 32 + ".0." + "0" * 32 + "@evil.example>"
    assert returns.read_message_id(str(message["Message-ID"])) is None
