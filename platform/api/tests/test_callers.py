"""Who gets in: tokens and sessions, and nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from access.permissions import Permission, Role
from accounts.models import Membership, User
from api.tests.callers import Caller, assert_problem, caller, token
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import SETUP, World
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


@pytest.mark.parametrize("path", ["sites", "no/such/address", "organization"])
@pytest.mark.parametrize("organization", ["host", "nobody"])
def test_without_a_token_every_address_of_every_organization_says_the_same(
    world: World, path: str, organization: str
) -> None:
    answer = Client().get(f"/o/{organization}/api/v1/{path}")
    assert_problem(answer, 401, "not-signed-in")
    assert answer["WWW-Authenticate"] == 'Bearer realm="causeway"'
    assert answer.content == Client().get("/o/host/api/v1/sites").content


@pytest.mark.parametrize(
    "credentials", ["Bearer", "Bearer ", "Bearer cw_x", "Basic dXNlcjpwYXNz", "Token x", "Bearer " + "x" * 5000]
)
def test_what_is_no_token_is_refused(world: World, credentials: str) -> None:
    assert_problem(Client().get("/o/host/api/v1/sites", headers={"Authorization": credentials}), 401, "not-signed-in")


def test_a_token_reads_what_its_scopes_say_and_no_more(world: World) -> None:
    reader = caller(world, world.manager, [Permission.SITE_READ])
    assert reader.get("sites").status_code == 200
    refused = assert_problem(reader.get("deployments"), 403, "not-allowed")
    assert refused["detail"] == "You cannot do this: see deployments, stages and readiness."
    assert_problem(reader.post("sites", {"name": "Main Street"}), 403, "not-allowed")
    with scope(world.host.pk):
        assert not Site.objects.exists()


def test_a_foreign_organization_and_a_missing_one_and_a_missing_row_are_the_same_404(world: World) -> None:
    own = caller(world, world.manager)
    with scope(world.elsewhere.pk):
        site = Site.objects.create(name="Elsewhere's clinic")
    answers = [
        own.get("/o/elsewhere/api/v1/sites"),
        own.get(f"/o/elsewhere/api/v1/sites/{site.pk}"),
        own.get("/o/no-such-organization/api/v1/sites"),
        own.get(f"sites/{site.pk}"),
        own.get("sites/00000000-0000-7000-8000-000000000000"),
        own.get("sites/not-an-id"),
        own.get("no/such/address"),
    ]
    for answer in answers:
        assert_problem(answer, 404, "not-found")
        assert answer.content == answers[0].content
        assert dict(answer.headers) == dict(answers[0].headers)


def test_a_revoked_an_expired_and_a_removed_members_token_are_refused_at_once(world: World) -> None:
    kept, secret = token(world.manager, world.host)
    program = Caller(secret)
    assert program.get("sites").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert_problem(program.get("sites"), 401, "not-signed-in")
    with scope(world.host.pk):
        kept.revoke(by=SETUP)
    assert_problem(program.get("sites"), 401, "not-signed-in")
    other = caller(world, world.contributor)
    assert other.get("sites").status_code == 200
    with scope(world.host.pk):
        Membership.objects.get(user=world.contributor).end(by=SETUP)
    assert_problem(other.get("sites"), 401, "not-signed-in")


@pytest.mark.asvs("V8.3.2")
def test_a_token_is_cut_with_its_makers_role(world: World) -> None:
    program = caller(world, world.manager, [Permission.SITE_READ, Permission.SITE_MANAGE])
    with scope(world.host.pk):
        Membership.objects.get(user=world.manager).change_roles([Role.LEARNER], by=SETUP)
    assert_problem(program.get("sites"), 403, "not-allowed")
    assert_problem(program.post("sites", {"name": "x"}), 403, "not-allowed")


def test_a_token_does_not_borrow_the_browsers_session(world: World, client_of: ClientOf) -> None:
    _, secret = token(world.manager, world.host, [Permission.SITE_READ])
    client = client_of(world.owner)
    assert client.get("/o/host/api/v1/deployments").status_code == 200
    answer = client.get("/o/host/api/v1/deployments", headers={"Authorization": f"Bearer {secret}"})
    assert_problem(answer, 403, "not-allowed")


def test_a_token_opens_no_page(world: World) -> None:
    _, secret = token(world.owner, world.host)
    answer = Client().get("/o/host/sites/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.asvs("V3.5.1")
def test_a_session_reads_and_writes_only_with_the_csrf_token(world: World, client_of: ClientOf) -> None:
    client = client_of(world.manager)
    assert client.get("/o/host/api/v1/sites").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    body = {"data": {"name": "Main Street"}, "content_type": "application/json"}
    assert_problem(strict.post("/o/host/api/v1/sites", **body), 403, "not-allowed")
    with scope(world.host.pk):
        assert not Site.objects.exists()
    assert client.post("/o/host/api/v1/sites", **body).status_code == 201


def test_a_session_without_its_second_factor_is_refused_in_json(world: World) -> None:
    client = Client()
    client.force_login(world.owner)
    refused = assert_problem(client.get("/o/host/api/v1/sites"), 403, "not-allowed")
    assert "second factor" in refused["detail"]


def test_a_partners_session_sees_what_its_pages_show(scene: Scene, client_of: ClientOf) -> None:
    address = f"/o/host/api/v1/deployments/{scene.deployment.pk}"
    vendor = client_of(scene.world.vendor_manager)
    assert_problem(vendor.get(address), 404, "not-found")
    scene.share()
    assert vendor.get(address).status_code == 200
    assert vendor.get("/o/host/api/v1/deployments").json()["results"][0]["id"] == str(scene.deployment.pk)
    numbers = [item["number"] for item in vendor.get(f"{address}/items?limit=200").json()["results"]]
    everything = client_of(scene.world.manager).get(f"{address}/items?limit=200").json()["results"]
    assert 0 < len(numbers) < len(everything)
    assert_problem(client_of(scene.world.funder_manager).get(f"{address}/items"), 403, "not-allowed")
    hidden = next(item for item in everything if item["number"] not in numbers)
    assert_problem(vendor.get(f"{address}/items/{hidden['id']}"), 404, "not-found")
    assert_problem(
        vendor.post(f"{address}/items/{hidden['id']}/start", {}, content_type="application/json"), 404, "not-found"
    )
    assert_problem(vendor.get("/o/host/api/v1/events"), 403, "not-allowed")


def test_too_many_requests_wait_for_the_next_minute(world: World, settings: object) -> None:
    settings.API_REQUESTS_A_MINUTE = 3  # type: ignore[attr-defined]
    program, other = caller(world, world.manager), caller(world, world.contributor)
    with time_machine.travel("2027-01-04 09:00:15Z", tick=False):
        program, other = caller(world, world.manager), caller(world, world.contributor)
        assert [program.get("sites").status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = program.get("sites")
        assert_problem(answer, 429, "too-many-requests")
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert other.get("sites").status_code == 200
    with time_machine.travel("2027-01-04 09:01:02Z", tick=False):
        assert program.get("sites").status_code == 200


@pytest.mark.parametrize("method", ["options", "put", "patch", "delete"])
def test_a_method_that_no_address_answers_is_405_and_shows_nothing(world: World, method: str) -> None:
    program = caller(world, world.manager, [Permission.SITE_READ])
    for path in ("sites", "deployments"):
        answer = getattr(program.client, method)(program.base + path)
        assert_problem(answer, 405, "method-not-allowed")
