"""Operators in the admin: a reason, 30 minutes, every request written down, one tenant at most."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import StaffRequest, StaffSession, User
from accounts.models.staff_session import NoReason, NotStaff
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World

ClientOf = Callable[[User], Client]
DOOR = "/admin/session/"
REASON = "Ticket 4711: a member cannot sign in"


@pytest.fixture
def operator(world: World) -> User:
    return User.objects.create_superuser("operator@platform.example", name="Operator")


def opened(client: Client, organization: str = "") -> Client:
    answer = client.post(DOOR, {"reason": REASON, "organization": organization})
    assert answer.status_code == 302, answer.content.decode()
    return client


def test_without_a_session_the_admin_leads_to_its_door(operator: User, client_of: ClientOf) -> None:
    answer = client_of(operator).get("/admin/accounts/user/")
    assert answer["Location"] == "/admin/session/?next=/admin/accounts/user/"


@pytest.mark.parametrize("reason", ["", "because", "          x         "])
def test_a_reason_must_be_given(operator: User, client_of: ClientOf, reason: str) -> None:
    client = client_of(operator)
    assert client.post(DOOR, {"reason": reason}).status_code == 422
    assert client.get("/admin/").status_code == 302
    assert not StaffSession.objects.exists()
    with pytest.raises(NoReason):
        StaffSession.begin(by=operator, session_key="x", reason=reason)


def test_an_unknown_organization_is_named_and_nothing_opened(operator: User, client_of: ClientOf) -> None:
    answer = client_of(operator).post(DOOR, {"reason": REASON, "organization": "nowhere"})
    assert "No organization is called nowhere." in answer.content.decode()
    assert not StaffSession.objects.exists()


def test_the_admin_is_no_page_for_members_and_strangers(world: World, client_of: ClientOf) -> None:
    for user in (world.owner, world.stranger):
        client = client_of(user)
        missing = client.get("/there-is-no-such-page").content
        for address in ("/admin/", DOOR, "/admin/accounts/user/"):
            answer = client.get(address)
            assert (answer.status_code, answer.content) == (404, missing)
        assert client.post(DOOR, {"reason": REASON}).status_code == 404
    assert not StaffSession.objects.exists()
    with pytest.raises(NotStaff):
        StaffSession.begin(by=world.owner, session_key="x", reason=REASON)


def test_every_request_is_written_down(operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator))
    client.get("/admin/")
    client.get("/admin/accounts/user/?q=prescriber@host.example")
    client.post("/admin/accounts/user/", {})
    assert list(StaffRequest.objects.order_by("id").values_list("method", "path")) == [
        ("GET", "/admin/"),
        ("GET", "/admin/accounts/user/?q=prescriber@host.example"),
        ("POST", "/admin/accounts/user/"),
    ]


def test_what_was_written_down_cannot_be_changed(operator: User, client_of: ClientOf) -> None:
    opened(client_of(operator)).get("/admin/")
    for statement in ("update accounts_staffrequest set path = ''", "delete from accounts_staffrequest"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert StaffRequest.objects.get().path == "/admin/"


def test_after_thirty_minutes_it_is_over(operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator))
    with time_machine.travel(timezone.now() + timedelta(minutes=29, seconds=50)):
        assert client.get("/admin/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=1)):
        assert client.get("/admin/")["Location"].startswith(DOOR)


def test_it_can_be_ended_before(operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator))
    client.post("/admin/session/end")
    assert client.get("/admin/").status_code == 302


def test_it_holds_in_its_own_browser_only(operator: User, client_of: ClientOf) -> None:
    opened(client_of(operator))
    assert client_of(operator).get("/admin/").status_code == 302


def test_the_organization_reads_of_it_in_its_own_log(world: World, operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator), "host")
    client.post("/admin/session/end")
    with scope(world.host.pk):
        events = Event.objects.filter(actor_kind="staff").order_by("id")
        assert [(event.action, event.actor_id) for event in events] == [
            ("staff.entered", operator.pk),
            ("staff.left", operator.pk),
        ]
        assert events[0].sentence == f"opened the organization as a platform operator: {REASON}"
    with scope(world.elsewhere.pk):
        assert not Event.objects.filter(actor_kind="staff").exists()


def test_without_an_organization_no_tenant_is_seen(operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator))
    assert "Memberships" not in client.get("/admin/").content.decode()
    assert client.get("/admin/accounts/membership/").status_code == 403
    assert "prescriber@host.example" not in client.get("/admin/accounts/user/").content.decode()
    found = client.get("/admin/accounts/user/?q=prescriber@host.example").content.decode()
    assert "Prescriber Host" in found


def test_with_one_only_that_tenant_is_seen(world: World, operator: User, client_of: ClientOf) -> None:
    client = opened(client_of(operator), "host")
    members = client.get("/admin/accounts/membership/").content.decode()
    assert "Prescriber Host" in members
    assert "Manager Vendor" not in members
    people = client.get("/admin/accounts/user/").content.decode()
    assert "prescriber@host.example" in people
    assert "owner@elsewhere.example" not in people


def test_an_operator_can_close_an_account_and_change_nothing_else(
    world: World, operator: User, client_of: ClientOf
) -> None:
    victim = client_of(world.learner)
    client = opened(client_of(operator), "host")
    address = f"/admin/accounts/user/{world.learner.pk}/change/"
    assert client.get(address).status_code == 200
    answer = client.post(address, {"email": "taken@evil.example", "is_staff": "on", "is_superuser": "on"})
    assert answer.status_code == 302
    user = User.objects.get(pk=world.learner.pk)
    assert (user.is_active, user.email, user.is_staff) == (False, "prescriber@host.example", False)
    assert victim.get("/o/host/")["Location"].startswith("/accounts/login/")
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"/admin/accounts/user/{world.learner.pk}/delete/", {"post": "yes"}).status_code == 403
