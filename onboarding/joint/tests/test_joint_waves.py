"""Waves over several organizations. The attacks first: nobody reads, holds or halts what they were not let into."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Membership
from audit.models import Event
from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.golive.actions.go_live import GoLiveRefused, go_live
from onboarding.golive.models import GatePass
from onboarding.golive.tests.readiness import ready_for_go_no_go
from onboarding.joint.actions import run_joint_wave
from onboarding.joint.actions.carry import carry
from onboarding.joint.actions.run_joint_wave import may_go_live
from onboarding.joint.actions.take_places import accept, decline, leave, offer_places, take_back
from onboarding.joint.models import JointLesson, JointPlace, JointProgram, JointWave, OwnPlace, PlaceStaff
from onboarding.joint.staffing import conflicts
from onboarding.joint.tests.scene import Joint, joint
from onboarding.plans.models import Capacity
from onboarding.plans.models.staged import WaveRefused
from onboarding.playbooks.document import PlaybookDocument
from tenancy.ids import uuid7
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

S = JointWave.State


@pytest.fixture
def together(scene: Scene, starter: PlaybookDocument) -> Joint:
    return joint(scene, starter)


def again(together: Joint, wave: JointWave | None = None) -> JointWave:
    return JointWave.objects.select_related("program").get(pk=(wave or together.wave).pk)


def make_live(deployment: Deployment, days: int = 0) -> None:
    """In the host's scope, with what the relay would carry."""
    Deployment.objects.filter(pk=deployment.pk).update(state="live", went_live_at=timezone.now() - timedelta(days=days))
    carry(deployment.pk)


def severity_one(deployment: Deployment, count: int) -> None:
    """In the host's scope, with what the relay would carry."""
    Fact.objects.create(
        kind="hypercare.sev1_open", value=count, source="command center", subject_type="deployments.deployment",
        subject_id=deployment.pk, deployment_id=deployment.pk,
    )  # fmt: skip
    carry(deployment.pk)


def test_a_place_is_offered_only_for_what_is_shared_as_vendor_or_hub(together: Joint) -> None:
    world = together.scene.world
    with scope(world.funder.pk):
        by = Membership.objects.active().get(user=world.funder_manager).actor
        program = JointProgram.begin("Funded", by=by)
        wave = JointWave.objects.select_related("program").get(program=program)
        with pytest.raises(WaveRefused, match="not shared with you as vendor or hub"):
            offer_places(wave, [together.scene.deployment.pk], by=by)
        assert not JointPlace.objects.exists()
    with scope(world.hub.pk):
        with pytest.raises(WaveRefused, match="not shared with you"):
            offer_places(together.wave, [together.scene.deployment.pk, uuid7()], by=together.hub)
        assert not JointPlace.objects.exists()
    with scope(world.host.pk):
        assert not OwnPlace.objects.exists()


def test_an_offer_alone_holds_no_go_live_and_shows_nothing(together: Joint) -> None:
    (first, _) = together.offer(accepted=False)
    with scope(together.scene.world.host.pk):
        severity_one(together.scene.deployment, 1)
        assert may_go_live(together.scene.deployment) == ""
        decline(together.own(), by=together.scene.manager)
        with pytest.raises(WaveRefused, match="was declined"):
            accept(together.own(), by=together.scene.manager)
    with scope(together.scene.world.hub.pk):
        place = JointPlace.objects.get(pk=first.pk)
        assert (place.answer, place.halts, place.gates) == ("declined", [], [])


