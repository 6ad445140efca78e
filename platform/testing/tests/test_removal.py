"""Who was removed has nothing left that works at the next request: no session, no token, no link; every way in by name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from access.permissions import Part, Role
from accounts.models import ApiToken, Invitation, Membership, User
from accounts.models.invitation import Unusable
from api.tests.callers import caller
from audit.models import Event
from notices import unsubscribe
from notices.models import DigestChoice
from onboarding.deployments.models import Evidence, Item
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.cast import SETUP, World
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def ways_in() -> set[str]:
    """Every address of sign-in, by name."""

    def walk(patterns: Any, namespace: str = "") -> Any:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, inner)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield f"{namespace}{pattern.name}"

    return {name for name in walk(get_resolver().url_patterns) if name.startswith(("account", "mfa", "usersessions"))}


SIGNS_IN = {
    "account_login", "account_confirm_login_code", "account_confirm_email", "account_reset_password_from_key",
    "mfa_authenticate", "mfa_login_webauthn", "accounts:invitation", "accounts:development_sign_in",
}  # fmt: skip
"""Each is walked through with every privileged role: test_sign_in_paths.py, test_invitation.py, test_development_sign_in.py."""
SIGNS_NOBODY_IN = {
    "account_signup", "account_logout", "account_inactive", "account_request_login_code", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key_done", "account_email_verification_sent",
    "account_email", "account_change_password", "account_set_password", "account_reauthenticate", "mfa_reauthenticate",
    "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn", "usersessions_list",
}  # fmt: skip
"""Closed, or for somebody who is signed in already."""


@pytest.mark.asvs("V6.3.4")
def test_a_new_way_to_sign_in_is_noticed() -> None:
    found = {name for name in ways_in() if not name.startswith("accounts:")} | (SIGNS_IN & ways_in())
    assert found == SIGNS_IN | SIGNS_NOBODY_IN


@pytest.fixture
def paper(scene: Scene) -> str:
    with scope(scene.world.host.pk):
        item = Item.objects.filter(deployment=scene.deployment).order_by("number")[0]
        given = Evidence.give(item, store(scene.world.host.pk, "plan.txt", [b"plan"]), by=scene.manager)
    return f"/o/host/deployments/{scene.deployment.pk}/evidence/{given.pk}/1"


@pytest.mark.asvs("V8.3.2")
def test_a_removed_members_session_opens_nothing_of_the_organization(
    scene: Scene, client_of: ClientOf, paper: str
) -> None:
    world = scene.world
    client = client_of(world.manager)
    addresses = [
        "/o/host/", "/o/host/inbox/", "/o/host/portfolio/", "/o/host/find?q=a", "/o/host/admin/people/",
        f"/o/host/deployments/{scene.deployment.pk}/", f"/o/host/deployments/{scene.deployment.pk}/items/1/", paper,
        "/o/host/portfolio/export.csv", "/o/host/api/v1/deployments", "/o/host/api/v1/openapi.json",
    ]  # fmt: skip
    addresses = [address for address in addresses if _status(client, address) == 200]
    assert len(addresses) >= 9
    with scope(world.host.pk):
        Membership.objects.active().get(user=world.manager).end(by=scene.by(world.owner))
        before = Event.objects.count()
    for address in addresses:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            nowhere = client.get(address.replace("/o/host/", "/o/nowhere-at-all/"), headers=headers)
            assert (answer.status_code, answer.content.replace(b"/o/host/", b"/o/nowhere-at-all/")) == (
                404, nowhere.content,
            ), address  # fmt: skip
    started = client.post(f"/o/host/deployments/{scene.deployment.pk}/items/1/start")
    assert started.status_code == 404
    with scope(world.host.pk):
        assert Event.objects.count() == before


def _status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def test_a_removed_members_token_and_the_invitations_they_sent_are_dead(world: World) -> None:
    program = caller(world, world.owner, ["site.read"])
    with scope(world.host.pk):
        second = User.objects.create_user("second@host.example", name="Second Owner")
        other = Membership.add(second, roles=[Role.OWNER], by=SETUP).actor
        mine = Membership.objects.active().get(user=world.owner)
        invitation, secret = Invitation.make(email="new@host.example", roles=[Role.LEARNER], by=mine.actor)
        assert program.get("sites").status_code == 200
        mine.end(by=other)
    assert program.get("sites").status_code == 401
    assert Client().get(f"/invitations/{secret}/").status_code in {404, 410}
    with scope(world.host.pk):
        assert ApiToken.objects.working().count() == 1  # the row stands; its maker is what is gone
        with pytest.raises(Unusable):
            invitation.accept_as_new(name="New", password="")
        assert not User.objects.filter(email="new@host.example").exists()


def test_a_removed_members_signed_link_writes_nothing_more(world: World) -> None:
    address = unsubscribe.link(world.host, world.manager.pk).removeprefix("http://testserver")
    address = "/" + address.split("/", 3)[3] if "://" in address else address
    assert Client().get(address).status_code == 200
    with scope(world.host.pk):
        owner = Membership.objects.active().get(user=world.owner).actor
        Membership.objects.active().get(user=world.manager).end(by=owner)
    assert Client().get(address).status_code == 404
    assert Client().post(address).status_code == 404
    with scope(world.host.pk):
        assert not DigestChoice.objects.exists()


def test_a_partners_signed_link_works_as_long_as_the_share(scene: Scene) -> None:
    world = scene.world
    address = "/" + unsubscribe.link(world.host, world.vendor_manager.pk).split("/", 3)[3]
    assert Client().get(address).status_code == 404
    with scope(world.host.pk):
        scene.deployment.share_with(world.vendor, part=Part.VENDOR, by=scene.manager)
    assert Client().get(address).status_code == 200
    with scope(world.host.pk):
        scene.deployment.withdraw_share(world.vendor, by=scene.manager)
    assert Client().post(address).status_code == 404


@pytest.mark.asvs("V7.4.2")
def test_a_closed_account_has_no_session_token_or_link(world: World, client_of: ClientOf) -> None:
    client, program = client_of(world.owner), caller(world, world.owner, ["site.read"])
    address = "/" + unsubscribe.link(world.host, world.owner.pk).split("/", 3)[3]
    assert (_status(client, "/o/host/sites/"), program.get("sites").status_code) == (200, 200)
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    assert client.get("/o/host/sites/").headers["Location"].startswith("/accounts/login/")
    assert client.get("/o/host/api/v1/sites").status_code == 401
    assert program.get("sites").status_code == 401
    assert Client().get(address).status_code == 404


@pytest.mark.asvs("V8.3.2")
def test_a_role_taken_away_takes_its_session_and_token_with_it(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        deputy = User.objects.create_user("deputy@host.example", name="Deputy")
        member = Membership.add(deputy, roles=[Role.ADMINISTRATOR], by=SETUP)
        scopes, expires = ["people.manage", "site.read"], timezone.now() + timedelta(days=9)
        _, secret = ApiToken.make(name="x", scopes=scopes, expires_at=expires, by=member.actor)
    client = client_of(deputy)
    assert client.get("/o/host/admin/tokens/").status_code == 200
    with scope(world.host.pk):
        member.change_roles([Role.LEARNER], by=Membership.objects.active().get(user=world.owner).actor)
    assert client.get("/o/host/admin/tokens/").status_code == 403
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get("/o/host/api/v1/sites")
    assert answer.status_code == 403
