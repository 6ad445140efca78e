"""Somebody leaves the organization: what they had in hand goes to others, and no reminder is lost with them."""

from datetime import UTC, date, datetime
from typing import Any

import time_machine

from accounts.models import Membership
from audit.models import Event
from config.reactions import REACTIONS
from notices.models import Reminder
from onboarding.deployments import notices
from onboarding.deployments.models import Item, TeamRole
from onboarding.deployments.tasks import follow_leaver
from tenancy.scope import scope
from testing.scenes import Scene

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


def left(scene: Scene, person: Any) -> None:
    with scope(scene.world.host.pk):
        Membership.objects.active().get(user=person).end(by=scene.by(person))
        event = Event.objects.get(action="member.left")
    assert "onboarding.deployments.tasks.follow_leaver" in REACTIONS["member.left"]
    assert "onboarding.deployments.tasks.follow_leaver" in REACTIONS["member.removed"]
    for _twice in range(2):
        follow_leaver(str(scene.world.host.pk), str(event.pk))


def heard(item: Item) -> set[tuple[Any, str]]:
    rows = Reminder.objects.filter(subject_id=item.pk, state="due")
    return set(rows.values_list("recipient_id", "step"))


def role(scene: Scene, code: str) -> TeamRole:
    return TeamRole.objects.get(deployment=scene.deployment, code=code)


def test_their_roles_go_to_the_deputies_and_their_items_back_to_the_roles(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        by = scene.manager
        role(scene, "CHM").fill(world.contributor, by=by)
        role(scene, "SEC").fill(world.contributor, deputy=world.approver, by=by)
        role(scene, "INT").fill(world.approver, deputy=world.contributor, by=by)
        item = scene.item("interest-recorded")
        item.assign(world.contributor, by=by)
    left(scene, world.contributor)
    with scope(world.host.pk):
        held = {code: (role(scene, code).person_id, role(scene, code).deputy_id) for code in ("CHM", "SEC", "INT")}
        assert held == {
            "CHM": (None, None),
            "SEC": (world.approver.pk, None),
            "INT": (world.approver.pk, None),
        }
        assert role(scene, "CHM").vacant_since is not None
        assert Item.objects.get(pk=item.pk).assignee_id is None
        said = Event.objects.filter(
            actor_kind="system", action__in=["team.role_vacated", "team.deputy_lost", "item.assigned"]
        )
        assert said.count() == 4


def test_whoever_came_back_meanwhile_keeps_what_they_had(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        role(scene, "CHM").fill(world.contributor, by=scene.manager)
        member = Membership.objects.active().get(user=world.contributor)
        member.end(by=scene.by(world.contributor))
        Membership.add(world.contributor, roles=["contributor"], by=scene.by(world.owner))
        event = Event.objects.get(action="member.left")
    follow_leaver(str(world.host.pk), str(event.pk))
    with scope(world.host.pk):
        assert role(scene, "CHM").person_id == world.contributor.pk


def test_before_that_is_noted_and_where_no_role_is_held_the_managers_and_owners_hear(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk), time_machine.travel(MONDAY, tick=False):
        item = scene.item("interest-recorded")
        item.move_due(date(2026, 11, 24), by=scene.manager)
        item.assign(world.contributor, by=scene.manager)
        item = Item.objects.select_related(*notices.RELATED).get(pk=item.pk)
        notices.plan_items([item], by=scene.manager)
        # Nobody is manager or sponsor in the team: what is late goes to the organization's.
        assert heard(item) == {
            *((world.contributor.pk, step) for step in ("-3", "0", "+1", "+3", "+7")),
            (world.manager.pk, "escalate-manager"),
            (world.owner.pk, "escalate-sponsor"),
        }
        Membership.objects.active().get(user=world.contributor).end(by=scene.by(world.contributor))
        notices.plan_items([item], by=scene.manager)
        assert heard(item) == {
            *((world.manager.pk, step) for step in ("-3", "0", "+1", "+3", "+7")),
            (world.owner.pk, "escalate-sponsor"),
        }
        words = Reminder.objects.filter(subject_id=item.pk, state="due")
        assert set(words.values_list("reason", flat=True)) == {
            "Nobody holds it now: it falls to you.",
            "It is late, and there is no sponsor.",
        }
