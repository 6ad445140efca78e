"""API tokens: shown once, cut to their maker, dead with the membership."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from access.permissions import Permission, Role
from accounts.models import ApiToken, Membership, User
from accounts.models.api_token import authenticate
from accounts.models.membership import RoleOutOfReach
from audit.actor import Actor
from audit.models import Event, RowImage
from tenancy.scope import scope
from testing.cast import SETUP, World, person

ClientOf = Callable[[User], Client]
READ = [Permission.DEPLOYMENT_READ, Permission.ITEM_READ]


@pytest.fixture
def maker(world: World) -> User:
    user = person("administrator@host.example", "Administrator Host")
    with scope(world.host.pk):
        Membership.add(user, roles=[Role.ADMINISTRATOR], by=SETUP)
    return user


def actor(world: World, user: User) -> Actor:
    with scope(world.host.pk):
        return Membership.objects.active().get(user=user).actor


def made(world: World, user: User, scopes: list[Permission] = READ) -> tuple[ApiToken, str]:
    by = actor(world, user)
    with scope(world.host.pk):
        return ApiToken.make(name="Export", scopes=scopes, expires_at=timezone.now() + timedelta(days=30), by=by)


def test_a_token_says_who_where_and_what(world: World, maker: User) -> None:
    _, secret = made(world, maker)
    bearer = authenticate(secret)
    assert bearer is not None
    assert (bearer.user, bearer.organization, bearer.permissions) == (maker, world.host, frozenset(READ))
    assert (bearer.actor.kind, bearer.actor.id, bearer.actor.roles) == ("token", maker.pk, frozenset())


def test_a_changed_or_foreign_secret_says_nothing(world: World, maker: User) -> None:
    _, secret = made(world, maker)
    host = world.host.pk.hex
    for wrong in (
        secret[:-1],
        secret + "x",
        secret.swapcase(),
        secret.replace(host, world.elsewhere.pk.hex),
        secret.replace(host, UUID(int=1).hex),
        secret.replace("cw_", "inv_"),
        f"cw_{host}_",
        "cw__",
        "",
        "x" * 5000,
    ):
        assert authenticate(wrong) is None, wrong


def test_a_removed_members_tokens_die_with_the_membership(world: World, maker: User) -> None:
    _, secret = made(world, maker)
    assert authenticate(secret)
    with scope(world.host.pk):
        Membership.objects.get(user=maker).end(by=SETUP)
    assert authenticate(secret) is None


def test_coming_back_does_not_matter_to_a_revoked_token(world: World, maker: User) -> None:
    token, secret = made(world, maker)
    by = actor(world, world.owner)
    with scope(world.host.pk):
        token.revoke(by=by)
        token.revoke(by=by)
        assert Event.objects.filter(action="token.revoked").count() == 1
    assert authenticate(secret) is None


def test_less_role_is_less_token(world: World, maker: User) -> None:
    _, secret = made(world, maker, [Permission.DEPLOYMENT_READ, Permission.PEOPLE_MANAGE])
    with scope(world.host.pk):
        Membership.objects.get(user=maker).change_roles([Role.CONTRIBUTOR], by=SETUP)
    bearer = authenticate(secret)
    assert bearer is not None
    assert bearer.permissions == frozenset({Permission.DEPLOYMENT_READ})


def test_a_closed_account_has_no_token(world: World, maker: User) -> None:
    _, secret = made(world, maker)
    User.objects.filter(pk=maker.pk).update(is_active=False)
    assert authenticate(secret) is None


def test_an_expired_token_says_nothing(world: World, maker: User) -> None:
    _, secret = made(world, maker)
    with time_machine.travel(timezone.now() + timedelta(days=30, seconds=1)):
        assert authenticate(secret) is None


def test_nobody_gives_a_token_what_they_do_not_hold(world: World, maker: User, client_of: ClientOf) -> None:
    with pytest.raises(RoleOutOfReach):
        made(world, maker, [Permission.DEPLOYMENT_READ, Permission.GATE_SIGN])
    by = Actor("token", maker.pk, "token", world.host.pk, frozenset({Role.OWNER}))
    with scope(world.host.pk), pytest.raises(RoleOutOfReach):
        ApiToken.make(name="x", scopes=READ, expires_at=timezone.now() + timedelta(days=1), by=by)
    fields = {"name": "x", "scopes": ["gate.sign"], "expires": timezone.localdate() + timedelta(days=5)}
    assert client_of(maker).post("/o/host/admin/tokens/new/", fields).status_code == 422
    with scope(world.host.pk):
        assert not ApiToken.objects.exists()


@pytest.mark.parametrize("days", [-1, 366])
def test_the_expiry_lies_in_the_coming_year(world: World, maker: User, days: int) -> None:
    by = actor(world, maker)
    with scope(world.host.pk), pytest.raises(ValidationError):
        ApiToken.make(name="x", scopes=READ, expires_at=timezone.now() + timedelta(days=days), by=by)
    with scope(world.host.pk), pytest.raises(ValidationError):
        ApiToken.make(name="x", scopes=[], expires_at=timezone.now() + timedelta(days=1), by=by)


def test_use_is_noted_once_a_minute(world: World, maker: User) -> None:
    token, secret = made(world, maker)
    start = timezone.now()
    used = []
    for seconds in (0, 30, 90):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            authenticate(secret)
        with scope(world.host.pk):
            used.append(ApiToken.objects.get(pk=token.pk).last_used_at - start)
    assert [gap.total_seconds() for gap in used] == [0, 0, 90]


def test_the_page_shows_the_secret_once_and_only_its_hash_is_kept(
    world: World, maker: User, client_of: ClientOf
) -> None:
    client = client_of(maker)
    fields = {"name": "Export", "scopes": ["deployment.read"], "expires": timezone.localdate() + timedelta(days=5)}
    answer = client.post("/o/host/admin/tokens/new/", fields)
    found = re.search(r'value="(cw_[^"]+)"', answer.content.decode())
    assert found
    assert "no-store" in answer["Cache-Control"]
    assert authenticate(found[1])
    random = found[1].split("_", 2)[2]
    text = client.get("/o/host/admin/tokens/").content.decode()
    assert random not in text
    assert random[-6:] in text
    with scope(world.host.pk):
        kept = str(list(ApiToken.objects.values())) + str(list(RowImage.objects.values("image")))
    assert random not in kept


def test_the_page_revokes(world: World, maker: User, client_of: ClientOf) -> None:
    token, secret = made(world, maker)
    assert client_of(world.contributor).post(f"/o/host/admin/tokens/{token.pk}/revoke").status_code == 403
    assert client_of(world.stranger).post(f"/o/host/admin/tokens/{token.pk}/revoke").status_code == 404
    assert authenticate(secret)
    assert client_of(maker).post(f"/o/host/admin/tokens/{token.pk}/revoke").status_code == 302
    assert authenticate(secret) is None
