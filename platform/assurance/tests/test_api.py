"""Audits for a hospital's own system: scheduled, findings listed, answered, looked at again and closed by somebody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from api.tests.callers import Caller, assert_problem, caller
from assurance.models import Definition, Finding
from assurance.tests.audits import actor, begun
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(world: World) -> Finding:
    """What the auditor found, for the owner to put right."""
    with scope(world.host.pk):
        due = timezone.localdate() + timedelta(days=20)
        return Finding.raise_over(
            begun(world, rhythm="yearly"), "Doors stood open", owner=world.owner, due_on=due, by=actor(world.auditor)
        )


@pytest.fixture
def owner(world: World) -> Caller:
    return caller(world, world.owner)


@pytest.fixture
def auditor(world: World) -> Caller:
    return caller(world, world.auditor)


def events(world: World) -> list[str]:
    with scope(world.host.pk):
        return list(
            Event.objects.filter(action__startswith="assurance.").order_by("id").values_list("action", flat=True)
        )


def test_a_finding_is_answered_looked_at_again_and_closed_by_somebody_else(
    world: World, finding: Finding, owner: Caller, auditor: Caller
) -> None:
    place = f"audit-findings/{finding.pk}"
    [listed] = owner.get("audit-findings?state=open").json()["results"]
    assert (listed["id"], listed["text"]) == (str(finding.pk), "Doors stood open")
    assert owner.post(f"{place}/correct", {"what": "Closers were fitted."}).json()["state"] == "corrected"
    looked = {"holds": True, "says": "Tried every door."}
    assert auditor.post(f"{place}/retest", looked).json()["state"] == "holds"
    assert_problem(owner.post(f"{place}/close", {"statement": "Seen."}), 409, "refused")
    closed = auditor.post(f"{place}/close", {"statement": "Seen."}).json()
    assert (closed["state"], closed["closed_by_id"]) == ("closed", str(world.auditor.pk))
    assert events(world)[-3:] == [
        "assurance.finding_corrected", "assurance.finding_retested", "assurance.finding_closed",
    ]  # fmt: skip
    assert owner.get("audit-findings?state=open").json()["results"] == []


def test_what_does_not_hold_is_open_again(finding: Finding, owner: Caller, auditor: Caller) -> None:
    place = f"audit-findings/{finding.pk}"
    assert_problem(auditor.post(f"{place}/retest", {"holds": True, "says": "Seen"}), 409, "refused")
    owner.post(f"{place}/correct", {"what": "Closers were fitted."})
    assert_problem(auditor.post(f"{place}/retest"), 409, "refused")
    again = auditor.post(f"{place}/retest", {"holds": False, "says": "One still stands open."}).json()
    assert (again["state"], again["retest_says"]) == ("open", "One still stands open.")
    assert_problem(auditor.post(f"{place}/close", {"statement": "Seen."}), 409, "refused")


def test_a_finding_gets_another_owner_or_day_with_a_reason(
    world: World, finding: Finding, auditor: Caller, owner: Caller
) -> None:
    place, day = f"audit-findings/{finding.pk}/hand-over", "2099-01-05"
    body: dict[str, Any] = {"owner_id": str(world.manager.pk), "due_on": day, "reason": "It is her building."}
    moved = auditor.post(place, body).json()
    assert (moved["owner_id"], moved["due_on"]) == (str(world.manager.pk), day)
    answer = assert_problem(auditor.post(place, {**body, "owner_id": str(uuid4())}), 422, "invalid")
    assert "Nobody of that id" in str(answer)
    assert_problem(owner.post(f"audit-findings/{finding.pk}/correct", {"what": "Mended."}), 409, "refused")


def test_an_auditor_reads_and_runs_and_a_learner_does_neither(world: World, finding: Finding) -> None:
    place = f"audit-findings/{finding.pk}"
    learner = caller(world, world.learner)
    assert_problem(learner.get(place), 403, "not-allowed")
    assert_problem(learner.post(f"{place}/close", {"statement": "Seen."}), 403, "not-allowed")
    assert events(world)[-1] == "assurance.finding_raised"


def test_an_audit_is_scheduled_and_one_that_cannot_be_is_refused(world: World, owner: Caller) -> None:
    body: dict[str, Any] = {
        "check_name": "facts", "title": "Agreements", "first_on": "2027-01-01", "owner_id": str(world.auditor.pk),
        "criteria": {"all": [{"fact": "paper.state", "control": "business-associate/signed", "op": "eq", "value": "in force"}]},
    }  # fmt: skip
    made = owner.post("audits", body, Idempotency_Key="agreements")
    assert (made.status_code, made.json()["next_on"], made.json()["criteria"]) == (201, "2027-01-04", body["criteria"])
    assert owner.post("audits", body, Idempotency_Key="agreements").json() == made.json()
    for wrong, status, kind in (
        ({"criteria": {}}, 409, "refused"),
        ({"criteria": {"all": []}}, 409, "refused"),
        ({"criteria": [1]}, 422, "invalid"),
        ({"check_name": "nonsense"}, 409, "refused"),
        ({"owner_id": str(world.learner.pk)}, 409, "refused"),
        ({"sites": [str(uuid4())]}, 422, "invalid"),
    ):
        assert_problem(owner.post("audits", {**body, **wrong}), status, kind)
    with scope(world.host.pk):
        assert Definition.objects.count() == 1
