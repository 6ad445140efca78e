"""Webhooks: signed, sent again under one id, and never to an address inside."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices import calling, engine, public_addresses, webhook
from notices.models import MessageEvent, Reminder, ReminderPolicy, Wanted, WebhookEndpoint
from notices.models.push_subscription import MOST
from notices.public_addresses import AddressRefused, resolve
from notices.push import sending
from notices.tests.receiver import Receiver, receiver, tls
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

__all__ = ["receiver", "tls"]
pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def endpoint(world: World, receiver: Receiver) -> WebhookEndpoint:
    with scope(world.host.pk):
        ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["webhook"]})
        endpoint = WebhookEndpoint.put(receiver.url, by=SOMEBODY)
        site = Site.objects.create(name="Main Street")
        Reminder.schedule(
            [Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 24), "You own it.")]
        )
        return endpoint


def row(world: World) -> Reminder:
    with scope(world.host.pk):
        found: Reminder = Reminder.objects.get()
        return found


def test_a_reminder_arrives_signed_and_once(world: World, endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    engine.send_due(world.host.pk)
    engine.send_due(world.host.pk)
    [(headers, body)] = receiver.got
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    said = json.loads(body)
    assert (said["data"]["title"], said["data"]["recipient"]["email"]) == ("Main Street", world.manager.email)
    assert said["text"].startswith("Manager Host: Main Street (due 2026-11-24) http")
    assert (row(world).state, row(world).attempt, row(world).possible_duplicate) == ("sent", 1, False)


def test_what_is_refused_comes_again_under_the_same_id(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    receiver.answers = [503, 302, 200]
    engine.send_due(world.host.pk)
    assert (row(world).state, row(world).last_error) == ("due", "503 Service Unavailable")
    engine.send_due(world.host.pk)
    assert len(receiver.got) == 1  # not before its time
    for _ in range(2):
        clock.shift(timedelta(minutes=5))
        engine.send_due(world.host.pk)
    assert row(world).state == "sent"
    # The redirect was not followed: three calls, all to the same address.
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_no_answer_is_tried_again_and_marked(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    receiver.answers = [0]
    engine.send_due(world.host.pk)
    assert (row(world).state, row(world).possible_duplicate) == ("due", True)
    clock.shift(timedelta(minutes=5))
    engine.send_due(world.host.pk)
    assert row(world).state == "sent"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_a_worker_that_died_leaves_it_to_the_next_marked(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    with scope(world.host.pk):
        assert len(webhook._claim()) == 1  # and dies here
    engine.send_due(world.host.pk)
    assert receiver.got == []
    clock.shift(webhook.LEASE)
    engine.send_due(world.host.pk)
    assert (row(world).state, row(world).possible_duplicate, len(receiver.got)) == ("sent", True, 1)


def test_after_many_tries_it_has_failed_and_can_be_sent_again(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    receiver.answers = [500] * webhook.TRIES
    for _ in range(webhook.TRIES):
        engine.send_due(world.host.pk)
        clock.shift(webhook.LONGEST_WAIT)
    assert row(world).state == "failed"
    with scope(world.host.pk):
        assert Event.objects.filter(action="reminder.failed").count() == 1
        Reminder.objects.get().resend(by=SOMEBODY)
    engine.send_due(world.host.pk)
    assert row(world).state == "sent"
    assert receiver.got[-1][0]["webhook-id"] != receiver.got[0][0]["webhook-id"]


def test_gone_turns_the_webhook_off_and_done_work_is_not_sent(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.answers = [410]
    engine.send_due(world.host.pk)
    assert row(world).state == "failed"
    with scope(world.host.pk):
        assert WebhookEndpoint.standing() is None
        WebhookEndpoint.put(receiver.url, by=SOMEBODY)
        site = Site.objects.create(name="Closed", closed_on=date(2026, 11, 1))
        Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 24), "Why.")])
    engine.send_due(world.host.pk)
    assert len(receiver.got) == 1
    with scope(world.host.pk):
        assert Reminder.objects.get(subject_id=site.pk).last_error == "It is done or gone."


def test_the_story_of_a_message_has_each_call_with_the_receivers_words(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    receiver.answers = [503]
    engine.send_due(world.host.pk)
    clock.move_to(NOW + timedelta(minutes=1))
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        said = MessageEvent.objects.of_message(row(world).pk)
        assert [(one.outcome, one.source, one.ours, one.title) for one in said] == [
            ("not_now", "receiver", True, "Refused for now"),
            ("accepted", "receiver", True, "Accepted by the receiver"),
        ]
        assert "503" in said[0].words


def test_what_waits_for_a_webhook_that_is_turned_off_arrives_in_causeway(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    with scope(world.host.pk):
        endpoint.turn_off(by=SOMEBODY, reason="We moved.")
    engine.send_due(world.host.pk)
    engine.send_due(world.host.pk)
    assert receiver.got == []
    with scope(world.host.pk):
        rows = Reminder.objects.values_list("channel", "state", "last_error").order_by("channel")
        assert list(rows) == [("in_app", "sent", ""), ("webhook", "withheld", "The organization has no webhook.")]


def test_what_is_done_while_its_batch_is_being_sent_is_not_sent(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scope(world.host.pk):
        other = Site.objects.create(name="Oak Street")
        Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", other.pk, "0", date(2026, 11, 24), "Why.")])
    post = webhook.post

    def posting(*given: Any) -> calling.Answer:
        answer = post(*given)
        with scope(world.host.pk):
            Site.objects.update(closed_on=date(2026, 11, 1))
        return answer

    monkeypatch.setattr(webhook, "post", posting)
    monkeypatch.setattr("notices.judging.FRESH_SECONDS", 0)
    assert engine.send_due(world.host.pk) == 0
    assert len(receiver.got) == 1
    with scope(world.host.pk):
        assert sorted(Reminder.objects.values_list("state", "last_error")) == [
            ("cancelled", "It is done or gone."), ("sent", ""),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fec0::1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[5f00::1]/",
        "https://[4000::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://8.8.8.8:22/",
        "https://me:secret@8.8.8.8/",
        "https://8.8.8.8:99999/",
        "https:///nothing",
        "https://8.8.8.8/a\r\nX-Header: 1",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "https://" + "a" * 300 + "/",
    ],
)
def test_an_address_inside_is_refused_and_nothing_is_kept(world: World, url: str) -> None:
    with scope(world.host.pk):
        with pytest.raises(AddressRefused):
            WebhookEndpoint.put(url, by=SOMEBODY)
        assert not WebhookEndpoint.objects.exists()
        assert not Event.objects.filter(action="webhook.set").exists()


def test_a_name_that_leads_inside_too_is_refused_and_the_checked_address_is_the_one_called(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["8.8.8.8", "10.0.0.1"], ["8.8.8.8"]]
    asked: list[str] = []
    called: list[Any] = []

    def lookup(host: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(host)
        found = answers.pop(0) if answers else ["127.0.0.1"]  # from now on it leads inside
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(address: Any, timeout: float) -> socket.socket:
        called.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(public_addresses.socket, "getaddrinfo", lookup)
    monkeypatch.setattr(calling.socket, "create_connection", connect)
    with pytest.raises(AddressRefused, match="public internet"):
        resolve("https://rebind.example/")
    target = resolve("https://rebind.example/")
    calling.call(target, b"{}", {})
    assert called == [("8.8.8.8", 443)]
    assert len(asked) == 2
    endpoint = WebhookEndpoint(organization_id=world.host.pk, url="https://rebind.example/")
    assert webhook.post(endpoint, "msg_1", {}).status is None
    assert len(called) == 1  # the second answer of the name server was looked at before anything was called


def test_names_inside_are_not_told_from_names_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"vault.corp.example": "10.0.0.1"}

    def lookup(host: str, port: int, **kwargs: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    monkeypatch.setattr(public_addresses.socket, "getaddrinfo", lookup)
    said = set()
    for host in ("vault.corp.example", "nobody.corp.example"):
        with pytest.raises(AddressRefused) as refused:
            resolve(f"https://{host}/")
        said.add(str(refused.value).replace(host, "HOST"))
    assert said == {"HOST leads to no address on the public internet."}


TRICKLE = 250
"""Drips at most, five seconds of them: whoever is not cut off by then would be held for as long as the receiver likes."""


def dripped_on(scheme: str, speaks: ssl.SSLContext | None, greeting: bytes = b"") -> tuple[calling.Answer, bool]:
    """Call a receiver that sends a byte and again one; return what was heard, and whether it was cut off."""
    held = threading.Event()

    def dripping() -> None:
        with contextlib.ExitStack() as closing, contextlib.suppress(OSError):  # the caller has hung up
            peer = closing.enter_context(listener.accept()[0])
            peer.sendall(greeting)
            if speaks:
                peer = closing.enter_context(speaks.wrap_socket(peer, server_side=True))
            for _ in range(TRICKLE):
                peer.send(b"H")
                time.sleep(0.02)
            held.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=dripping, daemon=True)
        thread.start()
        answer = calling.call(resolve(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"), b"{}", {})
        thread.join(30)
    return answer, not held.is_set()


def test_a_receiver_that_drips_its_answer_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "WHOLE", 0.2)
    answer, cut = dripped_on("http", None)
    assert (answer.status, answer.unknown, cut) == (None, True, True)


def test_a_receiver_that_drips_its_answer_over_tls_is_cut_off(
    receiver: Receiver, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "WHOLE", 1.0)
    answer, cut = dripped_on("https", tls)
    assert (answer.status, cut) == (None, True)


def test_a_receiver_that_drips_its_handshake_is_cut_off_and_has_got_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "WHOLE", 0.2)
    record = b"\x16\x03\x03\x40\x00"  # begins a handshake of 16 KB
    answer, cut = dripped_on("https", None, record)
    assert (answer.status, answer.unknown, cut) == (None, False, True)


def test_a_receiver_over_tls_is_heard(receiver: Receiver, tls: ssl.SSLContext) -> None:
    receiver.server.socket = tls.wrap_socket(receiver.server.socket, server_side=True)
    answer = calling.call(resolve(receiver.url.replace("http:", "https:")), b"{}", {"X-Said": "once"})
    assert (answer.status, [body for _, body in receiver.got]) == (204, [b"{}"])


def test_a_receiver_that_nobody_vouches_for_gets_nothing(
    receiver: Receiver, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    receiver.server.socket = tls.wrap_socket(receiver.server.socket, server_side=True)
    answer = calling.call(resolve(receiver.url.replace("http:", "https:")), b"{}", {})
    assert (answer.status, answer.unknown, receiver.got) == (None, False, [])
    assert "CERTIFICATE_VERIFY_FAILED" in answer.words


def test_the_lease_outlasts_a_whole_batch_of_the_slowest_calls() -> None:
    assert timedelta(seconds=webhook.BATCH * (calling.WHOLE + calling.ANSWER)) < webhook.LEASE
    assert timedelta(seconds=MOST * (calling.WHOLE + calling.ANSWER)) < sending.LEASE


def test_the_page_sets_tests_renews_and_turns_off(
    world: World, receiver: Receiver, client_of: Callable[[User], Client]
) -> None:
    browser, place = client_of(world.owner), "/o/host/admin/reminders/webhook/"
    assert client_of(world.contributor).get(place).status_code == 403
    assert client_of(world.stranger).get(place).status_code == 404
    assert browser.post(f"{place}test").status_code == 404
    page = browser.post(place, {"url": receiver.url}).content.decode()
    with scope(world.host.pk):
        first = WebhookEndpoint.objects.get().secret
    assert first in page.replace("&#43;", "+").replace("&#x3D;", "=")
    assert "whsec_" not in browser.get(place).content.decode()
    receiver.answers = [200, 500]
    assert "The receiver took the test message" in browser.post(f"{place}test").content.decode()
    assert "The receiver did not take the test message" in browser.post(f"{place}test").content.decode()
    assert "whsec_" in browser.post(f"{place}secret").content.decode()
    assert browser.post(f"{place}off").status_code == 302
    with scope(world.host.pk):
        assert WebhookEndpoint.standing() is None
        assert WebhookEndpoint.objects.get().secret != first
        assert not Event.objects.filter(data__icontains="whsec").exists()


def test_an_administrator_who_lets_us_call_without_end_is_held_up(
    world: World, endpoint: WebhookEndpoint, receiver: Receiver, client_of: Callable[[User], Client], settings: Any
) -> None:
    """Each call holds a process of ours for as long as the receiver likes, up to fifteen seconds."""
    settings.ACCOUNT_RATE_LIMITS = {"manage_email": "2/m/user"}
    browser, place = client_of(world.owner), "/o/host/admin/reminders/webhook/"
    assert [browser.post(f"{place}test").status_code for _ in range(2)] == [200, 200]
    answer = browser.post(f"{place}test")
    assert (answer.status_code, "Wait a minute" in answer.content.decode()) == (429, True)
    assert len(receiver.got) == 2
    answer = browser.post(place, {"url": f"{receiver.url}elsewhere"})
    assert (answer.status_code, "Wait a minute" in answer.content.decode()) == (429, True)
    with scope(world.host.pk):
        assert WebhookEndpoint.objects.get().url == receiver.url
