"""Runs over HTTP: who sees and does what."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from facts.models import Fact
from onboarding.cutover.models import LogEntry, Run, Step
from onboarding.cutover.tests.runs import fresh, planned, work_through
from onboarding.deployments.models import TeamRole
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene
from testing.statements import counted

ClientOf = Callable[[User], Client]


@pytest.fixture
def rehearsal(scene: Scene) -> Run:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
    return run


def page_of(scene: Scene) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/cut-over/"


def test_before_any_run_the_runbook_is_shown_and_a_run_is_planned_on_the_clinics_clock(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    text = client.get(page_of(scene)).content.decode()
    assert "14 steps" in text
    assert "Point of no return" in text
    refused = client.post(f"{page_of(scene)}plan/", {"kind": "rehearsal", "day": "2027-02-23", "hour": ""})
    assert refused.status_code == 422
    with scope(scene.world.host.pk):
        assert not Run.objects.exists()
    answer = client.post(f"{page_of(scene)}plan/", {"kind": "rehearsal", "day": "2027-02-23", "hour": "05:00"})
    with scope(scene.world.host.pk):
        run = Run.objects.get()
    assert answer["Location"] == f"{page_of(scene)}?run={run.pk}"
    assert run.starts_at.isoformat() == "2027-02-23T10:00:00+00:00"
    shown = client.get(answer["Location"]).content.decode()
    assert "05:00 – 05:10" in shown
    assert "Start rehearsal 1" in shown


def test_steps_are_marked_without_script_and_by_htmx(scene: Scene, client_of: ClientOf, rehearsal: Run) -> None:
    client, address = client_of(scene.world.manager), f"/o/host/cut-over-runs/{rehearsal.pk}/steps"
    answer = client.post(f"{address}/1/done/", {"note": "Hash 4be1 noted"})
    assert answer["Location"] == f"{page_of(scene)}?run={rehearsal.pk}"
    region = client.post(f"{address}/2/done/", headers={"HX-Request": "true"}).content.decode()
    assert region.lstrip().startswith('<div id="run"')
    assert "Mark step 3 done" in region
    assert "Hash 4be1 noted" in region


def test_another_persons_step_is_answered_by_409_and_a_wrong_turn_by_422(
    scene: Scene, client_of: ClientOf, rehearsal: Run
) -> None:
    with scope(scene.world.host.pk):
        work_through(rehearsal, scene, 1)
        before = Event.objects.count()
    client, address = client_of(scene.world.contributor), f"/o/host/cut-over-runs/{rehearsal.pk}/steps"
    taken = client.post(f"{address}/1/done/", headers={"HX-Request": "true"})
    assert taken.status_code == 409
    assert "Step 1 was done by Manager Host" in taken.content.decode()
    assert client.post(f"{address}/9/done/", headers={"HX-Request": "true"}).status_code == 422
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before


def test_a_contributor_marks_steps_and_does_not_lead_the_run(scene: Scene, client_of: ClientOf, rehearsal: Run) -> None:
    client, address = client_of(scene.world.contributor), f"/o/host/cut-over-runs/{rehearsal.pk}"
    for verb in ("hold", "rollback", "abandon"):
        assert client.post(f"{address}/{verb}/", {"reason": "x"}).status_code == 403
    assert client.post(f"{address}/steps/1/done/").status_code == 302
    with scope(scene.world.host.pk):
        assert fresh(rehearsal).state == "running"


def test_a_vendor_marks_the_steps_whose_role_it_holds_and_no_other(
    scene: Scene, client_of: ClientOf, rehearsal: Run
) -> None:
    scene.share()
    client, address = client_of(scene.world.vendor_manager), f"/o/host/cut-over-runs/{rehearsal.pk}/steps"
    assert "Mark step 1 done" not in client.get(page_of(scene)).content.decode()
    assert client.post(f"{address}/1/done/").status_code == 403
    with scope(scene.world.host.pk):
        assert Step.objects.get(run=rehearsal, number=1).state == "running"
        TeamRole.objects.filter(deployment=scene.deployment, code="VEN").update(person=scene.world.vendor_manager)
    assert client.post(f"{address}/1/done/").status_code == 302  # as the deputy of step 1


def test_a_funder_and_a_stranger_see_no_run(scene: Scene, client_of: ClientOf, rehearsal: Run) -> None:
    scene.share()
    assert client_of(scene.world.funder_manager).get(page_of(scene)).status_code == 403
    assert client_of(scene.world.stranger).get(page_of(scene)).status_code == 404


def test_figures_are_reported_in_the_cut_over_only_and_fire_a_trigger(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        rehearsal, live = planned(scene), planned(scene, "live")
        rehearsal.start(by=scene.manager)
        live.start(by=scene.manager)
    client = client_of(scene.world.manager)
    figure = {"wrong_patient_results": "1", "message_failure_share": "4"}
    refused = client.post(f"/o/host/cut-over-runs/{rehearsal.pk}/figures/", figure)
    assert refused.status_code == 422
    assert "not in a rehearsal" in refused.content.decode()
    out_of_range = client.post(f"/o/host/cut-over-runs/{live.pk}/figures/", {"message_failure_share": "140"})
    assert out_of_range.status_code == 422
    with scope(scene.world.host.pk):
        assert not Fact.objects.filter(kind__startswith="cutover.").exists()
    client.post(f"/o/host/cut-over-runs/{live.pk}/figures/", figure)
    text = client.get(page_of(scene)).content.decode()
    assert "Rollback trigger: A result on the wrong patient" in text
    assert "4 %" in text
    with scope(scene.world.host.pk):
        assert dict(Fact.objects.filter(kind__startswith="cutover.").values_list("kind", "value")) == {
            "cutover.wrong_patient_results": 1,
            "cutover.message_failure_share": 0.04,
        }


def test_the_page_opens_with_the_run_that_is_on_and_else_with_the_cut_over(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        rehearsal, _ = planned(scene), planned(scene, "live")
    client = client_of(scene.world.manager)
    waiting = client.get(page_of(scene)).content.decode()
    assert "Start cut-over 1" in waiting
    assert 'data-confirm="Start the cut-over now? It is planned for ' in waiting
    with scope(scene.world.host.pk):
        rehearsal.start(by=scene.manager)
    assert '<h2 tabindex="-1">Rehearsal 1</h2>' in client.get(page_of(scene)).content.decode()


def test_a_refused_form_stays_open_with_what_was_typed(scene: Scene, client_of: ClientOf, rehearsal: Run) -> None:
    client, run = client_of(scene.world.manager), f"/o/host/cut-over-runs/{rehearsal.pk}"
    with scope(scene.world.host.pk):
        before = Event.objects.count()
    refused = client.post(f"{run}/hold/", {"reason": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    form = refused.content.decode().partition(f'action="{run}/hold/"')
    assert form[0].rpartition("<details")[2].startswith(' class="ask" open')
    assert "Say why the run is held." in form[2].partition("</form>")[0]
    late = client.post(f"{run}/steps/9/skip/", {"reason": "Covered elsewhere."})
    assert late.status_code == 422
    figures = client.post(f"{run}/figures/", {"message_failure_share": "140"})
    assert figures.status_code == 422
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
        assert fresh(rehearsal).state == "running"


def test_the_region_answers_304_until_something_happens(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
    client = client_of(scene.world.manager)
    ask = {"HX-Request": "true"}
    first = client.get(page_of(scene), headers=ask)
    tag = first.content.decode().partition("data-version='")[2].partition("'")[0] or (
        '"' + first.content.decode().partition('data-version="&#34;')[2].partition("&#34;")[0] + '"'
    )
    assert client.get(page_of(scene), headers={**ask, "If-None-Match": tag}).status_code == 304
    with scope(scene.world.host.pk):
        run.say("All here.", by=scene.manager)
    assert client.get(page_of(scene), headers={**ask, "If-None-Match": tag}).status_code == 200


def test_a_long_log_takes_no_more_statements_than_a_short_one(
    scene: Scene, client_of: ClientOf, rehearsal: Run, django_assert_max_num_queries: Callable
) -> None:
    client = client_of(scene.world.manager)
    client.get(page_of(scene))
    with django_assert_max_num_queries(60) as few:
        client.get(page_of(scene))
    with scope(scene.world.host.pk):
        work_through(rehearsal, scene, 12)
        LogEntry.objects.bulk_create(
            LogEntry(deployment=scene.deployment, run=rehearsal, author=scene.world.manager, text=f"Entry {number}")
            for number in range(40)
        )
    with django_assert_max_num_queries(60) as many:
        client.get(page_of(scene))
    assert len(counted(many.captured_queries)) <= len(counted(few.captured_queries)) <= 24
