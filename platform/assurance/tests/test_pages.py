"""The pages of audits: scheduled, carried out, found, signed; by those who may."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assurance.models import Definition, Finding
from assurance.tests.audits import actor, begun, line_of, scheduled
from assurance.tests.test_audits import TEAM
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def test_an_auditor_schedules_an_audit_over_facts(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.auditor)
    values = {
        "title": "Teams are complete", "must_hold": "No role is vacant.", "rhythm": "monthly", "next_on": "2027-01-01",
        "finish_in": "5", "sample": "", "owner": str(scene.world.auditor.pk), "fact_1": "training.coverage", "op_1": "ge",
        "op_2": "eq", "op_3": "eq", "value_1": "much",
    }  # fmt: skip
    refused = client.post("/o/host/audits/new?check=facts", values)
    assert refused.status_code == 422
    assert "Give a value of the fact&#39;s own kind." in refused.content.decode()
    assert client.post("/o/host/audits/new?check=facts", {**values, "value_1": "0.95"}).status_code == 302
    with scope(scene.world.host.pk):
        made = Definition.objects.get()
        assert made.criteria == {"all": [{"fact": "training.coverage", "op": "ge", "value": 0.95}]}
        assert made.next_on.isoformat() == "2027-01-04"
    listed = client.get("/o/host/audits/").content.decode()
    assert "Teams are complete" in listed
    assert "Access review" in listed
    assert client.get("/o/host/audits/new?check=nothing").status_code == 404


def test_the_page_of_a_run_shows_what_does_not_hold_and_takes_a_finding(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        line = run.lines.get()
    client, address = client_of(world.auditor), f"/o/host/audits/runs/{run.pk}/"
    assert "Does not hold" in client.get(address).content.decode()
    assert client.post(f"{address}sign", {"sign-statement": "Fine."}).status_code == 422
    values = {"finding-text": "Roles are vacant.", "finding-owner": str(world.contributor.pk), "finding-due_on": "2030-01-07",
              "finding-lines": [str(line.pk)]}  # fmt: skip
    assert client.post(f"{address}findings", values).status_code == 302
    with scope(world.host.pk):
        finding = Finding.objects.get()
    mine = client_of(world.contributor)
    assert "Roles are vacant." in mine.get("/o/host/audits/findings/").content.decode()
    place = f"/o/host/audits/findings/{finding.pk}/"
    assert mine.get(place).status_code == 200
    assert mine.get(address).status_code == 403
    assert client_of(world.manager).get(place).status_code == 404
    assert client_of(world.learner).get(place).status_code == 403
    assert mine.post(f"{place}correct", {"what": "Filled."}).status_code == 302
    assert mine.post(f"{place}close", {"statement": "Done."}).status_code == 403
    assert client.post(f"{place}retest").status_code == 302
    with scope(world.host.pk):
        assert Finding.objects.get().state == "open"


def test_the_page_of_an_audit_shows_criteria_as_they_are_grouped(scene: Scene, client_of: ClientOf) -> None:
    coverage = {"fact": "training.coverage", "op": "ge", "value": 0.95, "says": "Coverage"}
    vacant = {"fact": "team.vacant_roles", "op": "ge", "value": 1, "says": "Vacant roles"}
    report = {"fact": "paper.state", "control": "vendor-assurance/independent-report", "op": "eq", "value": "expired"}
    world = scene.world
    with scope(world.host.pk):
        made = scheduled(world, "facts", criteria={"all": [{"any": [coverage, {"not": vacant}]}, {"not": report}]})
    page = client_of(world.auditor).get(f"/o/host/audits/{made.pk}/").content.decode()
    start = page.index('aria-labelledby="facts-t"')
    section = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[start : page.index("</section>", start)]))
    assert section.endswith(
        "Facts and papers that must hold All of these hold. At least one of these holds"
        " Coverage Holds when it is at least 95 %, known for at most 2 days. training.coverage"
        " Vacant roles Holds when it is less than 1. team.vacant_roles"
        " Vendor assurance: Independent report Holds when it is not expired. vendor-assurance/independent-report "
    )


def test_partners_find_no_audits(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    for partner in (scene.world.vendor_manager, scene.world.hub_manager, scene.world.funder_manager):
        client = client_of(partner)
        assert client.get("/o/host/audits/").status_code == 403
        assert client.get("/o/host/audits/findings/").status_code == 403


def test_a_long_review_costs_no_more_queries_than_a_short_one(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: Callable[..., object]
) -> None:
    from accounts.models import Membership
    from testing.cast import person

    world = scene.world
    client = client_of(world.owner)
    with scope(world.host.pk):
        short = begun(world)
        for number in range(30):
            Membership.add(
                person(f"p{number}@host.example", f"Person {number}"), roles=["learner"], by=actor(world.owner)
            )
        long = begun(world)
        line_of(long, world.learner).decide("keep", reason="Needed.", by=actor(world.owner))
    client.get(f"/o/host/audits/runs/{short.pk}/")
    with django_assert_max_num_queries(32):  # type: ignore[attr-defined]
        page = client.get(f"/o/host/audits/runs/{long.pk}/").content.decode()
    assert page.count('value="revoke"') == 35


def test_an_audit_with_lines_in_no_finding_wants_one_before_a_signature(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    client = client_of(world.auditor)
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
    page = client.get("/o/host/audits/").content.decode()
    assert "Finding wanted" in page
    assert "Signature wanted" not in page
    with scope(world.host.pk):
        Finding.raise_over(
            run, "Vacant.", owner=world.manager, due_on=timezone.localdate() + timedelta(days=20),
            by=actor(world.auditor), lines=[run.lines.get().pk],
        )  # fmt: skip
    page = client.get("/o/host/audits/").content.decode()
    assert "Findings open" in page
    assert "Finding wanted" not in page
