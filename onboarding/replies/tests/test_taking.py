"""Answers by mail over real SMTP: the attacks first."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from access.permissions import Role
from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.models import Comment, Item
from onboarding.replies import receiver
from onboarding.replies.models import ReceivedReply, ReplyAddress
from onboarding.replies.receiver import serve
from onboarding.replies.taking import PER_HOUR, Refused, knows, take
from tenancy.scope import scope
from testing.scenes import Scene


def letter(sender: str, to: str, text: str = "The window is on Tuesday.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "Re: You were named"
    message["Message-ID"] = headers.pop("message_id", f"<{abs(hash((sender, to, text)))}@mail.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def sent(message: EmailMessage, to: str, sender: str | None = None) -> str:
    return take(to, message["From"] if sender is None else sender, message.as_bytes())


def address(scene: Scene, user: User, *, internal: bool = False, item: Item | None = None) -> str:
    with scope(scene.world.host.pk):
        return ReplyAddress.of(item or scene.item("interest-recorded"), user.pk, internal=internal).address


def remarks(scene: Scene) -> list[str]:
    with scope(scene.world.host.pk):
        return list(Comment.objects.order_by("at").values_list("body", flat=True))


def refused(scene: Scene, user: User, to: str, sender: str = "", **headers: str) -> str:
    with pytest.raises(Refused) as refusal:
        sent(letter(sender or user.email, to, **headers), to)
    assert remarks(scene) == []
    with scope(scene.world.host.pk):
        assert not ReceivedReply.objects.exists()
    assert mail.outbox == []
    return str(refusal.value)


def vendors(scene: Scene) -> Item:
    with scope(scene.world.host.pk):
        return Item.objects.filter(owner="VEN").order_by("number")[0]


def test_a_removed_members_address_takes_nothing(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    knows(to)
    with scope(scene.world.host.pk):
        Membership.objects.active().get(user=user).end(by=scene.by(scene.world.owner))
    with pytest.raises(Refused):
        knows(to)
    assert refused(scene, user, to).startswith("550 5.1.1")


def test_a_member_who_may_no_longer_write_is_refused(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    with scope(scene.world.host.pk):
        Membership.objects.active().get(user=user).change_roles([Role.AUDITOR], by=scene.by(scene.world.owner))
    refused(scene, user, to)


def test_anothers_address_cannot_be_used_even_by_a_colleague(scene: Scene) -> None:
    to = address(scene, scene.world.contributor)
    for sender in (scene.world.manager.email, scene.world.stranger.email, "x@attacker.example", ""):
        assert "5.7.1" in refused(scene, scene.world.contributor, to, sender or "nobody")


def test_a_made_up_or_foreign_address_gets_the_refusal_of_every_other(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    local, domain = to.split("@")
    flipped = "a" if local[-1] != "a" else "b"
    elsewhere = local.split(".")
    with scope(scene.world.elsewhere.pk):
        from onboarding.replies.models.address import _text

        elsewhere[1] = _text(scene.world.elsewhere.pk.bytes)
    said = {
        refused(scene, user, bad)
        for bad in (
            f"{local[:-1]}{flipped}@{domain}", f"{local}@elsewhere.example", f"{'.'.join(elsewhere)}@{domain}",
            f"reply.{'a' * 26}.{'b' * 26}@{domain}", f"postmaster@{domain}",
        )
    }  # fmt: skip
    assert said == {"550 5.1.1 This address takes no mail"}


def test_a_partner_whose_share_is_withdrawn_is_refused(scene: Scene) -> None:
    scene.share()
    user = scene.world.vendor_manager
    to = address(scene, user, item=vendors(scene))
    knows(to)
    with scope(scene.world.host.pk):
        scene.deployment.withdraw_share(scene.world.vendor, by=scene.manager)
    refused(scene, user, to)


def test_a_partner_answers_on_an_item_of_its_own_and_never_internally(scene: Scene) -> None:
    scene.share()
    user, item = scene.world.vendor_manager, vendors(scene)
    refused(scene, user, address(scene, user))  # an item of the host's own side
    refused(scene, user, address(scene, user, internal=True, item=item))
    to = address(scene, user, item=item)
    assert sent(letter(user.email, to), to).startswith("250")
    with scope(scene.world.host.pk):
        comment = Comment.objects.get()
        assert (comment.item_id, comment.internal, comment.author_id) == (item.pk, False, user.pk)


def test_a_funder_answers_nowhere(scene: Scene) -> None:
    scene.share()
    refused(scene, scene.world.funder_manager, address(scene, scene.world.funder_manager, item=vendors(scene)))


def test_an_answer_to_an_internal_remark_stays_internal(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user, internal=True)
    sent(letter(user.email, to), to)
    with scope(scene.world.host.pk):
        assert Comment.objects.get().internal


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"},
        {"Precedence": "auto_reply"}, {"X_Autoreply": "yes"}, {"List_Id": "<news.example>"}, {"X_Loop": "1"},
    ],
)  # fmt: skip
def test_what_machines_send_is_dropped_without_an_answer(scene: Scene, headers: dict[str, str]) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    assert "Dropped" in sent(letter(user.email, to, **headers), to)
    assert remarks(scene) == []
    assert mail.outbox == []


def test_a_bounce_and_our_own_message_come_round_are_dropped(scene: Scene, settings: Any) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    assert "Dropped" in sent(letter(user.email, to), to, sender="<>")
    assert "Dropped" in sent(letter("notices@causeway.example", to), to)
    looped = letter(user.email, to)
    for number in range(31):
        looped["Received"] = f"from {number}.example"
    assert "Dropped" in sent(looped, to)
    assert remarks(scene) == []


def test_two_authors_are_nobody(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    raw = f"From: {user.email}\nFrom: x@attacker.example\nTo: {to}\nMessage-ID: <1@x>\n\nWords".encode()
    with pytest.raises(Refused):
        take(to, user.email, raw)
    assert remarks(scene) == []


def test_a_message_whose_headers_would_take_seconds_is_refused_for_good(scene: Scene) -> None:
    to = address(scene, scene.world.contributor)
    with pytest.raises(Refused, match=r"554 5\.6\.0 The header from is longer"):
        take(to, "x@host.example", b"From: " + b"(a)" * 8000 + b"\r\n\r\nThe window is on Tuesday.")
    assert remarks(scene) == []


def test_the_same_message_is_taken_once(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    message = letter(user.email, to)
    assert sent(message, to) == "250 2.0.0 Taken"
    assert sent(message, to) == "250 2.0.0 Taken before"
    assert remarks(scene) == ["The window is on Tuesday."]
    with scope(scene.world.host.pk):
        assert Event.objects.filter(action="comment.added").count() == 1
        assert Event.objects.filter(action="reply.taken").count() == 1


def test_more_answers_than_a_person_writes_are_put_off(scene: Scene) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    with scope(scene.world.host.pk):
        row = ReplyAddress.objects.get()
        ReceivedReply.objects.bulk_create(
            ReceivedReply(address=row, message_hash=str(number)) for number in range(PER_HOUR)
        )
    with pytest.raises(Refused, match="Too many"):
        sent(letter(user.email, to), to)
    assert remarks(scene) == []


def test_files_are_refused_with_a_mail_back_and_the_words_are_kept(
    scene: Scene, django_capture_on_commit_callbacks: Any
) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    message = letter(user.email, to)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="agreement.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        sent(message, to)
    assert remarks(scene) == ["The window is on Tuesday."]
    (back,) = mail.outbox
    assert back.to == [user.email]
    assert "agreement.pdf" in back.body
    assert back.extra_headers["Auto-Submitted"] == "auto-replied"
    assert not back.reply_to


@pytest.mark.parametrize(("text", "says"), [("> only a quote", "No words of yours"), ("x" * 4001, "longer than 4000")])
def test_an_empty_or_endless_answer_comes_back(
    scene: Scene, text: str, says: str, django_capture_on_commit_callbacks: Any
) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    with django_capture_on_commit_callbacks(execute=True):
        sent(letter(user.email, to, text), to)
    assert remarks(scene) == []
    assert says in mail.outbox[0].body


def test_an_address_fits_a_local_part_and_is_read_without_regard_to_case(scene: Scene) -> None:
    to = address(scene, scene.world.contributor)
    assert len(to.split("@")[0]) <= 64
    knows(to.upper())
    assert address(scene, scene.world.contributor) == to
    assert address(scene, scene.world.manager) != to
    assert address(scene, scene.world.contributor, internal=True) != to


class Serving:
    """The receiver on a free port, in a loop of its own."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.thread = threading.Thread(target=self._loop.run_until_complete, args=(serve(listener, self._stop),))
        self.thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    def end(self) -> None:
        self.stop()
        self.thread.join(60)
        self._loop.close()


