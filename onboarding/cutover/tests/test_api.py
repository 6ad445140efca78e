"""Runs over the API: what each verb changes, and refusals that change nothing."""

import pytest

from access.permissions import Permission
from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from facts.models import Fact
from onboarding.cutover.models import Alarm, LogEntry, Run, Step
from onboarding.cutover.tests.runs import fresh, planned, running
from onboarding.deployments.models import TeamRole
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def program(scene: Scene) -> Caller:
    """A program that acts with everything its person may."""
    return caller(scene.world, scene.world.manager)


def runs(scene: Scene) -> str:
    return f"deployments/{scene.deployment.pk}/cut-over-runs"


def at(run: Run, verb: str) -> str:
    return f"cut-over-runs/{run.pk}/{verb}"


def test_a_rehearsal_is_planned_run_held_and_turned_round(scene: Scene, program: Caller) -> None:
    body = {"kind": "rehearsal", "starts_at": "2027-02-23T10:00:00Z"}
    made = program.post(runs(scene), body)
    assert made.status_code == 201
    assert program.post(runs(scene), body).json()["id"] == made.json()["id"]
    with scope(scene.world.host.pk):
        run = Run.objects.get()
    assert program.post(at(run, "start"), {}).json()["state"] == "running"
    assert program.post(at(run, "steps/1/finish"), {"note": "Hash noted"}).json()["steps"][0]["note"] == "Hash noted"
    assert (
        program.post(at(run, "steps/2/skip"), {"reason": "Backed up at noon"}).json()["steps"][1]["state"] == "skipped"
    )
    assert program.post(at(run, "hold"), {"reason": "A fire drill"}).json()["state"] == "held"
    assert program.post(at(run, "resume"), {}).json()["state"] == "running"
    assert program.post(at(run, "log"), {"text": "All on the bridge"}).json()["log"][0]["text"] == "All on the bridge"
    turned = program.post(at(run, "rollback"), {"reason": "A drill"}).json()
    assert turned["state"] == "rolling_back"
    assert [(one["way"], one["number"]) for one in turned["steps"] if one["way"] == "back"] == [
        ("back", 1),
        ("back", 2),
    ]


def test_refusals_say_why_and_change_nothing(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        rehearsal, live = planned(scene), planned(scene, "live")
        rehearsal.start(by=scene.manager)
        before = Event.objects.count()
    for path, body, words in (
        (at(live, "start"), {}, "G6 go/no-go is not signed"),
        (at(live, "hold"), {"reason": "Wait"}, "cannot become held"),
        (at(rehearsal, "steps/3/finish"), {}, "the steps before it come first"),
        (at(rehearsal, "steps/3/skip"), {"reason": "Later"}, "only the running step"),
        (at(rehearsal, "steps/99/finish"), {}, "no step 99"),
        (at(rehearsal, "figures"), {"safety_events": 1}, "not in a rehearsal"),
        (at(live, "figures"), {}, "has begun"),
    ):
        assert words in assert_problem(program.post(path, body), 409, "refused")["detail"], path
    for path, body in (
        (at(rehearsal, "hold"), {"reason": ""}),
        (at(rehearsal, "figures"), {"message_failure_share": 1.4}),
        (at(rehearsal, "log"), {"text": "x", "who": "me"}),
        (runs(scene), {"kind": "drill", "starts_at": "2027-02-23T10:00:00Z"}),
    ):
        assert_problem(program.post(path, body), 422, "invalid")
    assert_problem(
        program.post(at(rehearsal, f"alarms/{NOBODY}/decision"), {"decision": "go_on", "reason": "x"}), 404, "not-found"
    )
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
        assert (fresh(rehearsal).state, fresh(live).state) == ("running", "planned")
        assert running(rehearsal).number == 1
        assert not LogEntry.objects.exists()
        assert not Fact.objects.filter(kind__startswith="cutover.").exists()


def test_a_step_that_somebody_else_closed_is_refused_with_the_name(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        run.finish_step(1, by=scene.by(scene.world.contributor))
    said = assert_problem(program.post(at(run, "steps/1/finish"), {}), 409, "refused")["detail"]
    assert "Step 1 was done by Analyst Host" in said
    with scope(scene.world.host.pk):
        assert Step.objects.get(run=run, number=1).ended_by == scene.world.contributor


def test_who_may_not_lead_leads_nothing_and_a_narrow_token_neither(scene: Scene) -> None:
    contributor = caller(scene.world, scene.world.contributor)
    narrow = caller(scene.world, scene.world.manager, [Permission.ITEM_READ])
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        before = Event.objects.count()
    for program in (contributor, narrow):
        for verb in ("hold", "rollback", "abandon", "steps/1/skip"):
            assert_problem(program.post(at(run, verb), {"reason": "x"}), 403, "not-allowed")
        assert_problem(program.post(at(run, "figures"), {"safety_events": 0}), 403, "not-allowed")
        assert_problem(
            program.post(runs(scene), {"kind": "live", "starts_at": "2027-02-23T10:00:00Z"}), 403, "not-allowed"
        )
    assert_problem(narrow.post(at(run, "steps/1/finish"), {}), 403, "not-allowed")
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
        assert running(run).number == 1
    assert contributor.post(at(run, "steps/1/finish"), {}).status_code == 200


def test_figures_raise_an_alarm_and_only_its_decider_answers_it(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        run = planned(scene, "live")
        run.start(by=scene.manager)
        roles = TeamRole.objects.filter(deployment=scene.deployment)
        roles.filter(code__in=["CSO", "IM"]).update(person=None, deputy=None)
        roles.filter(code="OPS").update(person=scene.world.contributor, deputy=None)
    raised = program.post(at(run, "figures"), {"wrong_patient_results": 1}).json()["alarms"]
    assert [(one["trigger"], one["state"]) for one in raised] == [("wrong-patient", "open")]
    verb = at(run, f"alarms/{raised[0]['id']}/decision")
    body = {"decision": "roll_back", "reason": "The wrong patient"}
    assert "your team role is another" in assert_problem(program.post(verb, body), 409, "refused")["detail"]
    with scope(scene.world.host.pk):
        assert Alarm.objects.get().state == "open"
        assert fresh(run).state == "running"
    decider = caller(scene.world, scene.world.contributor)
    assert decider.post(verb, body).json()["state"] == "rolling_back"
