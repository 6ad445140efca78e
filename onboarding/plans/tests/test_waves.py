"""Waves: entry criteria, canary sites first, and a halt that no one has to call."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from facts.models import Fact
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, TeamRole, Wave
from onboarding.golive.actions.go_live import GoLiveRefused, go_live
from onboarding.golive.models import GatePass
from onboarding.golive.tests.readiness import ready_for_go_no_go
from onboarding.plans.actions.run_wave import expand_wave, halt_wave, may_go_live, resume_wave, start_wave, watch_waves
from onboarding.plans.models import Lesson, WaveRun
from onboarding.plans.models.staged import WaveRefused
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]
S = WaveRun.State


def plan(scene: Scene, name: str, wave: int) -> Deployment:
    site = Site.objects.create(name=name, region="NY", time_zone="America/New_York")
    return plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=wave)


def rules(scene: Scene, number: int = 1, canaries: tuple[Deployment, ...] = (), *criteria: str) -> WaveRun:
    wave = Wave.objects.get(program=scene.program, number=number)
    return WaveRun.set_rules(
        wave, canaries=[one.pk for one in canaries], stable_days=14, criteria=list(criteria), by=scene.manager
    )


def make_live(deployment: Deployment, days: int = 0) -> None:
    Deployment.objects.filter(pk=deployment.pk).update(state="live", went_live_at=timezone.now() - timedelta(days=days))


def severity_one(deployment: Deployment, count: int) -> None:
    Fact.objects.create(
        kind="hypercare.sev1_open", value=count, source="command center", subject_type="deployments.deployment",
        subject_id=deployment.pk, deployment_id=deployment.pk,
    )  # fmt: skip


def again(wave_run: WaveRun) -> WaveRun:
    return WaveRun.objects.select_related("wave").get(pk=wave_run.pk)


def test_a_site_that_is_no_canary_waits_until_the_canary_has_been_stable(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        other = plan(scene, "Ferry Road", 1)
        wave_run = rules(scene, 1, (scene.deployment,))
        assert may_go_live(scene.deployment).startswith("Wave 1 has not started")
        start_wave(wave_run, by=scene.manager)
        assert again(wave_run).state == S.CANARY
        assert may_go_live(scene.deployment) == ""
        assert may_go_live(other).startswith("Wave 1 is at its canary sites")
        with pytest.raises(WaveRefused, match="Main Street is not live"):
            expand_wave(again(wave_run), by=scene.manager)
        make_live(scene.deployment, days=3)
        with pytest.raises(WaveRefused, match="Main Street is live for 3 of 14 days"):
            expand_wave(again(wave_run), by=scene.manager)
        make_live(scene.deployment, days=14)
        expand_wave(again(wave_run), by=scene.manager)
        assert may_go_live(other) == ""
        assert [event.action for event in Event.objects.filter(action__startswith="wave.").order_by("id")] == [
            "wave.rules_set",
            "wave.started",
            "wave.expanded",
        ]


def test_the_wave_is_asked_before_a_signed_go_live(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        rules(scene)
        ready_for_go_no_go(scene)
        GatePass(deployment=scene.deployment, gate="G6").save(force_insert=True)
        with pytest.raises(GoLiveRefused, match="Wave 1 has not started"):
            go_live(scene.deployment, by=scene.manager)
        assert Deployment.objects.get(pk=scene.deployment.pk).state == "onboarding"
        start_wave(WaveRun.objects.get(), by=scene.manager)
        go_live(scene.deployment, by=scene.manager)
        assert Deployment.objects.get(pk=scene.deployment.pk).state == "live"


@pytest.mark.parametrize("cause", ["rolled_back", "gate", "severity"])
def test_a_wave_halts_by_itself_and_goes_on_only_when_its_cause_is_gone(scene: Scene, cause: str) -> None:
    with scope(scene.world.host.pk):
        second = plan(scene, "Ferry Road", 2)
        one, two = rules(scene, 1), rules(scene, 2)
        start_wave(one, by=scene.manager)
        start_wave(two, by=scene.manager)
        assert watch_waves(scene.program.pk) == 0
        if cause == "rolled_back":
            make_live(scene.deployment)
            Deployment.objects.get(pk=scene.deployment.pk).record_rollback(by=scene.manager, reason="Alert lost")
        elif cause == "gate":
            Deployment.objects.filter(pk=scene.deployment.pk).update(
                gates={"G2": {"state": "lapsed", "on": "2027-01-01"}}
            )
        else:
            severity_one(scene.deployment, 2)
        says = {
            "rolled_back": "Main Street was rolled back.",
            "gate": "G2 does not hold any more at Main Street.",
            "severity": "2 severity-1 defects are open at Main Street.",
        }[cause]
        assert watch_waves(scene.program.pk) == 2
        assert [again(wave).state for wave in (one, two)] == [S.HALTED, S.HALTED]
        assert again(two).halted_because == [says]
        assert watch_waves(scene.program.pk) == 0
        assert may_go_live(second) == f"Wave 2 is halted: {says}"
        with pytest.raises(WaveRefused, match="What halted it is still so"):
            resume_wave(again(two), by=scene.manager)
        assert again(two).state == S.HALTED
        if cause == "severity":
            severity_one(scene.deployment, 0)
        Deployment.objects.filter(pk=scene.deployment.pk).update(gates={}, state="onboarding")
        resume_wave(again(two), by=scene.manager)
        assert (again(two).state, again(two).halted_because) == (S.EXPANDING, [])
        assert may_go_live(second) == ""


def test_trouble_in_a_later_wave_does_not_halt_an_earlier_one(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        second = plan(scene, "Ferry Road", 2)
        one = rules(scene, 1)
        start_wave(one, by=scene.manager)
        severity_one(second, 1)
        assert watch_waves(scene.program.pk) == 0
        assert again(one).state == S.EXPANDING


def test_a_wave_starts_when_its_entry_criteria_hold_and_lessons_are_taken_up(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        plan(scene, "Ferry Road", 2)
        first = Wave.objects.get(program=scene.program, number=1)
        lesson = Lesson.learn(first, "Book the trainer before the room.", by=scene.manager)
        wave_run = rules(scene, 2, (), "wave_before_live", "lessons")
        with pytest.raises(WaveRefused, match=r"Book the trainer.*Main Street is not live"):
            start_wave(wave_run, by=scene.manager)
        assert again(wave_run).state == S.WAITING
        make_live(scene.deployment)
        lesson.take_up("The trainer is booked for three weeks.", by=scene.manager)
        start_wave(again(wave_run), by=scene.manager)
        assert again(wave_run).state == S.EXPANDING


def test_rules_stay_once_a_wave_has_started_and_a_canary_is_one_of_its_own(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        other = plan(scene, "Ferry Road", 2)
        with pytest.raises(WaveRefused, match="one of the wave's own"):
            rules(scene, 1, (other,))
        wave_run = rules(scene, 1)
        told = Event.objects.count()
        assert rules(scene, 1) == wave_run
        assert Event.objects.count() == told
        start_wave(wave_run, by=scene.manager)
        with pytest.raises(WaveRefused, match="has started"):
            rules(scene, 1, (scene.deployment,))
        with pytest.raises(WaveRefused, match="Say why"):
            halt_wave(again(wave_run), [" "], by=scene.manager)
        halt_wave(again(wave_run), ["The trainer is ill."], by=scene.manager)
        assert again(wave_run).halted_because == ["The trainer is ill."]


def test_a_wave_whose_sites_are_all_live_is_done(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        wave_run = rules(scene)
        start_wave(wave_run, by=scene.manager)
        make_live(scene.deployment)
        assert watch_waves(scene.program.pk) == 1
        assert again(wave_run).state == S.DONE


def test_the_page_shows_rules_lessons_and_people_wanted_twice(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: object
) -> None:
    client = client_of(scene.world.manager)
    address = f"/o/host/programs/{scene.program.pk}/waves/"
    with scope(scene.world.host.pk):
        second = plan(scene, "Ferry Road", 2)
        TeamRole.objects.filter(deployment__in=[scene.deployment, second]).update(person=scene.world.contributor)
        wave = Wave.objects.get(program=scene.program, number=1)
    client.post(
        f"{address}{wave.pk}/rules",
        {"stable_days": "7", "criteria": ["nothing_halts"], "canaries": [str(scene.deployment.pk)]},
    )
    client.post(f"{address}{wave.pk}/lessons", {"text": "Ask the night shift."})
    client.post(f"{address}{wave.pk}/start")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        page = client.get(address).content.decode()
    assert "Canary sites" in page
    assert page.count("Ask the night shift.") >= 2  # learned here, carried to the next
    with scope(scene.world.host.pk):
        assert WaveRun.objects.get().state == S.CANARY
    assert client_of(scene.world.contributor).get(address).status_code == 403
    assert client.get(f"/o/host/programs/{scene.program.pk}/timeline/").status_code == 200


def test_the_page_takes_as_many_statements_for_six_waves_as_for_two(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    address = f"/o/host/programs/{scene.program.pk}/waves/"

    def statements() -> int:
        client.get(address)  # the first view of a session writes it
        with CaptureQueriesContext(connection) as seen:
            page = client.get(address).content.decode()
        assert "Ferry Road 2 was rolled back." in page
        return len(seen)

    def plan_waves(*numbers: int) -> None:
        with scope(scene.world.host.pk):
            for number in numbers:
                plan(scene, f"Ferry Road {number}", number)
                rules(scene, number, (), "wave_before_live", "nothing_halts", "lessons")
            Deployment.objects.filter(site__name="Ferry Road 2").update(state="rolled_back")

    plan_waves(2, 3)
    few = statements()
    plan_waves(4, 5, 6, 7)
    assert statements() == few
