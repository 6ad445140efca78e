"""Every way to sign in, for every privileged role: without a second factor none of them leads anywhere."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from json import dumps, loads
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.utils import timezone

from access.permissions import Role
from accounts.models import ApiToken, Membership, User
from accounts.second_factor import AFTER_SET_UP, code_of
from accounts.tests.passkey import Passkey
from tenancy.models import Organization
from tenancy.scope import scope
from testing.cast import SETUP, World, person

PASSWORD = "a-long-enough-secret"
Path = Callable[[Client, User], None]


def by_password(client: Client, user: User) -> None:
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302


def by_mailed_code(client: Client, user: User) -> None:
    client.post("/accounts/login/code/", {"email": user.email})
    code = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code, mail.outbox[-1].body
    assert client.post("/accounts/login/code/confirm/", {"code": code[1]}).status_code == 302


def by_reset_password(client: Client, user: User) -> None:
    client.post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link, mail.outbox[-1].body
    form = client.get(link[1])
    client.post(form["Location"], {"password1": PASSWORD + "2", "password2": PASSWORD + "2"})
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD + "2"}).status_code == 302


def by_confirming_the_address(client: Client, user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=False)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    key = EmailConfirmationHMAC(EmailAddress.objects.get(user=user)).key
    assert client.get(f"/accounts/confirm-email/{key}/").status_code == 200
    client.post(f"/accounts/confirm-email/{key}/")
    if not get_user(client).is_authenticated:
        by_password(client, user)


def by_password_and_again_by_password(client: Client, user: User) -> None:
    by_password(client, user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


ONE_FACTOR: dict[str, Path] = {
    "password": by_password,
    "mailed code": by_mailed_code,
    "password reset": by_reset_password,
    "confirmed address": by_confirming_the_address,
    "password twice": by_password_and_again_by_password,
}
PRIVILEGED = {"owner": Role.OWNER, "administrator": Role.ADMINISTRATOR, "approver": Role.APPROVER, "staff": None}


@pytest.fixture
def privileged(world: World, request: pytest.FixtureRequest) -> User:
    """A person with the role, a password, and no second factor yet."""
    role = PRIVILEGED[request.param]
    user = person("privileged@host.example", "Privileged Host")
    user.set_password(PASSWORD)
    user.is_staff = user.is_superuser = role is None
    user.save()
    with scope(world.host.pk):
        Membership.add(user, roles=[role or Role.LEARNER], by=SETUP)
    return user


def reach(client: Client) -> set[str]:
    """What the session opens, of the organization, the admin and one's own pages."""
    found = set()
    for address in ("/o/host/", "/o/host/admin/people/", "/admin/", "/admin/session/", "/me/", "/organizations/", "/"):
        answer = client.get(address)
        away = answer.headers.get("Location", "")
        if not away.startswith(("/accounts/second-factor/", "/accounts/login/", "/accounts/2fa/authenticate/")):
            found.add(address)
    return found


@pytest.mark.asvs("V6.3.3", "V6.3.4")
@pytest.mark.parametrize("privileged", PRIVILEGED, indirect=True)
@pytest.mark.parametrize("path", ONE_FACTOR.values(), ids=ONE_FACTOR)
def test_one_factor_opens_nothing_for_a_privileged_role(privileged: User, path: Path) -> None:
    client = Client()
    path(client, privileged)
    assert get_user(client) == privileged
    assert reach(client) == set()
    assert "Set up a second factor" in client.get("/accounts/second-factor/").content.decode()


@pytest.mark.parametrize("path", ONE_FACTOR.values(), ids=ONE_FACTOR)
def test_one_factor_opens_the_organization_for_a_learner(world: World, path: Path) -> None:
    world.learner.set_password(PASSWORD)
    world.learner.save()
    client = Client()
    path(client, world.learner)
    assert "/o/host/" in reach(client)


