"""allauth's pages and the admin wear our look and keep the content policy's rules."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import Client, RequestFactory

from accounts.models import User
from testing.cast import World

ClientOf = Callable[[User], Client]
SIGNED_OUT = ["/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"]
SIGNED_IN = [
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/sessions/",
    "/accounts/logout/",
]
INLINE = re.compile(r"<style|\sstyle=|<[^>]+\son[a-z]+=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>")


def assert_ours(text: str) -> None:
    assert "/static/web/css/causeway.css" in text
    assert not INLINE.search(text)
    assert all("src=" in script or "application/json" in script for script in SCRIPT.findall(text))
    assert len(re.findall(r"<h1\b", text)) == 1
    assert re.search(r'<main[^>]* id="main"', text)
    assert "<title>Your account" not in text or "Security" in text


@pytest.mark.django_db
@pytest.mark.parametrize("address", SIGNED_OUT)
def test_a_page_before_sign_in_is_ours(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert_ours(answer.content.decode())
    assert "Do not enter patient data in Causeway." in answer.content.decode()


@pytest.mark.parametrize("address", SIGNED_IN)
def test_a_page_of_ones_own_account_is_ours(world: World, client_of: ClientOf, address: str) -> None:
    answer = client_of(world.learner).get(address, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "/static/web/css/causeway.css" in text
    assert not INLINE.search(text)


@pytest.mark.django_db
def test_a_wrong_password_brings_the_summary_and_signs_nobody_in(world: World) -> None:
    client = Client()
    answer = client.post("/accounts/login/", {"login": world.learner.email, "password": "not the password"})
    text = answer.content.decode()
    assert "One thing to correct" in text
    assert "_auth_user_id" not in client.session


def test_the_admin_uses_the_products_colors() -> None:
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser()
    text = engines["django"].get_template("admin/base_site.html").render({"title": "Deliveries"}, request)
    assert "<title>Deliveries · Causeway</title>" in text
    [address] = re.findall(r'href="/static/([^"]+admin\.css)"', text.replace("admin/css/", ""))
    assert finders.find(address)
    assert not INLINE.search(text)
