"""What another site, a forged host or a doctored link can make of our addresses."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from accounts.second_factor import AFTER_SET_UP
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World
from testing.isolation import registry

ClientOf = Callable[[User], Client]
TAKES_POSTS_FROM_ANYWHERE = {"unsubscribe", "mail_hook"}
"""A signed link that only stops a digest (RFC 8058), and reports that providers sign."""
NOT_OURS = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "http:///evil.example", "javascript:alert(1)", "\t//evil.example", "/\t/evil.example", "https://testserver@evil.example/",
    "https://testserver.evil.example/",
]  # fmt: skip
CONVERTED = {"uuid": str(uuid4()), "int": "1", "slug": "x", "str": "x", "path": "x", "": "x"}


def example(route: str) -> str:
    """Return an address of a route, with arguments that name nothing."""
    plain = re.sub(
        r"<(?:(\w+):)?(\w+)>", lambda found: "host" if found[2] == "org" else CONVERTED[found[1] or ""], route
    )
    return "/" + re.sub(r"\(\?P<\w+>[^)]*\)", "x", plain).replace("^", "").replace("$", "").replace("\\Z", "")


@pytest.mark.asvs("V3.5.1")
def test_no_address_takes_a_post_without_the_form_token(world: World, client_of: ClientOf) -> None:
    signed_in = client_of(world.owner)
    forger = Client(enforce_csrf_checks=True, raise_request_exception=False)
    forger.cookies = signed_in.cookies
    taken, asked = set(), 0
    with scope(world.host.pk):
        before = Event.objects.count()
    for name, route in registry.addresses():
        if route.startswith("admin/") or name in TAKES_POSTS_FROM_ANYWHERE:
            continue
        answer = forger.post(example(route), headers={"Origin": "https://evil.example"})
        asked += answer.status_code == 403
        if answer.status_code not in (403, 404, 405):
            taken.add(f"{name} {answer.status_code}")
    assert taken == set()
    assert asked > 500
    with scope(world.host.pk):
        assert Event.objects.count() == before


def test_what_takes_posts_without_the_form_token_is_known_by_name() -> None:
    def exempt(patterns: object) -> set[str]:
        found: set[str] = set()
        for one in patterns:  # type: ignore[attr-defined]
            if hasattr(one, "url_patterns"):
                found |= exempt(one.url_patterns)
            elif getattr(one.callback, "csrf_exempt", False) and not hasattr(
                one.callback, "cls"
            ):  # the API asks itself
                found.add(one.name)
        return found

    assert exempt(get_resolver().url_patterns) == TAKES_POSTS_FROM_ANYWHERE


def test_no_other_site_may_read_an_answer(world: World, client_of: ClientOf) -> None:
    browser, elsewhere = client_of(world.owner), {"Origin": "https://evil.example"}
    asks = {**elsewhere, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for place in ("/o/host/", "/o/host/api/v1/sites", "/o/host/api/v1/openapi.json", "/accounts/login/", "/livez"):
        for answer in (browser.get(place, headers=elsewhere), browser.options(place, headers=asks)):
            assert not [name for name in answer.headers if name.lower().startswith("access-control")], place


def test_a_forged_host_gets_no_page_and_no_mail(world: World, settings: object) -> None:
    for forged in ("evil.example", "testserver.evil.example", "testserver:80@evil.example"):
        answer = Client(raise_request_exception=False).post(
            "/accounts/password/reset/", {"email": world.owner.email}, headers={"Host": forged}
        )
        assert answer.status_code == 400
    assert mail.outbox == []
    Client().post(
        "/accounts/password/reset/", {"email": world.owner.email}, headers={"X-Forwarded-Host": "evil.example"}
    )
    [message] = mail.outbox
    assert "http://testserver/accounts/password/reset/key/" in str(message.body)
    assert "evil" not in str(message.body)


@pytest.mark.parametrize("place", NOT_OURS, ids=ascii)
def test_no_link_of_ours_leads_to_another_site(world: World, client_of: ClientOf, place: str) -> None:
    world.learner.set_password("correct horse battery staple")
    world.learner.save()
    said = {"login": world.learner.email, "password": "correct horse battery staple"}
    signed_in = client_of(world.learner)
    signed_in.force_login(world.learner)
    again = {"password": said["password"], "next": place}
    for answer in (
        Client().post("/accounts/login/", {**said, "next": place}),
        Client().post("/dev/sign-in", {"person": world.learner.email, "next": place}),
        client_of(world.learner).post("/accounts/logout/", {"next": place}),
        client_of(world.owner).post("/appearance", {"theme": "dark", "next": place}),
        signed_in.post("/accounts/reauthenticate/", again),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/"), answer["Location"]
        assert not re.match(r"[/\\\s]{2}|/\s", answer["Location"]), answer["Location"]
        assert "evil" not in answer["Location"].partition("?")[0]


@pytest.mark.parametrize("place", NOT_OURS, ids=ascii)
def test_whoever_has_set_up_a_factor_is_led_to_no_other_site(world: World, client_of: ClientOf, place: str) -> None:
    browser = client_of(world.owner)
    answer = browser.get("/accounts/second-factor/", {"next": place})
    assert answer.status_code == 200
    assert browser.session[AFTER_SET_UP] == "/"
    assert "evil" not in answer.content.decode()
