"""Who is reminded of what."""

from datetime import date, timedelta

from django.utils import timezone

from audit.actor import Actor
from audit.models import Event
from config.reactions import REACTIONS
from notices.models import Reminder
from onboarding.deployments.actions.nightly_audit import nightly_audit
from onboarding.deployments.models import Comment, Evidence, Item, PortfolioRow, TeamRole
from onboarding.deployments.notices import describe_items
from onboarding.deployments.tasks import remind
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.scenes import Scene

NIGHT = Actor.system("deployment audit")


def after(scene: Scene, action: str) -> None:
    """Let the newest event of that name have its effect, as the relay would."""
    assert "onboarding.deployments.tasks.remind" in REACTIONS[action]
    with scope(scene.world.host.pk):
        event = Event.objects.filter(action=action).order_by("-id")[0]
    remind(str(scene.world.host.pk), str(event.pk))


def waiting(kind: str) -> set[tuple[object, str]]:
    return set(Reminder.objects.unclaimed().filter(kind=kind).values_list("recipient_id", "step"))


def told_of_work() -> set[object]:
    """Who hears of an item before it is late: then it goes up."""
    return {person for person, step in waiting("deployments.item_due") if not step.startswith("escalate-")}


def assigned(scene: Scene, days: int = 20) -> Item:
    item = scene.item("interest-recorded")
    item.move_due(timezone.localdate() + timedelta(days=days), by=scene.manager)
    item.assign(scene.world.contributor, by=scene.manager)
    return item


def test_the_owner_is_reminded_until_the_item_is_done(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = assigned(scene)
        after(scene, "item.assigned")
        assert told_of_work() == {scene.world.contributor.pk}
        before = waiting("deployments.item_due")
        after(scene, "item.assigned")
        assert waiting("deployments.item_due") == before
        assert describe_items([item.pk])[item.pk].path == f"/o/host/deployments/{scene.deployment.pk}/items/1/"
        item.mark_not_applicable(by=scene.manager, reason="Not here.")
        after(scene, "item.not_applicable")
        assert waiting("deployments.item_due") == set()
        assert describe_items([item.pk]) == {}


def test_the_blocker_is_reminded_and_not_the_blocked(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = assigned(scene)
        after(scene, "item.assigned")
        TeamRole.objects.get(deployment=scene.deployment, code="SEC").fill(scene.world.approver, by=scene.manager)
        item.block(by=scene.manager, reason="Change 4417 waits.", waits_for="SEC")
        after(scene, "item.blocked")
        assert told_of_work() == {scene.world.approver.pk}


def test_a_review_is_asked_of_the_manager(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = assigned(scene)
        for wanted in item.required_evidence:
            file = store(scene.world.host.pk, "note.txt", [b"found"])
            Evidence.give(item, file, by=scene.manager, wanted_key=wanted["key"])
        item.complete(by=scene.by(scene.world.contributor), may_accept=False)
        after(scene, "item.submitted")
        assert waiting("deployments.review_wanted") == {(scene.world.manager.pk, "0")}


def test_a_mention_reaches_the_named_and_never_the_writer(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        named = [scene.world.contributor.pk, scene.world.manager.pk]
        Comment.add(scene.item("interest-recorded"), body="See the log.", by=scene.manager, mentions=named)
        after(scene, "comment.added")
        assert waiting("deployments.mention") == {(scene.world.contributor.pk, "0")}


def test_a_champion_who_leaves_is_asked_for(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        role = TeamRole.objects.get(deployment=scene.deployment, code="CHM")
        role.fill(scene.world.contributor, by=scene.manager)
        role.vacate(by=scene.manager)
        after(scene, "team.role_vacated")
        assert waiting("deployments.champion_vacant") == {(scene.world.manager.pk, "0")}


def test_the_night_reopens_what_lapsed_evidence_no_longer_shows(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        for wanted in item.required_evidence:
            file = store(scene.world.host.pk, "note.txt", [b"found"])
            Evidence.give(item, file, by=scene.manager, wanted_key=wanted["key"], valid_until=date(2099, 1, 1))
        item.complete(by=scene.manager, may_accept=True)
        assert nightly_audit(by=NIGHT)["reopened"] == 0
        Evidence.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
        assert nightly_audit(by=NIGHT)["reopened"] == 1
        assert nightly_audit(by=NIGHT)["reopened"] == 0
        reopened = scene.item("interest-recorded")
        assert reopened.state == Item.State.IN_PROGRESS
        assert reopened.note.startswith("note.txt was valid until")


def test_the_night_mends_the_portfolio(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        assert nightly_audit(by=NIGHT)["portfolio_rows_mended"] == 1
        assert PortfolioRow.objects.count() == 1
        assert nightly_audit(by=NIGHT)["portfolio_rows_mended"] == 0
