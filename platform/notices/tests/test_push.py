"""Web push: only its browser can read it, it says nothing but the titles of kinds, and a browser that is gone is not asked again."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices import engine, ladder, outcomes
from notices.calling import Answer
from notices.claim import claim
from notices.models import MessageEvent, PushSubscription, Reminder, ReminderPolicy, Wanted
from notices.push import keys, sending
from notices.push.sealing import LONGEST, seal
from notices.tests.push_browser import Browser, browser, raw, subscription, text, turn_on
from notices.tests.receiver import Receiver, receiver
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

__all__ = ["browser", "receiver", "subscription"]
pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def remind(world: World, *, number: int = 1, ways: list[str] | None = None) -> None:
    with scope(world.host.pk):
        if ways:
            ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ways})
        person = User.objects.get(pk=world.manager.pk)
        for _ in range(number):
            site = Site.objects.create(name="Jordan Miller, depressed")
            Reminder.schedule([Wanted(person, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 24), "You own it.")])


def pushes(world: World) -> list[Reminder]:
    with scope(world.host.pk):
        return list(Reminder.objects.filter(channel="push").order_by("pk"))


def story(world: World) -> list[tuple[str, str, str]]:
    with scope(world.host.pk):
        return list(
            MessageEvent.objects.filter(source="push").order_by("at", "pk").values_list("outcome", "source", "words")
        )


def test_what_is_sealed_is_what_the_standard_says() -> None:
    """The example of RFC 8291, appendix A, octet for octet."""
    theirs = raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    once = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    body = seal(
        b"When I grow up, I want to be a watermelon",
        (theirs, raw("BTBZMqHH6r4Tts7J_aSIgg")),
        once=ec.derive_private_key(once, ec.SECP256R1()),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl"
        "95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_longest_text_fits_and_one_more_octet_is_refused(browser: Browser) -> None:
    keys_of = (browser.point, browser.secret)
    body = seal(b"x" * LONGEST, keys_of)
    assert (browser.open(body), len(body)) == (b"x" * LONGEST, 4096)
    with pytest.raises(ValueError, match="at most"):
        seal(b"x" * (LONGEST + 1), keys_of)


def test_a_reminder_reaches_the_browser_that_can_open_it(
    world: World, subscription: PushSubscription, receiver: Receiver, browser: Browser
) -> None:
    remind(world)
    engine.send_due(world.host.pk)
    engine.send_due(world.host.pk)
    [(headers, body)] = receiver.got
    [row] = pushes(world)
    said = json.loads(browser.open(body))
    assert (said["title"], said["body"], said["dir"], said["lang"]) == (ITEM.title, "", "ltr", "en-us")
    assert said["tag"] == headers["topic"] == row.pk.hex
    assert (headers["content-encoding"], headers["urgency"], headers["ttl"]) == ("aes128gcm", "normal", "86400")
    assert (row.state, row.sent_to, row.attempt, row.possible_duplicate) == ("sent", "Chrome on Windows", 1, False)
    assert story(world) == [("accepted", "push", "Taken: Chrome on Windows")]
    assert PushSubscription.objects.get(pk=subscription.pk).taken_at == NOW


def test_neither_names_nor_texts_leave_with_it(
    world: World, subscription: PushSubscription, receiver: Receiver, browser: Browser
) -> None:
    remind(world, number=3)
    engine.send_due(world.host.pk)
    [(headers, body)] = receiver.got  # one message for the day, not three
    opened = browser.open(body).decode()
    said = json.loads(opened)
    assert (said["title"], said["body"], said["url"]) == ("3 things wait for you", ITEM.title, f"/o/{world.host.slug}/")
    for private in ("Jordan", "depressed", world.manager.name, world.manager.email, world.host.name, "You own it."):
        assert private not in opened + json.dumps(headers)
    assert {row.state for row in pushes(world)} == {"sent"}


def test_the_signature_proves_who_sends_to_that_service_alone(
    world: World, subscription: PushSubscription, receiver: Receiver
) -> None:
    remind(world)
    engine.send_due(world.host.pk)
    [(headers, _)] = receiver.got
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", keys.public())
    signed, _, signature = parts["t"].rpartition(".")
    pair = raw(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
    whole = encode_dss_signature(int.from_bytes(pair[:32]), int.from_bytes(pair[32:]))
    point.verify(whole, signed.encode(), ec.ECDSA(SHA256()))  # raises for any other key or text
    head, claims = (json.loads(raw(part)) for part in signed.split("."))
    assert head["alg"] == "ES256"
    assert claims == {
        "aud": f"http://127.0.0.1:{receiver.port}",
        "exp": int(NOW.timestamp()) + keys.VALID_SECONDS,
        "sub": "mailto:notices@causeway.example",
    }


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_the_mail_still_goes(
    world: World, subscription: PushSubscription, receiver: Receiver, status: int, mailoutbox: list[Any]
) -> None:
    remind(world)
    receiver.answers = [status]
    engine.send_due(world.host.pk)
    [row] = pushes(world)
    assert (row.state, row.last_error) == ("cancelled", sending.NOBODY)
    assert not PushSubscription.objects.exists()
    assert not User.objects.get(pk=world.manager.pk).takes_push
    assert len(mailoutbox) == 1
    [(outcome, _, words)] = story(world)
    assert outcome == "refused"
    assert words.startswith(str(status))
    assert words.endswith("it is not asked again")
    remind(world)
    assert len(pushes(world)) == 1  # nothing more is planned for it


def test_what_goes_by_push_alone_arrives_in_causeway_when_the_last_browser_is_gone(
    world: World, subscription: PushSubscription, receiver: Receiver
) -> None:
    remind(world, ways=["push"])
    receiver.answers = [410]
    engine.send_due(world.host.pk)
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        assert sorted(Reminder.objects.values_list("channel", "state")) == [("in_app", "sent"), ("push", "withheld")]


def test_whoever_has_no_browser_gets_mail_where_push_is_the_only_way(world: World) -> None:
    remind(world, ways=["push"])
    with scope(world.host.pk):
        assert Reminder.objects.get().channel == "mail"


def test_a_service_in_trouble_is_asked_again_under_the_same_topic(
    world: World, subscription: PushSubscription, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    remind(world)
    receiver.answers = [503, 429, 201]
    for _ in range(3):
        engine.send_due(world.host.pk)
        clock.shift(timedelta(minutes=2))
    [row] = pushes(world)
    assert (row.state, row.attempt, row.refusals) == ("sent", 3, 2)
    assert len({headers["topic"] for headers, _ in receiver.got}) == 1
    assert [outcome for outcome, _, _ in story(world)] == ["not_now", "not_now", "accepted"]


def test_a_lost_answer_comes_again_under_the_same_tag_and_is_flagged(
    world: World, subscription: PushSubscription, receiver: Receiver, browser: Browser, clock: time_machine.Traveller
) -> None:
    remind(world)
    receiver.answers = [0]
    engine.send_due(world.host.pk)
    [row] = pushes(world)
    assert (row.state, row.possible_duplicate, row.refusals) == ("due", True, 1)
    assert row.next_at == NOW + outcomes.FIRST_WAIT
    clock.shift(outcomes.FIRST_WAIT)
    engine.send_due(world.host.pk)
    [row] = pushes(world)
    assert (row.state, row.possible_duplicate) == ("sent", True)
    assert [outcome for outcome, _, _ in story(world)] == ["unknown", "accepted"]
    assert len({json.loads(browser.open(body))["tag"] for _, body in receiver.got}) == 1


def test_a_message_whose_answer_is_always_lost_has_failed_in_the_end(
    world: World,
    subscription: PushSubscription,
    receiver: Receiver,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "REFUSALS", 3)
    remind(world)
    receiver.answers = [0] * 9
    for _ in range(5):
        engine.send_due(world.host.pk)
        clock.shift(outcomes.LONGEST_WAIT)
    [row] = pushes(world)
    assert (row.state, row.possible_duplicate, row.attempt, len(receiver.got)) == ("failed", True, 3, 3)
    assert [outcome for outcome, _, _ in story(world)] == ["unknown"] * 3
    with scope(world.host.pk):
        assert Event.objects.filter(action="reminder.failed").count() == 1


def test_what_a_dead_worker_may_have_sent_stays_flagged_through_a_refusal(
    world: World, subscription: PushSubscription, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    remind(world)
    with scope(world.host.pk):
        assert len(claim(10, channel="push", lease=sending.LEASE)) == 1  # and dies here
    clock.shift(sending.LEASE + timedelta(seconds=1))
    receiver.answers = [503, 201]
    engine.send_due(world.host.pk)
    assert [(row.state, row.possible_duplicate) for row in pushes(world)] == [("due", True)]
    clock.shift(outcomes.FIRST_WAIT)
    engine.send_due(world.host.pk)
    assert [(row.state, row.possible_duplicate) for row in pushes(world)] == [("sent", True)]


def test_a_message_that_a_service_refuses_has_failed_and_harms_no_mail_address(
    world: World, subscription: PushSubscription, receiver: Receiver
) -> None:
    remind(world)
    receiver.answers = [413]
    engine.send_due(world.host.pk)
    [row] = pushes(world)
    assert row.state == "failed"
    assert PushSubscription.objects.filter(pk=subscription.pk).exists()
    with scope(world.host.pk):
        assert Reminder.objects.get(channel="mail").state == "sent"


def test_one_of_two_browsers_is_enough(
    world: World, subscription: PushSubscription, receiver: Receiver, browser: Browser
) -> None:
    second = turn_on(world.manager, Browser().given(f"{receiver.url}&second"), "Firefox on Mac")
    remind(world)
    receiver.answers = [410, 201]
    engine.send_due(world.host.pk)
    [row] = pushes(world)
    assert (row.state, row.sent_to) == ("sent", "Firefox on Mac")
    assert list(PushSubscription.objects.values_list("pk", flat=True)) == [second.pk]


def test_a_browser_that_was_turned_on_for_another_key_is_not_called(
    world: World, subscription: PushSubscription, receiver: Receiver, settings: Any
) -> None:
    remind(world)
    settings.PUSH_KEY = base64.b64encode(b"7" * 32).decode()
    engine.send_due(world.host.pk)
    assert receiver.got == []
    assert [row.state for row in pushes(world)] == ["cancelled"]
    assert not PushSubscription.objects.exists()


def test_what_is_done_meanwhile_is_not_said(world: World, subscription: PushSubscription, receiver: Receiver) -> None:
    remind(world)
    with scope(world.host.pk):
        Site.objects.all().delete()
    engine.send_due(world.host.pk)
    assert receiver.got == []
    assert [row.state for row in pushes(world)] == ["cancelled"]


def test_what_is_done_while_its_batch_is_being_sent_is_not_said(
    world: World, subscription: PushSubscription, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scope(world.host.pk):
        ReminderPolicy.change(by=SOMEBODY, urgent=[ITEM.name])
    remind(world, number=2)
    post = sending._post

    def posting(*given: Any, **named: Any) -> Answer:
        answer = post(*given, **named)
        with scope(world.host.pk):
            Site.objects.all().delete()
        return answer

    monkeypatch.setattr(sending, "_post", posting)
    monkeypatch.setattr("notices.judging.FRESH_SECONDS", 0)
    engine.send_due(world.host.pk)
    assert len(receiver.got) == 1
    assert sorted(row.state for row in pushes(world)) == ["cancelled", "sent"]


def test_the_planner_adds_push_for_whoever_turned_it_on(world: World, subscription: PushSubscription) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        people = [
            (User.objects.get(pk=one.pk), role) for one, role in ((world.manager, "owner"), (world.owner, "deputy"))
        ]
        ladder.plan_reminders(
            site, kind=ITEM, due_on=date(2026, 12, 4), zone="America/Chicago", people=people, by=SOMEBODY
        )
        ways = set(Reminder.objects.values_list("recipient__email", "channel"))
    assert ways == {(world.manager.email, "mail"), (world.manager.email, "push"), (world.owner.email, "mail")}


def test_a_key_that_is_taken_away_while_messages_wait_holds_nothing_up(
    world: World, client_of: Any, subscription: PushSubscription, receiver: Receiver, settings: Any
) -> None:
    remind(world, ways=["push"])
    settings.PUSH_OWN_KEY = False
    assert client_of(world.manager).post(f"/me/reminders/push/{subscription.pk}/test").status_code == 404
    engine.send_due(world.host.pk)
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        assert sorted(Reminder.objects.values_list("channel", "state")) == [("in_app", "sent"), ("push", "withheld")]
    assert receiver.got == []
    assert PushSubscription.objects.filter(pk=subscription.pk).exists()  # it is reached again when the key is back