@pytest.fixture
def smtp() -> Iterator[Serving]:
    serving = Serving()
    yield serving
    serving.end()


@pytest.mark.django_db(transaction=True)
def test_over_smtp_an_answer_becomes_a_comment_and_a_wrong_address_is_refused_at_the_door(
    scene: Scene, smtp: Serving
) -> None:
    user = scene.world.contributor
    to = address(scene, user)
    connections["default"].close()
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=120) as client:
        client.send_message(letter(user.email, to, "Tuesday at nine.\n\n> Which window?"))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.send_message(letter(user.email, f"reply.{'a' * 26}.{'b' * 26}@{to.split('@')[1]}"))
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(letter(scene.world.stranger.email, to))
    assert remarks(scene) == ["Tuesday at nine."]


def test_a_message_in_hand_is_answered_before_the_receiver_ends(smtp: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, read_on = threading.Event(), threading.Event()

    def slowly(to: str, sender: str, content: bytes) -> str:
        reading.set()
        assert read_on.wait(60)
        return "250 2.0.0 Taken after all"

    monkeypatch.setattr(receiver, "knows", lambda address: "")
    monkeypatch.setattr(receiver, "take", slowly)
    monkeypatch.setattr(receiver, "LAST_WORDS", 600.0)
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=120) as client, ThreadPoolExecutor(1) as sender:
        client.ehlo()
        client.mail("somebody@mail.example")
        client.rcpt("reply@causeway.example")
        answer = sender.submit(client.data, b"The window is on Tuesday.")
        assert reading.wait(60)
        smtp.stop()
        until_refused(smtp.port)
        read_on.set()
        assert answer.result(60) == (250, b"2.0.0 Taken after all")
    smtp.thread.join(60)
    assert not smtp.thread.is_alive()


def until_refused(port: int) -> None:
    """Wait until nobody is let in any more."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=60).close()
        except ConnectionRefusedError:
            return


def test_an_address_outlives_a_rotation_of_the_key_and_is_renewed_when_its_key_is_given_up(
    scene: Scene, settings: Any
) -> None:
    user = scene.world.contributor
    before = address(scene, user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert address(scene, user) == before
    assert sent(letter(user.email, before), before)
    assert remarks(scene) == ["The window is on Tuesday."]
    settings.SECRET_KEY_FALLBACKS = []
    after = address(scene, user)
    assert after != before
    assert sent(letter(user.email, after, "And again."), after)
    assert remarks(scene) == ["The window is on Tuesday.", "And again."]
