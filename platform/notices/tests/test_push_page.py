"""A person turns push messages on, tests them and turns them off: their own browsers, at addresses outside, and not without end."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from notices.models import PushSubscription
from notices.models.push_subscription import MOST, PushRefused
from notices.public_addresses import AddressRefused
from notices.push import keys
from notices.tests.push_browser import Browser, browser, subscription, text, turn_on
from notices.tests.receiver import Receiver, receiver
from testing.cast import World

__all__ = ["browser", "receiver", "subscription"]
pytestmark = pytest.mark.django_db(databases=["default", "steward"])
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"


ATTACKS = {
    "an address inside": {"endpoint": "https://127.0.0.1/push"},
    "the cloud's own service": {"endpoint": "https://169.254.169.254/latest/meta-data"},
    "no tls": {"endpoint": "http://8.8.8.8/push"},
    "another scheme": {"endpoint": "file:///etc/passwd"},
    "nothing": {"endpoint": ""},
    "a zero in the secret": {"secret": "\x00"},
    "no point of the curve": {"public_key": text(b"\x04" + b"\x01" * 64)},
    "a short key": {"public_key": "BCVx"},
    "letters that are none": {"secret": "\u2603" * 20},
    "a long secret": {"secret": text(b"x" * 40)},
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_no_browser_gave_is_refused_and_nothing_is_kept(
    world: World, client_of: Any, browser: Browser, attack: dict[str, str]
) -> None:
    given = browser.given("https://[2606:4700::1111]/push") | attack
    with pytest.raises((PushRefused, AddressRefused)):
        turn_on(world.manager, given)
    answer = client_of(world.manager).post("/me/reminders/push", given)
    assert answer.status_code == 422
    assert not PushSubscription.objects.exists()
    assert not User.objects.get(pk=world.manager.pk).takes_push


def test_the_page_turns_a_browser_on_tests_it_and_turns_it_off(
    world: World, client_of: Any, receiver: Receiver, browser: Browser
) -> None:
    client = client_of(world.manager)
    answer = client.post("/me/reminders/push", browser.given(receiver.url), HTTP_USER_AGENT=CHROME, follow=True)
    page = answer.content.decode()
    assert "Chrome on Windows" in page
    assert f'data-push="{keys.public()}"' in page
    assert ("English" in page, "Comes on days with something to say" in page) == (True, True)
    made = PushSubscription.objects.get()
    assert "took the message" in client.post(f"/me/reminders/push/{made.pk}/test").content.decode()
    assert json.loads(browser.open(receiver.got[0][1]))["title"] == "Push messages work in this browser"
    receiver.answers = [410]
    assert "410 Gone" in client.post(f"/me/reminders/push/{made.pk}/test").content.decode()
    client.post(f"/me/reminders/push/{made.pk}/off")
    assert not PushSubscription.objects.exists()


def test_a_person_who_sends_tests_without_end_is_held_up_and_nobody_else(
    world: World, client_of: Any, subscription: PushSubscription, receiver: Receiver, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"manage_email": "2/m/user"}
    theirs = turn_on(world.owner, Browser().given(f"{receiver.url}&owner"))
    client, place = client_of(world.manager), f"/me/reminders/push/{subscription.pk}/test"
    assert [client.post(place).status_code for _ in range(2)] == [200, 200]
    answer = client.post(place)
    assert (answer.status_code, "Wait a minute" in answer.content.decode()) == (429, True)
    assert len(receiver.got) == 2
    assert client.post("/me/reminders/push", Browser().given(f"{receiver.url}&more")).status_code == 429
    assert PushSubscription.objects.filter(user=world.manager).count() == 1
    assert client_of(world.owner).post(f"/me/reminders/push/{theirs.pk}/test").status_code == 200
    assert len(receiver.got) == 3


def test_turning_it_on_twice_is_once_and_a_shared_browser_is_the_last_persons(
    world: World, receiver: Receiver, browser: Browser
) -> None:
    first = turn_on(world.manager, browser.given(receiver.url))
    assert turn_on(world.manager, browser.given(receiver.url)).pk == first.pk
    turn_on(world.owner, Browser().given(receiver.url))
    [kept] = PushSubscription.objects.all()
    assert kept.user_id == world.owner.pk
    assert [User.objects.get(pk=one.pk).takes_push for one in (world.manager, world.owner)] == [False, True]


def test_the_eleventh_browser_is_refused(world: World, receiver: Receiver, browser: Browser) -> None:
    for number in range(MOST):
        turn_on(world.manager, browser.given(f"{receiver.url}&{number}"))
    with pytest.raises(PushRefused, match="at most 10"):
        turn_on(world.manager, browser.given(f"{receiver.url}&more"))
    assert PushSubscription.objects.count() == MOST


def test_nobody_reaches_anothers_browser(
    world: World, client_of: Any, subscription: PushSubscription, client: Client
) -> None:
    for what in ("off", "test"):
        address = f"/me/reminders/push/{subscription.pk}/{what}"
        assert client_of(world.owner).post(address).status_code == 404
        assert client.post(address).status_code == 302  # to the sign-in
        assert client_of(world.manager).post(f"/me/reminders/push/{uuid4()}/{what}").status_code == 404
    assert subscription.endpoint not in client_of(world.owner).get("/me/reminders/").content.decode()
    assert PushSubscription.objects.filter(pk=subscription.pk).exists()


def test_without_a_key_nothing_is_offered(world: World, client_of: Any, settings: Any, browser: Browser) -> None:
    settings.PUSH_OWN_KEY = False
    client = client_of(world.manager)
    assert "has not set a key" in client.get("/me/reminders/").content.decode()
    assert client.post("/me/reminders/push", browser.given("https://8.8.8.8/push")).status_code == 404


def test_the_worker_has_one_address_and_stands_before_no_request(client: Client) -> None:
    answer = client.get("/push-worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    text = answer.content.decode()
    assert 'addEventListener("push"' in text
    assert "fetch" not in text
    assert "caches" not in text
