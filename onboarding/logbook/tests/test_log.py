"""The log: what is written, who reads it, and what becomes of a risk."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.logbook.models import LogEntry
from onboarding.logbook.models.entry import LogRefused
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]


def risk(scene: Scene, title: str = "The champion leaves in May", **values: object) -> LogEntry:
    said = {"kind": "risk", "cause": "champion_loss", "likelihood": 3, "impact": 5, **values}
    return LogEntry.write(program=scene.program, deployment=scene.deployment, title=title, by=scene.manager, **said)


@pytest.mark.parametrize("partner", ["vendor_manager", "hub_manager", "funder_manager"])
def test_no_partner_reads_or_writes_the_log(scene: Scene, client_of: ClientOf, partner: str) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        entry = risk(scene)
    client = client_of(getattr(scene.world, partner))
    place = f"/o/host/deployments/{scene.deployment.pk}/log/"
    for address in (place, f"/o/host/log/{entry.pk}/", "/o/host/log/", f"/o/host/programs/{scene.program.pk}/log/"):
        answer = client.get(address)
        assert answer.status_code in (403, 404)
        assert "champion leaves" not in answer.content.decode()
    assert client.post(f"{place}new", {"kind": "decision", "cause": "other", "title": "Mine"}).status_code in (403, 404)


def test_entries_are_numbered_within_their_program_and_keep_the_number_as_an_issue(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first, second = risk(scene), risk(scene, "Funding ends", cause="funding_end")
        assert (first.code, second.code, first.score, first.weight) == ("R1", "R2", 15, "stop")
        first.happen(by=scene.manager, severity=1)
        entry = LogEntry.objects.get(pk=first.pk)
        assert (entry.code, entry.kind, entry.severity) == ("I1", "issue", 1)
        first.happen(by=scene.manager, severity=1)
        assert Event.objects.filter(action="log.happened").count() == 1


@pytest.mark.parametrize(
    "values", [{"likelihood": None}, {"impact": None}, {"kind": "issue"}, {"kind": "issue", "severity": None}]
)
def test_a_risk_without_scores_or_an_issue_without_severity_is_not_written(
    scene: Scene, values: dict[str, object]
) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(LogRefused):
            risk(scene, **values)
        assert not LogEntry.objects.exists()


def test_closing_wants_to_know_how_it_ended_and_reopening_keeps_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        entry = risk(scene)
        with pytest.raises(LogRefused, match="how it ended"):
            entry.close(by=scene.manager, outcome=" ")
        entry.close(by=scene.manager, outcome="A second champion was trained.")
        entry.close(by=scene.manager, outcome="Again")
        entry.reopen(by=scene.manager)
        entry = LogEntry.objects.get(pk=entry.pk)
        assert (entry.state, entry.outcome) == ("open", "A second champion was trained.")
        assert Event.objects.filter(action="log.closed").count() == 1


def test_a_program_entry_is_read_on_each_of_its_sites(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        LogEntry.write(
            program=scene.program, deployment=None, kind="decision", title="One language pack", by=scene.manager
        )
    text = client_of(scene.world.contributor).get(f"/o/host/deployments/{scene.deployment.pk}/log/").content.decode()
    assert "One language pack" in text
    assert "whole program" in text


def test_who_sees_one_site_alone_writes_under_the_next_number_of_the_whole_program(
    scene: Scene, client_of: ClientOf
) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="Cedar Grove", kind=Site.Kind.CLINIC, time_zone="America/New_York")
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager)
        LogEntry.write(program=scene.program, deployment=other, kind="decision", title="Elsewhere", by=scene.manager)
        seat = Membership.objects.active().get(user=scene.world.contributor)
        seat.limit_to([scene.site], by=scene.by(scene.world.owner))
    client = client_of(scene.world.contributor)
    data = {"kind": "decision", "cause": "other", "title": "Here"}
    for place in (f"deployments/{scene.deployment.pk}", f"programs/{scene.program.pk}"):
        assert client.post(f"/o/host/{place}/log/new", data).status_code == 302
    with scope(scene.world.host.pk):
        numbers = list(LogEntry.objects.order_by("number").values_list("number", "title"))
    assert numbers == [(1, "Elsewhere"), (2, "Here"), (3, "Here")]


def test_from_writing_to_closing_on_the_pages(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    place = f"/o/host/deployments/{scene.deployment.pk}/log/"
    data = {"kind": "risk", "cause": "approval_queue", "title": "Security review waits", "likelihood": "4"}
    assert client.post(f"{place}new", data).status_code == 422
    assert client.post(f"{place}new", {**data, "impact": "4"}).status_code == 302
    with scope(scene.world.host.pk):
        entry = LogEntry.objects.get()
    at = f"/o/host/log/{entry.pk}/"
    changed = {**data, "impact": "2", "owner": str(scene.world.manager.pk), "due_on": "2027-01-12"}
    assert client.post(f"{at}change", changed).status_code == 302
    assert client.post(f"{at}happened", {"severity": "9"}).status_code == 422
    assert client.post(f"{at}close", {"outcome": ""}).status_code == 422
    assert client.post(f"{at}close", {"outcome": "Reviewed."}).status_code == 302
    assert "Security review waits" not in client.get(place).content.decode()
    assert "Security review waits" in client.get(f"{place}?show=all").content.decode()
    assert client_of(scene.world.auditor).post(f"{at}reopen").status_code == 403


def test_a_nul_in_a_form_is_left_out(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        entry = risk(scene)
    answer = client_of(scene.world.contributor).post(f"/o/host/log/{entry.pk}/close", {"outcome": "A deputy\0 came."})
    assert answer.status_code == 302
    with scope(scene.world.host.pk):
        assert LogEntry.objects.get(pk=entry.pk).outcome == "A deputy came."


def test_the_list_takes_as_many_statements_for_thirty_as_for_two(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    seen = []
    for count in (2, 28):
        with scope(scene.world.host.pk):
            for number in range(count):
                risk(scene, f"Risk {count} {number}")
        client.get("/o/host/log/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/o/host/log/")
        seen.append(len(counted(captured)))
    assert seen[0] == seen[1] <= 8
