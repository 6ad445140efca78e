"""Who hears of places in joint waves: once, on the side it concerns, in mail and in the inbox."""

from collections.abc import Callable

import pytest
from django.test import Client

from access.permissions import Role
from accounts.models import Membership, User
from audit.models import Event
from config.reactions import REACTIONS
from notices.kinds import find
from notices.models import Reminder
from notices.models.reminder import State
from onboarding.deployments.models import TeamRole
from onboarding.joint.actions import run_joint_wave
from onboarding.joint.actions.take_places import accept, decline, leave, take_back
from onboarding.joint.models import JointPlace, JointProgram
from onboarding.joint.notices import tell
from onboarding.joint.tasks import remind
from onboarding.joint.tests.scene import Joint, joint, of_ones_own
from onboarding.playbooks.document import PlaybookDocument
from tenancy.models import Organization
from tenancy.scope import scope
from testing.cast import SETUP
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
REMIND = "onboarding.joint.tasks.remind"


@pytest.fixture
def together(scene: Scene, starter: PlaybookDocument) -> Joint:
    return joint(scene, starter)


def relay(organization: Organization) -> None:
    """Let every event of places have its effect, once more where it had it."""
    actions = [action for action, tasks in REACTIONS.items() if REMIND in tasks]
    with scope(organization.pk):
        found = list(Event.objects.filter(action__in=actions).order_by("id").values_list("pk", flat=True))
    for pk in found:
        remind(str(organization.pk), str(pk))


def heard(organization: Organization, kind: str) -> list[tuple[str, str]]:
    """Who is told of a kind, and the words, as the relay left it."""
    relay(organization)
    with scope(organization.pk):
        rows = Reminder.objects.filter(kind=kind).exclude(state=State.CANCELLED).select_related("recipient")
        told = find(kind).describe({row.subject_id for row in rows})
        return sorted((row.recipient.email, told[row.subject_id].title) for row in rows if row.subject_id in told)


def test_whoever_runs_the_deployment_hears_of_an_offer_once_and_nobody_else(together: Joint) -> None:
    world = together.scene.world
    together.offer(accepted=False)
    words = f"{world.hub.name} offers a place in Wave 1 of Riverbend and friends"
    assert heard(world.host, "joint.place_offered") == [(world.manager.email, words)]
    with scope(world.host.pk):
        for event in Event.objects.filter(action="joint_offer.received"):
            tell(event)  # the relay may come twice
        assert Reminder.objects.filter(kind="joint.place_offered").count() == 1
        assert Reminder.objects.get(kind="joint.place_offered").deployment_id == together.scene.deployment.pk


def test_the_manager_of_the_team_hears_rather_than_the_others(together: Joint) -> None:
    world = together.scene.world
    with scope(world.host.pk):
        TeamRole.objects.filter(deployment=together.scene.deployment, code="IM").update(
            person=world.contributor, vacant_since=None
        )
    together.offer(accepted=False)
    assert [who for who, _ in heard(world.host, "joint.place_offered")] == [world.contributor.email]


def test_the_offer_waits_in_the_inbox_until_it_is_answered(together: Joint, client_of: ClientOf) -> None:
    world = together.scene.world
    together.offer(accepted=False)
    client = client_of(world.manager)
    words = f"{world.hub.name} offers Main Street a place in Wave 1 of Riverbend and friends"
    assert words in client.get("/o/host/inbox/").content.decode()
    assert words not in client_of(world.contributor).get("/o/host/inbox/").content.decode()
    with scope(world.host.pk):
        accept(together.own(), by=together.scene.manager)
    assert words not in client.get("/o/host/inbox/").content.decode()


@pytest.mark.parametrize("answer", ["accepted", "declined", "left", "withdrawn"])
def test_an_answer_ends_the_reminder_and_reaches_whoever_leads(together: Joint, answer: str) -> None:
    world = together.scene.world
    (place, _) = sorted(together.offer(accepted=False), key=lambda one: one.site != "Main Street")
    relay(world.host)
    with scope(world.host.pk):
        if answer in ("accepted", "left"):
            accept(together.own(), by=together.scene.manager)
        if answer == "left":
            leave(together.own(), "We go alone", by=together.scene.manager)
        if answer == "declined":
            decline(together.own(), by=together.scene.manager)
    if answer == "withdrawn":
        with scope(world.hub.pk):
            take_back(JointPlace.objects.get(pk=place.pk), by=together.hub)
    relay(world.host)
    with scope(world.host.pk):
        assert set(Reminder.objects.filter(kind="joint.place_offered").values_list("state", flat=True)) == {"cancelled"}
    wave, who = "Wave 1 of Riverbend and friends", world.hub_manager.email
    place_of = f"the place of Main Street in {wave}"
    said = {
        "accepted": [(who, f"{world.host.name} accepted {place_of}")],
        "declined": [(who, f"{world.host.name} declined {place_of}")],
        "left": [(who, f"{world.host.name} accepted {place_of}"), (who, f"{world.host.name} left {wave} with Main Street")],
        "withdrawn": [],
    }  # fmt: skip
    assert heard(world.hub, "joint.place_answered") == said[answer]
    ended = heard(world.host, "joint.place_turned")
    assert ended == ([(world.manager.email, f"The place in {wave} has ended")] if answer == "withdrawn" else [])


def test_a_halt_reaches_the_hosts_that_take_part_while_it_lasts(together: Joint) -> None:
    world = together.scene.world
    together.offer()
    with scope(world.hub.pk):
        together.wave.set_rules(canaries=[], stable_days=7, criteria=[], by=together.hub)
        run_joint_wave.start(together.wave, by=together.hub)
        run_joint_wave.halt(together.wave, "The trainer is ill", by=together.hub)
    halted = [(world.manager.email, "Wave 1 of Riverbend and friends is halted")]
    assert heard(world.host, "joint.place_turned") == halted
    with scope(world.hub.pk):
        run_joint_wave.resume(together.wave, by=together.hub)
    assert heard(world.host, "joint.place_turned") == []


def test_whoever_began_the_program_hears_and_after_they_left_the_managers(together: Joint) -> None:
    world = together.scene.world
    other = User.objects.create_user("second@hub.example", name="Second Hub")
    with scope(world.hub.pk):
        Membership.add(other, roles=[Role.IMPLEMENTATION_MANAGER], by=SETUP)
        JointProgram.objects.update(led_by=other)
    together.offer()
    assert {who for who, _ in heard(world.hub, "joint.place_answered")} == {other.email}
    with scope(world.hub.pk):
        Membership.objects.active().get(user=other).end(by=SETUP)
    with scope(world.host.pk):
        leave(together.own(), "We go alone", by=together.scene.manager)
    relay(world.hub)
    with scope(world.hub.pk):
        event = Event.objects.get(action="joint_place.answered", data__answered="left")
        people = {row.recipient_id for row in Reminder.objects.filter(subject_id=event.pk)}
        managers = Membership.objects.active().with_role(Role.IMPLEMENTATION_MANAGER)
        assert people == set(managers.values_list("user_id", flat=True))
        assert other.pk not in people


def test_nobody_is_told_of_a_wave_of_ones_own(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        of_ones_own(scene)
    relay(scene.world.host)
    with scope(scene.world.host.pk):
        assert not Reminder.objects.filter(kind__startswith="joint.").exists()
        assert not Event.objects.filter(action="joint_place.answered").exists()
