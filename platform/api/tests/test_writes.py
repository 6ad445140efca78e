"""Writes: bodies are checked by field, repeats happen once, refusals change nothing."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from access.permissions import Permission
from accounts.models import Membership
from api.models import IdempotentRequest
from api.models.idempotent_request import digest_of
from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import SETUP, World

SITE = {"name": "Main Street", "kind": "fqhc", "region": "NY", "languages": ["en", "es"]}


@pytest.fixture
def program(world: World) -> Caller:
    return caller(world, world.manager)


def count(world: World) -> tuple[int, int, int]:
    with scope(world.host.pk):
        added = Event.objects.filter(action="site.added").count()
        return Site.objects.count(), added, IdempotentRequest.objects.count()


def test_a_site_is_added_by_its_verb_in_the_makers_name(world: World, program: Caller) -> None:
    answer = program.post("sites", SITE)
    assert answer.status_code == 201
    assert answer.json()["time_zone"] == "America/New_York"
    with scope(world.host.pk):
        event = Event.objects.get(action="site.added")
        assert str(event.subject_id) == answer.json()["id"]
        assert (event.actor_kind, event.actor_id) == ("token", world.manager.pk)
        assert event.actor_organization_id == world.host.pk


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/name"}),
        ({"name": ""}, {"/name"}),
        ({"name": "x" * 161, "kind": "castle"}, {"/name", "/kind"}),
        ({"name": "x", "colour": "red", "organization": "elsewhere"}, {"/colour", "/organization"}),
        ({"name": "x", "time_zone": "Mars/Olympus"}, {"/time_zone"}),
        ({"name": "x", "languages": "en"}, {"/languages"}),
        ({"name": "x", "languages": ["e" * 13]}, {"/languages/0"}),
        ({"name": "x\x00"}, {"/name"}),
        ({"name": "x", "staff_count": -1}, {"/staff_count"}),
        ([], {""}),
        ("name", {""}),
    ],
)
def test_a_wrong_body_is_refused_by_field_and_adds_nothing(
    world: World, program: Caller, body: Any, pointers: set[str]
) -> None:
    problem = assert_problem(program.post("sites", body), 422, "invalid")
    assert {one["pointer"] for one in problem["errors"]} == pointers
    assert all(one["detail"] for one in problem["errors"])
    assert count(world) == (0, 0, 0)


def test_what_is_not_json_is_refused(world: World, program: Caller) -> None:
    send = program.client.post
    assert_problem(send("/o/host/api/v1/sites", "{", content_type="application/json"), 400, "bad-request")
    assert_problem(send("/o/host/api/v1/sites", '{"name": NaN}', content_type="application/json"), 400, "bad-request")
    assert_problem(send("/o/host/api/v1/sites", {"name": "x"}), 415, "unsupported-media-type")
    answer = program.client.delete("/o/host/api/v1/sites")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer["Allow"] == "GET, HEAD, POST"
    large = program.client.post("/o/host/api/v1/sites", '"' + "x" * 6_000_000 + '"', content_type="application/json")
    assert_problem(large, 413, "too-large")
    assert_problem(program.get("sites", Accept="text/csv"), 406, "not-acceptable")
    assert count(world) == (0, 0, 0)


def test_a_repeated_write_gets_the_first_answer_and_happens_once(world: World, program: Caller) -> None:
    first = program.post("sites", SITE, Idempotency_Key="import-1")
    again = program.post("sites", SITE, Idempotency_Key="import-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert not first.has_header("Idempotency-Replayed")
    assert again["Idempotency-Replayed"] == "true"
    assert count(world) == (1, 1, 1)


def test_another_body_or_address_under_the_same_key_is_a_conflict(world: World, program: Caller) -> None:
    program.post("sites", SITE, Idempotency_Key="import-1")
    other = {**SITE, "name": "Elm Street"}
    assert_problem(program.post("sites", other, Idempotency_Key="import-1"), 409, "idempotency-key-reused")
    assert count(world) == (1, 1, 1)


def test_keys_are_the_callers_own(world: World, program: Caller) -> None:
    other = caller(world, world.owner)
    program.post("sites", SITE, Idempotency_Key="1")
    assert other.post("sites", SITE, Idempotency_Key="1").status_code == 201
    assert count(world) == (2, 2, 2)


def test_a_refused_write_leaves_its_key_free(world: World, program: Caller) -> None:
    assert_problem(program.post("sites", {"name": ""}, Idempotency_Key="1"), 422, "invalid")
    assert count(world) == (0, 0, 0)
    assert program.post("sites", SITE, Idempotency_Key="1").status_code == 201


def test_a_key_is_kept_for_a_day(world: World, program: Caller) -> None:
    program.post("sites", SITE, Idempotency_Key="1")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        answer = program.post("sites", SITE, Idempotency_Key="1")
    assert answer.status_code == 201
    assert not answer.has_header("Idempotency-Replayed")
    assert count(world) == (2, 2, 1)


@pytest.mark.parametrize("key", ["", "x" * 129, "two words", "é"])
def test_a_malformed_key_is_refused(world: World, program: Caller, key: str) -> None:
    assert_problem(program.post("sites", SITE, Idempotency_Key=key), 400, "bad-request")
    assert count(world) == (0, 0, 0)


def test_a_replay_needs_the_permission_still(world: World) -> None:
    program = caller(world, world.manager, [Permission.SITE_MANAGE, Permission.SITE_READ])
    program.post("sites", SITE, Idempotency_Key="1")
    with scope(world.host.pk):
        Membership.objects.get(user=world.manager).change_roles(["learner"], by=SETUP)
    assert_problem(program.post("sites", SITE, Idempotency_Key="1"), 403, "not-allowed")


def test_what_is_kept_of_a_body_cannot_be_guessed_without_the_installations_key(world: World, settings: Any) -> None:
    """A signature's body holds a password: of what is kept of it, a reader of the table must learn nothing."""
    body = b'{"password":"correct horse battery staple","code":"123456"}'
    kept = digest_of("POST", "/decide", body)
    assert kept == digest_of("POST", "/decide", body)
    assert kept != hashlib.sha256(b"\0".join([b"POST", b"/decide", body])).hexdigest()
    assert kept not in {digest_of("PUT", "/decide", body), digest_of("POST", "/decide", body + b" ")}
    settings.SECRET_KEY = "another"
    assert kept != digest_of("POST", "/decide", body)
