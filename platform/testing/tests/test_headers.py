"""A crawler over every address of the product, as nobody, a member and an operator, with production's settings for TLS."""

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import User
from config.tests.test_production import NEEDED
from testing.cast import World
from testing.headers import shortcomings, shortcomings_over_tls
from testing.isolation import registry

SETTINGS = (
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME",
)  # fmt: skip
FILLED = {"uuid": str(UUID(int=7)), "int": "1", "slug": "host", "str": "x", "path": "x"}
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
GROUP = re.compile(r"\(\?P<\w+>[^()]*(?:\([^()]*\)[^()]*)*\)")


def crawled() -> list[str]:
    """Return every address of the URLconf, its arguments filled in with something."""
    found = []
    for _, route in registry.addresses():
        plain = ARGUMENT.sub(lambda part: FILLED[part[1] or "str"], route)
        found.append("/" + GROUP.sub("1-a", plain).replace("^", "").replace("$", "").replace("\\", ""))
    return sorted(set(found))


@pytest.fixture
def over_tls(settings: Any) -> None:
    """Put production's own values in force."""
    code = f"from django.conf import settings; print([getattr(settings, name) for name in {SETTINGS!r}])"
    environment = {
        **NEEDED,
        "PYTHONPATH": ":".join([str(django_settings.BASE_DIR), f"{django_settings.BASE_DIR}/platform"]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    for name, value in zip(SETTINGS, eval(done.stdout), strict=True):  # noqa: S307 - our own print of literals
        setattr(settings, name, value)


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["causeway_second_factor"] = True
    session.save()
    return client


@pytest.mark.asvs("V3.4.1", "V3.4.3", "V3.4.4", "V3.4.5", "V3.4.6")
@pytest.mark.parametrize("who", ["nobody", "owner", "vendor", "operator"])
def test_every_address_answers_with_every_header(world: World, over_tls: None, who: str) -> None:
    operator = User.objects.create_superuser("operator@causeway.example", name="Operator")
    people: dict[str, Callable[[], Client]] = {
        "nobody": Client,
        "owner": lambda: sign_in(world.owner),
        "vendor": lambda: sign_in(world.vendor_manager),
        "operator": lambda: sign_in(operator),
    }
    client = people[who]()
    client.raise_request_exception = False
    addresses = crawled()
    assert len(addresses) > 250
    wrong: dict[str, list[str]] = {}
    statuses: set[int] = set()
    for address in addresses:
        if address.endswith("/logout/") or address.startswith("/static/"):
            continue
        answer = client.get(address, secure=True)
        if answer.streaming:
            b"".join(answer.streaming_content)
        statuses.add(answer.status_code)
        if found := [*shortcomings(answer), *shortcomings_over_tls(answer)]:
            wrong[f"{address} ({answer.status_code})"] = found
        if answer.status_code >= 500:
            wrong.setdefault(address, []).append(f"answered {answer.status_code}")
    assert wrong == {}
    assert {200, 404} <= statuses


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_refusals_of_a_method_carry_them_too(world: World, over_tls: None, method: str) -> None:
    client = sign_in(world.owner)
    for address in ("/o/host/", "/o/host/api/v1/deployments", "/accounts/login/", "/nowhere", "/livez"):
        answer = client.generic(method.upper(), address, secure=True)
        assert [*shortcomings(answer), *shortcomings_over_tls(answer)] == [], address
        assert answer.status_code < 500


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_a_sign_in_over_tls_sets_cookies_that_stay_with_this_host(world: World, over_tls: None) -> None:
    world.learner.set_password("a-long-enough-secret")
    world.learner.save()
    client = Client()
    form = client.get("/accounts/login/", secure=True)
    answer = client.post(
        "/accounts/login/", {"login": world.learner.email, "password": "a-long-enough-secret"}, secure=True
    )
    names = set(form.cookies) | set(answer.cookies)
    assert {"__Host-causeway_session", "__Host-causeway_csrf"} <= names
    assert [*shortcomings_over_tls(form), *shortcomings_over_tls(answer)] == []


def test_the_crawler_sees_a_fault(world: World) -> None:
    answer = Client().get("/accounts/login/")
    assert list(shortcomings(answer)) == []
    assert list(shortcomings_over_tls(answer)) != []
    answer.headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self' 'unsafe-inline'"
    del answer.headers["X-Frame-Options"]
    assert [words.split()[-1] for words in shortcomings(answer)] == [
        "'unsafe-inline'", "open", "open", "open", "'DENY'",
    ]  # fmt: skip