def app_of(user: User) -> str:
    """Set an authenticator app up and return its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


@pytest.mark.parametrize("privileged", PRIVILEGED, indirect=True)
@pytest.mark.parametrize("path", ONE_FACTOR.values(), ids=ONE_FACTOR)
def test_where_a_second_factor_is_set_up_the_first_alone_is_not_signed_in(privileged: User, path: Path) -> None:
    app_of(privileged)
    client = Client()
    path(client, privileged)
    assert not get_user(client).is_authenticated
    assert reach(client) == set()


@pytest.mark.parametrize("privileged", PRIVILEGED, indirect=True)
def test_a_wrong_code_opens_nothing_and_the_right_one_everything(privileged: User) -> None:
    secret = app_of(privileged)
    client = Client()
    by_password(client, privileged)
    right = code_of(secret)
    wrong = "000000" if right != "000000" else "000001"
    client.post("/accounts/2fa/authenticate/", {"code": wrong})
    assert reach(client) == set()
    client.post("/accounts/2fa/authenticate/", {"code": right})
    assert {"/o/host/", "/me/", "/"} <= reach(client)


@pytest.mark.parametrize("privileged", ["owner"], indirect=True)
def test_a_code_that_ended_while_it_was_typed_still_counts_once(privileged: User) -> None:
    secret = app_of(privileged)
    with time_machine.travel(timezone.now().replace(second=25), tick=False) as clock:
        code = code_of(secret)
        clock.shift(timedelta(seconds=20))
        first, second = Client(), Client()
        for client in (first, second):
            by_password(client, privileged)
            client.post("/accounts/2fa/authenticate/", {"code": code})
        assert "/o/host/" in reach(first)
        assert reach(second) == set()
        clock.shift(timedelta(seconds=30))
        late = Client()
        by_password(late, privileged)
        late.post("/accounts/2fa/authenticate/", {"code": code})
        assert reach(late) == set()


@pytest.mark.asvs("V6.5.1")
@pytest.mark.parametrize("privileged", ["owner"], indirect=True)
def test_a_recovery_code_works_once(privileged: User) -> None:
    app_of(privileged)
    code = RecoveryCodes.activate(privileged).get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        by_password(client, privileged)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert ("/o/host/" in reach(client)) is expected


def register(client: Client, passkey: Passkey) -> None:
    """Add a passkey through the pages, which ask for the password again first."""
    assert client.get("/accounts/2fa/webauthn/add/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/webauthn/add/")
    assert page.status_code == 200, page.headers
    form = page.content.decode()
    options = loads(unescape(re.search(r'id="js_data" type="application/json">(.*?)</script>', form, re.DOTALL)[1]))
    credential = dumps(passkey.register(options["creation_options"]))
    fields = {"name": "Desk", "passwordless": "on", "credential": credential}
    answer = client.post("/accounts/2fa/webauthn/add/", fields)
    assert answer.status_code == 302, answer.content.decode()


def by_passkey(client: Client, user: User, passkey: Passkey, *, verified: bool = True) -> None:
    options = client.get("/accounts/2fa/webauthn/login/", HTTP_X_REQUESTED_WITH="XMLHttpRequest").json()
    answer = passkey.sign(options["request_options"], user_id_text(user), verified)
    client.post("/accounts/2fa/webauthn/login/", {"credential": dumps(answer)})


def user_id_text(user: User) -> str:
    from allauth.account.utils import user_pk_to_url_str

    return user_pk_to_url_str(user)


@pytest.mark.parametrize("privileged", PRIVILEGED, indirect=True)
def test_a_passkey_counts_as_both_factors(privileged: User) -> None:
    passkey, first = Passkey(), Client()
    by_password(first, privileged)
    register(first, passkey)
    assert reach(first) == set(), "set up is not yet proved"
    second = Client()
    by_passkey(second, privileged, passkey)
    assert {"/o/host/", "/me/", "/"} <= reach(second)


@pytest.mark.parametrize("privileged", ["owner"], indirect=True)
def test_a_passkey_whose_holder_was_not_verified_signs_nobody_in(privileged: User) -> None:
    passkey, first = Passkey(), Client()
    by_password(first, privileged)
    register(first, passkey)
    second = Client()
    by_passkey(second, privileged, passkey, verified=False)
    assert not get_user(second).is_authenticated


@pytest.mark.parametrize("privileged", ["owner"], indirect=True)
def test_another_persons_passkey_signs_nobody_in(privileged: User) -> None:
    first = Client()
    by_password(first, privileged)
    register(first, Passkey())
    second = Client()
    by_passkey(second, privileged, Passkey())
    assert not get_user(second).is_authenticated


@pytest.mark.parametrize("privileged", ["approver"], indirect=True)
def test_a_second_factor_set_up_in_this_session_is_asked_for_and_then_opens(privileged: User) -> None:
    client = Client()
    by_password_and_again_by_password(client, privileged)
    form = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"<dd>([A-Z2-7 ]{16,})</dd>", form)
    assert secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1].replace(" ", ""))})
    assert Authenticator.objects.filter(user=privileged, type=Authenticator.Type.TOTP).exists()
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert codes.count("<code>") == 10
    assert "<code>" not in client.get("/accounts/2fa/recovery-codes/").content.decode(), "shown once"
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code in {403, 404}
    assert reach(client) == set()
    assert "Confirm it is you" in client.get("/accounts/second-factor/").content.decode()
    recovery = re.search(r"<code>(\d+)</code>", codes)
    assert recovery
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": recovery[1], "next": "/o/host/"})
    assert answer.headers.get("Location") == "/o/host/"
    assert {"/o/host/", "/me/", "/"} <= reach(client)


@pytest.mark.parametrize("privileged", ["owner"], indirect=True)
def test_a_session_that_somebody_found_open_makes_no_token(privileged: User) -> None:
    """A token lasts a year: whoever comes by an unlocked screen must not leave with one."""
    client, place = Client(), "/o/host/admin/tokens/new/"
    secret = app_of(privileged)
    by_password(client, privileged)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/o/host/admin/tokens/").status_code == 200
    fields = {"name": "Mine", "scopes": ["site.read"], "expires": timezone.localdate() + timedelta(days=300)}
    for answer in (client.get(place), client.post(place, fields)):
        assert answer["Location"] == f"/accounts/reauthenticate/?next={quote(place, safe='')}"
    organization = Organization.objects.get(slug="host")
    with scope(organization.pk):
        assert not ApiToken.objects.exists()
    back = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": place})
    assert back["Location"] == place
    with scope(organization.pk):
        assert not ApiToken.objects.exists()
    assert client.post(place, fields).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.post(place, fields).status_code == 302
    with scope(organization.pk):
        assert ApiToken.objects.count() == 1


def test_who_needs_a_second_factor_to_sign_sets_one_up_and_comes_back(world: World) -> None:
    user = person("voter@host.example", "Voter Host")
    user.set_password(PASSWORD)
    user.save()
    with scope(world.host.pk):
        Membership.add(user, roles=[Role.CONTRIBUTOR], by=SETUP)
    client, wanted = Client(), "/o/host/inbox/?from=signing#sign"
    by_password_and_again_by_password(client, user)
    page = client.get("/accounts/second-factor/", {"next": wanted}).content.decode()
    assert "Set up a second factor" in page
    form = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"<dd>([A-Z2-7 ]{16,})</dd>", form)
    assert secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1].replace(" ", ""))})
    assert f'href="{wanted}"' in client.get("/accounts/2fa/recovery-codes/").content.decode()
    again = client.get("/accounts/second-factor/", {"next": wanted})
    assert (again.status_code, again["Location"]) == (302, wanted), "nothing is asked of a role that needs none"


def test_nobody_is_led_elsewhere_after_setting_up_a_second_factor(world: World) -> None:
    client = Client()
    client.force_login(world.learner)
    client.get("/accounts/second-factor/", {"next": "https://elsewhere.example/"})
    assert client.session[AFTER_SET_UP] == "/"


def test_nobody_signs_up_by_themselves(world: World) -> None:
    before = User.objects.count()
    client = Client()
    assert client.get("/accounts/signup/").status_code == 403
    fields = {"email": "new@host.example", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/accounts/signup/", fields)
    assert answer.status_code == 403
    assert "Accounts are made by invitation" in answer.content.decode()
    assert User.objects.count() == before


@pytest.mark.asvs("V6.3.8")
@pytest.mark.parametrize("address", ["/accounts/login/code/", "/accounts/password/reset/"])
def test_an_unknown_address_gets_the_same_answer_and_no_mail(world: World, address: str) -> None:
    known, unknown = Client(), Client()
    first = known.post(address, {"email": world.learner.email})
    sent = len(mail.outbox)
    second = unknown.post(address, {"email": "nobody@host.example"})
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert (sent, len(mail.outbox)) == (1, 1)


@pytest.mark.asvs("V6.3.1")
def test_guessing_passwords_is_stopped(world: World, settings: object) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip,2/5m/key"}
    world.learner.set_password(PASSWORD)
    world.learner.save()
    client = Client(REMOTE_ADDR="192.0.2.77")
    for _ in range(3):
        client.post("/accounts/login/", {"login": world.learner.email, "password": "wrong-secret-1"})
    client.post("/accounts/login/", {"login": world.learner.email, "password": PASSWORD})
    assert not get_user(client).is_authenticated


def test_the_admin_has_no_sign_in_page_of_its_own(world: World) -> None:
    for address in ("/admin/", "/admin/login/", "/admin/accounts/user/"):
        assert Client().get(address)["Location"].startswith("/accounts/login/")


def test_production_keeps_the_limits_that_only_development_and_tests_loosen() -> None:
    from config.settings import base

    assert not hasattr(base, "ACCOUNT_RATE_LIMITS")
    assert base.DEVELOPMENT_SIGN_IN is False
