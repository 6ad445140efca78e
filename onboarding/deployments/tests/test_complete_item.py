"""Completing an item."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from onboarding.deployments.models import Deployment, Evidence, Item
from onboarding.deployments.models.item import ItemRefused
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.scenes import Scene
from testing.statements import counted


def give_evidence(scene: Scene, item: Item) -> None:
    for wanted in item.required_evidence:
        file = store(scene.world.host.pk, "note.txt", [b"what was found"])
        Evidence.give(item, file, by=scene.manager, wanted_key=wanted["key"])


def test_a_contributor_sends_it_to_review_and_a_reviewer_accepts(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        give_evidence(scene, item)
        item.complete(by=scene.by(scene.world.contributor), may_accept=False)
        assert scene.item("interest-recorded").state == Item.State.IN_REVIEW
        item.complete(by=scene.manager, may_accept=True)
        done = scene.item("interest-recorded")
        assert (done.state, done.done_by_id) == (Item.State.ACCEPTED, scene.world.manager.pk)
        deployment = Deployment.objects.get()
        assert (deployment.items_done, deployment.stages["0"]) == (1, [1, 6])


def test_it_waits_for_its_predecessors_and_names_them(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = Item.objects.of_deployment(scene.deployment.pk).get(number=3)
        give_evidence(scene, item)
        events = Event.objects.count()
        with pytest.raises(ItemRefused, match=r"waits for #1 "):
            item.complete(by=scene.manager, may_accept=True)
        assert Item.objects.get(pk=item.pk).state == Item.State.TODO
        assert Event.objects.count() == events


def test_it_needs_its_evidence_and_names_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        scene.settle("interest-recorded")
        item = Item.objects.of_deployment(scene.deployment.pk).get(number=2)
        with pytest.raises(ItemRefused, match="needs evidence"):
            item.complete(by=scene.manager, may_accept=True)
        assert Item.objects.get(pk=item.pk).state == Item.State.TODO


def test_the_row_of_a_signed_gate_is_completed_by_the_gate_alone(scene: Scene) -> None:
    with scope(scene.world.host.pk), pytest.raises(ItemRefused, match="sign G1"):
        scene.item("g1-adopt").complete(by=scene.manager, may_accept=True)


def test_doing_it_twice_logs_it_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        give_evidence(scene, item)
        item.complete(by=scene.manager, may_accept=True)
        item.complete(by=scene.manager, may_accept=True)
        assert Event.objects.filter(action="item.completed").count() == 1


def test_a_blocked_item_names_who_is_waited_for(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        item.block(by=scene.manager, reason="Change 4417 waits for its window.", waits_for="SEC")
        blocked = scene.item("interest-recorded")
        assert (blocked.state, blocked.blocked_by_role, blocked.note) == (
            "blocked",
            "SEC",
            "Change 4417 waits for its window.",
        )
        assert Deployment.objects.get().items_blocked == 1
        with pytest.raises(ItemRefused, match="blocked"):
            item.complete(by=scene.manager, may_accept=True)


def test_it_takes_at_most_twelve_statements_rules_rollup_and_gates_included(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        scene.settle("interest-recorded")
        item = Item.objects.get(number=2)
        give_evidence(scene, item)
        by = scene.manager
        with CaptureQueriesContext(connection) as captured:
            item.complete(by=by, may_accept=True)
    assert len(counted(captured)) <= 12, "\n".join(counted(captured))