def test_a_wave_over_two_organizations_goes_canary_first_and_then_expands(together: Joint) -> None:
    scene, world = together.scene, together.scene.world
    canary, _ = sorted(together.offer(), key=lambda one: one.site)
    assert canary.site == "Main Street"
    with scope(world.hub.pk):
        together.wave.set_rules(canaries=[canary.pk], stable_days=10, criteria=["accepted"], by=together.hub)
        assert may_go_live_at_other(together).startswith("Wave 1 of Riverbend and friends, led by")
        run_joint_wave.start(again(together), by=together.hub)
        assert again(together).state == S.CANARY
    assert "at its canary sites" in may_go_live_at_other(together)
    with scope(world.host.pk):
        assert may_go_live(scene.deployment) == ""
        make_live(scene.deployment, days=3)
    with scope(world.hub.pk), pytest.raises(WaveRefused, match="is live for 3 of 10 days"):
        run_joint_wave.expand(again(together), by=together.hub)
    with scope(world.host.pk):
        make_live(scene.deployment, days=10)
    with scope(world.hub.pk):
        run_joint_wave.expand(again(together), by=together.hub)
    assert may_go_live_at_other(together) == ""
    with scope(world.elsewhere.pk):
        make_live(together.other)
    with scope(world.hub.pk):
        assert again(together).state == S.DONE


def may_go_live_at_other(together: Joint) -> str:
    with scope(together.scene.world.elsewhere.pk):
        return may_go_live(together.other)


def test_the_guard_is_asked_before_a_signed_go_live(together: Joint) -> None:
    together.offer()
    with scope(together.scene.world.host.pk):
        ready_for_go_no_go(together.scene)
        GatePass(deployment=together.scene.deployment, gate="G6").save(force_insert=True)
        with pytest.raises(GoLiveRefused, match="has not started"):
            go_live(together.scene.deployment, by=together.scene.manager)
        assert Deployment.objects.get(pk=together.scene.deployment.pk).state == "onboarding"


def test_a_severity_one_defect_halts_everybody_and_the_others_learn_only_what_kind_it_is(together: Joint) -> None:
    world = together.scene.world
    together.offer()
    with scope(world.hub.pk):
        run_joint_wave.start(again(together), by=together.hub)
    with scope(world.host.pk):
        severity_one(together.scene.deployment, 2)
        events = Event.objects.filter(action="joint_offer.told").count()
        carry(together.scene.deployment.pk)
        assert Event.objects.filter(action="joint_offer.told").count() == events
        assert "2 severity-1 defects are open at Main Street." in may_go_live(together.scene.deployment)
    with scope(world.hub.pk):
        assert again(together).state == S.HALTED
        assert again(together).halted_because == [
            "Riverbend Community Health: 2 severity-1 defects are open at Main Street."
        ]
        with pytest.raises(WaveRefused, match="What halted it is still so"):
            run_joint_wave.resume(again(together), by=together.hub)
    said = may_go_live_at_other(together)
    assert "is halted: A severity-1 defect is open at a site." in said
    assert "Main Street" not in said
    with scope(world.elsewhere.pk):
        copy = OwnPlace.objects.get()
        assert "Main Street" not in f"{copy.why} {[event.data for event in Event.objects.all()]}"
    with scope(world.host.pk):
        severity_one(together.scene.deployment, 0)
    with scope(world.hub.pk):
        run_joint_wave.resume(again(together), by=together.hub)
        assert again(together).state == S.EXPANDING
    assert may_go_live_at_other(together) == ""


def test_a_host_leaves_and_decides_alone_again(together: Joint) -> None:
    world = together.scene.world
    together.offer()
    with scope(world.hub.pk):
        run_joint_wave.start(again(together), by=together.hub)
        run_joint_wave.halt(again(together), "The trainer is ill.", by=together.hub)
    with scope(world.host.pk):
        assert "The trainer is ill." in may_go_live(together.scene.deployment)
        with pytest.raises(WaveRefused, match="Say why"):
            leave(together.own(), " ", by=together.scene.manager)
        leave(together.own(), "We have a trainer of our own.", by=together.scene.manager)
        leave(together.own(), "Twice is once.", by=together.scene.manager)
        assert may_go_live(together.scene.deployment) == ""
        assert Event.objects.filter(action="joint_offer.left").count() == 1
    with scope(world.hub.pk):
        place = JointPlace.objects.get(deployment_id=together.scene.deployment.pk)
        assert (place.answer, place.note) == ("left", "We have a trainer of our own.")


