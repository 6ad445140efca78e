"""A run of the runbook, from its plan to its end, and back."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from onboarding.cutover.models import LogEntry, Run, RunRefused, Step, StepConflict
from onboarding.cutover.tests.runs import FIVE, fresh, planned, running, work_through
from onboarding.deployments.models import Deployment
from onboarding.golive.actions.go_live import go_live
from onboarding.golive.models import GatePass
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene


def events(run: Run) -> list[str]:
    return list(Event.objects.about(run.pk).order_by("xact", "id").values_list("action", flat=True))


def test_a_plan_freezes_the_runbook_and_a_second_one_is_the_same(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        assert planned(scene) == run
        assert (run.kind, run.number, run.state, run.float_minutes, run.decides) == (
            "rehearsal",
            1,
            "planned",
            20,
            "OPS",
        )
        steps = list(Step.objects.of_run(run))
        assert [step.number for step in steps] == list(range(1, 15))
        assert [step.number for step in steps if step.point_of_no_return] == [12]
        assert events(run) == ["run.planned"]


def test_a_rehearsal_goes_step_by_step_to_its_end_and_changes_nothing_of_the_deployment(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        assert running(run).number == 1
        work_through(run, scene, 13)
        assert running(run).number == 14
        run.finish_step(14, by=scene.manager, note="Twelve people on the call.")
        assert fresh(run).state == "finished"
        assert Step.objects.get(run=run, number=14).note == "Twelve people on the call."
        assert Deployment.objects.get().state == "onboarding"
        assert events(run)[-2:] == ["run.step_done", "run.finished"]


def test_a_cut_over_does_not_start_without_the_signed_go_no_go_and_does_with_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene, "live")
        with pytest.raises(RunRefused, match="G6 go/no-go is not signed"):
            run.start(by=scene.manager)
        assert fresh(run).state == "planned"
        assert events(run) == ["run.planned"]
        sign_go(scene)
        run.start(by=scene.manager)
        assert fresh(run).state == "running"


def test_the_same_person_twice_is_once_and_somebody_else_reads_who_was_faster(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        with time_machine.travel(FIVE, tick=False) as clock:
            run.start(by=scene.manager)
            clock.shift(timedelta(minutes=9))
            run.finish_step(1, by=scene.manager)
            told = events(run)
            run.finish_step(1, by=scene.manager)
            assert events(run) == told
            with pytest.raises(
                StepConflict, match=r"Step 1 was done by Manager Host at 05:09\. Yours was not recorded"
            ):
                run.finish_step(1, by=scene.by(scene.world.contributor), at=FIVE + timedelta(minutes=8))
        assert events(run) == told
        assert Step.objects.get(run=run, number=1).ended_at == FIVE + timedelta(minutes=9)


def test_what_was_pressed_offline_keeps_its_moment_and_no_moment_lies_outside_the_step(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        with time_machine.travel(FIVE, tick=False) as clock:
            run.start(by=scene.manager)
            clock.shift(timedelta(minutes=30))
            with pytest.raises(RunRefused, match="clock of this device is wrong"):
                run.finish_step(1, by=scene.manager, at=FIVE + timedelta(hours=2))
            run.finish_step(1, by=scene.manager, at=FIVE + timedelta(minutes=7))
            run.finish_step(2, by=scene.manager, at=FIVE - timedelta(hours=1))
        first, second = Step.objects.of_run(run)[:2]
        assert (first.started_at, first.ended_at) == (FIVE, FIVE + timedelta(minutes=7))
        assert (second.started_at, second.ended_at) == (FIVE + timedelta(minutes=7), FIVE + timedelta(minutes=7))


def test_a_later_step_and_a_step_of_a_held_run_are_not_closed(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        with pytest.raises(RunRefused, match="planned: no step is closed now"):
            run.finish_step(1, by=scene.manager)
        run.start(by=scene.manager)
        with pytest.raises(RunRefused, match="Step 3 is not running"):
            run.finish_step(3, by=scene.manager)
        run.hold(by=scene.manager, reason="The bridge lost its line.")
        with pytest.raises(RunRefused, match="held: no step is closed now"):
            run.finish_step(1, by=scene.manager)
        assert running(run).number == 1
        run.resume(by=scene.manager)
        run.finish_step(1, by=scene.manager)
        assert running(run).number == 2


def test_a_late_step_is_noted_in_the_command_log(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        with time_machine.travel(FIVE, tick=False) as clock:
            run.start(by=scene.manager)
            clock.shift(timedelta(minutes=14))
            run.finish_step(1, by=scene.manager)
        assert list(LogEntry.objects.values_list("text", flat=True)) == ["Step 1 ended 4 min late."]


def test_a_skipped_step_has_its_reason(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        with pytest.raises(RunRefused, match="Say why the step is skipped"):
            run.skip_step(1, by=scene.manager, reason=" ")
        run.skip_step(1, by=scene.manager, reason="Frozen since yesterday.")
        assert Step.objects.get(run=run, number=1).state == "skipped"
        assert running(run).number == 2


def test_a_rollback_takes_back_what_was_done_the_last_first(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        work_through(run, scene, 4)
        with pytest.raises(RunRefused, match="Say what makes the rollback necessary"):
            run.roll_back(by=scene.manager, reason="")
        assert fresh(run).state == "running"
        run.roll_back(by=scene.manager, reason="A crisis alert was lost.")
        back = list(Step.objects.filter(run=run, way="b").order_by("number").values_list("title", flat=True))
        # Step 5 was running; step 2 has nothing to undo.
        assert back == ["Close the rule.", "Revoke the client id.", "Open the old form again.", "Lift the freeze."]
        assert running(run).way == "b"
        for number in range(1, 5):
            run.finish_step(number, by=scene.manager)
        assert fresh(run).state == "rolled_back"
        assert events(run)[-1] == "run.rolled_back"


def test_a_rollback_after_go_live_rolls_the_deployment_back_with_its_go_no_go(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        run = planned(scene, "live")
        run.start(by=scene.manager)
        work_through(run, scene)
        assert fresh(run).state == "finished"
        go_live(scene.deployment, by=scene.manager)
        run.roll_back(by=scene.manager, reason="Results on the wrong patient.")
        assert Deployment.objects.get().state == "rolled_back"
        assert not GatePass.objects.in_force().filter(gate="G6").exists()
        assert fresh(run).state == "rolling_back"


def test_a_rollback_before_anything_was_done_ends_at_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.start(by=scene.manager)
        Step.objects.filter(run=run, number=1).update(back_out="Nothing to undo.")
        run.roll_back(by=scene.manager, reason="Called off.")
        assert fresh(run).state == "rolled_back"


def test_a_cut_over_that_has_begun_is_not_abandoned_and_a_rehearsal_may_be(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        rehearsal = planned(scene)
        rehearsal.start(by=scene.manager)
        rehearsal.abandon(by=scene.manager, reason="Fire alarm.")
        assert fresh(rehearsal).state == "abandoned"
        sign_go(scene)
        live = planned(scene, "live")
        live.start(by=scene.manager)
        with pytest.raises(RunRefused, match="finished or rolled back, never abandoned"):
            live.abandon(by=scene.manager, reason="Fire alarm.")
        assert fresh(live).state == "running"


def test_a_rehearsal_goes_on_beside_the_cut_over(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        for run in (planned(scene), planned(scene, "live")):
            run.start(by=scene.manager)
        assert Run.objects.open().count() == 2
        assert Step.objects.filter(state="running").count() == 2


def test_the_log_keeps_what_people_say_and_refuses_nothing_said(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = planned(scene)
        run.say(" All on the bridge. ", by=scene.manager)
        entry = LogEntry.objects.get()
        assert (entry.text, entry.author) == ("All on the bridge.", scene.world.manager)
        assert entry.at <= timezone.now()
        with pytest.raises(RunRefused, match="Say something"):
            run.say("  ", by=scene.manager)
        assert LogEntry.objects.count() == 1