def test_a_withdrawn_share_ends_the_place_on_both_sides(together: Joint) -> None:
    world = together.scene.world
    together.offer()
    with scope(world.host.pk):
        together.scene.deployment.withdraw_share(world.hub, by=together.scene.manager)
        carry(together.scene.deployment.pk)
        assert may_go_live(together.scene.deployment) == ""
        assert together.own().answer == "left"
    with scope(world.hub.pk):
        assert JointPlace.objects.get(deployment_id=together.scene.deployment.pk).answer == "left"


def test_a_place_that_is_taken_back_holds_nobody(together: Joint) -> None:
    place = next(one for one in together.offer() if one.site == "Main Street")
    with scope(together.scene.world.hub.pk):
        found = JointPlace.objects.select_related("wave__program", "host").get(pk=place.pk)
        take_back(found, by=together.hub)
        take_back(found, by=together.hub)
        assert Event.objects.filter(action="joint_place.taken_back").count() == 1
    with scope(together.scene.world.host.pk):
        assert together.own().answer == "withdrawn"
        assert may_go_live(together.scene.deployment) == ""


def test_a_later_wave_waits_for_its_criteria_and_its_hosts_read_the_lessons(together: Joint) -> None:
    world = together.scene.world
    with scope(world.hub.pk):
        offer_places(together.wave, [together.scene.deployment.pk], by=together.hub)
        second = together.program.add_wave(by=together.hub)
        with pytest.raises(WaveRefused, match="has no sites yet"):
            together.program.add_wave(by=together.hub)
        lesson = JointLesson.learn(together.wave, "Book the trainer before the room.", by=together.hub)
    with scope(world.host.pk):
        accept(together.own(), by=together.scene.manager)
    with scope(world.hub.pk):
        offer_places(second, [together.other.pk], by=together.hub)
        second.set_rules(
            canaries=[], stable_days=14, criteria=["accepted", "lessons", "wave_before_live"], by=together.hub
        )
        with pytest.raises(WaveRefused, match="nobody who has accepted"):
            run_joint_wave.start(again(together, second), by=together.hub)
    with scope(world.elsewhere.pk):
        copy = OwnPlace.objects.get()
        assert copy.lessons == ["Book the trainer before the room."]
        accept(copy, by=together.stranger)
    with scope(world.hub.pk):
        with pytest.raises(WaveRefused, match=r"taken up: Book the trainer.*Main Street.*is not live"):
            run_joint_wave.start(again(together, second), by=together.hub)
        lesson.take_up("Booked.", by=together.hub)
    with scope(world.host.pk):
        make_live(together.scene.deployment)
    with scope(world.hub.pk):
        run_joint_wave.start(again(together, second), by=together.hub)
        assert again(together, second).state == S.EXPANDING
        with pytest.raises(WaveRefused, match="its rules stay"):
            again(together, second).set_rules(canaries=[], stable_days=1, criteria=[], by=together.hub)


def test_a_trainer_whom_two_organizations_want_in_one_week_is_shown(together: Joint) -> None:
    world = together.scene.world
    places = together.offer()
    with scope(world.hub.pk):
        for place in places:
            PlaceStaff.give(
                place, world.hub_manager, role="trainer", hours=12, weeks_before=1, weeks_after=0, by=together.hub
            )
        with pytest.raises(WaveRefused, match="your own organization"):
            PlaceStaff.give(
                places[0], world.manager, role="trainer", hours=1, weeks_before=0, weeks_after=0, by=together.hub
            )
        today = GO_LIVE - timedelta(days=60)
        found = conflicts(together.program.pk, today=today)
        monday = GO_LIVE - timedelta(days=GO_LIVE.weekday())
        assert [(one.week, one.hours, len(one.sites)) for one in found] == [
            (monday - timedelta(days=7), 24, 2),
            (monday, 24, 2),
        ]
        Capacity.set_hours(world.hub_manager, 30, by=together.hub)
        assert conflicts(together.program.pk, today=today) == []
