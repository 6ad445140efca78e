"""Gates follow facts in the transaction that states them, and the clock when nobody does anything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from audit.models import Event
from facts.kinds import find
from facts.models import Fact, state, together
from onboarding.deployments.models import Deployment, Item
from onboarding.golive.actions.go_live import GoLiveRefused, go_live
from onboarding.golive.gates import standings
from onboarding.golive.models import Condition, GatePass, GateReview, GateWatch
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.sweep import sweep
from onboarding.golive.tests.readiness import fill_team, fresh, meeting, ready_for_go_no_go, settle_stages, sponsor
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene

COVERAGE, WITHOUT = find("training.coverage"), find("training.access_without_training")


def gate(key: str) -> str:
    return str(Deployment.objects.get().gates.get(key, {}).get("state"))


def told(action: str) -> list[dict[str, Any]]:
    return list(Event.objects.filter(action=action).order_by("xact", "id").values_list("data", flat=True))


def test_a_fact_closes_a_gate_in_the_transaction_that_states_it_and_opens_it_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        settle_stages(scene, 5)
        state(WITHOUT, 0, subject=scene.deployment)
        assert gate("G5") == "open"
        version = Deployment.objects.get().version
        state(COVERAGE, 0.97, subject=scene.deployment)
        assert gate("G5") == "passed"
        assert Deployment.objects.get().version > version
        state(COVERAGE, 0.94, subject=scene.deployment)
        assert gate("G5") == "open"
        assert told("gate.reopened")[-1]["why"].startswith("Share of required learners who passed")
        with transaction.atomic():
            state(COVERAGE, 0.99, subject=scene.deployment)
            assert gate("G5") == "passed"
            transaction.set_rollback(True)
        assert gate("G5") == "open"


def test_facts_stated_together_are_looked_at_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        version = Deployment.objects.get().version
        with together():
            state(WITHOUT, 0, subject=scene.deployment)
            state(COVERAGE, 0.97, subject=scene.deployment)
            assert Deployment.objects.get().version == version
        assert Deployment.objects.get().version == version + 1


@pytest.mark.django_db(databases=["default", "steward"], transaction=True)
@pytest.mark.transactional
def test_a_fact_that_goes_stale_opens_its_gate_when_the_sweep_comes_by(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        settle_stages(scene, 5)
        with together():
            state(WITHOUT, 0, subject=scene.deployment)
            state(COVERAGE, 0.97, subject=scene.deployment)
        assert gate("G5") == "passed"
        seen = Fact.objects.order_by("observed_at").first()
        assert GateWatch.objects.get().due_at == seen.observed_at + timedelta(days=2)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        sweep()
        with scope(scene.world.host.pk):
            assert gate("G5") == "passed"
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1), tick=False):
        sweep()
        with scope(scene.world.host.pk):
            assert gate("G5") == "open"
            assert "last seen 2 days ago" in told("gate.reopened")[-1]["why"]
            before = Event.objects.count()
        assert sweep() == 0
        with scope(scene.world.host.pk):
            assert Event.objects.count() == before


def test_a_signed_gate_lapses_with_its_facts_counts_for_nothing_meanwhile_and_holds_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        assert gate("G6") == "passed"
        state(COVERAGE, 0.9, subject=scene.deployment)
        assert gate("G6") == "lapsed"
        assert [one["gate"] for one in told("gate.lapsed")] == ["G6"]
        with pytest.raises(GoLiveRefused, match=r"G6 go/no-go was signed and holds no more \(Share of required"):
            go_live(scene.deployment, by=scene.manager)
        assert Deployment.objects.get().state == "onboarding"
        state(COVERAGE, 0.96, subject=scene.deployment)
        assert gate("G6") == "passed"
        assert [one["gate"] for one in told("gate.holds_again")] == ["G6"]
        go_live(scene.deployment, by=scene.manager)


def test_nothing_rests_on_a_signed_gate_once_the_deployment_is_live(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        go_live(scene.deployment, by=scene.manager)
        state(COVERAGE, 0.9, subject=scene.deployment)
        assert gate("G6") == "passed"
        assert told("gate.lapsed") == []
        assert "until" not in Deployment.objects.get().gates["G6"]


def conditional(scene: Scene, days: int = 10) -> tuple[GateReview, Item]:
    """A conditional go over one open item and one demand of the meeting's own."""
    ready_for_go_no_go(scene)
    open_item = Item.objects.filter(gate_class="conditional", stage=6, state="accepted").exclude(domain="")[0]
    Item.objects.filter(pk=open_item.pk).update(state="in_progress", done_at=None)
    review = meeting(scene, choice="conditions")
    ends = timezone.localdate() + timedelta(days=days)
    review.set_condition(open_item, owner="OPS", workaround="By hand.", expires_on=ends, by=scene.manager)
    review.set_condition(
        title="Name a second person on call for the nights",
        owner="CSO",
        workaround="The champion is on call.",
        expires_on=ends - timedelta(days=3),
        by=scene.manager,
    )
    by = sponsor(scene)
    review.decide("conditional_go", reason="Small gaps.", printed_name="Sponsor Host", by=by, proof=fresh(by))
    return GateReview.objects.get(pk=review.pk), Item.objects.get(pk=open_item.pk)


def test_conditions_stand_on_the_checklist_with_owner_and_date_once_the_decision_is_signed(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review, carried = conditional(scene)
        made = Item.objects.get(key__startswith="condition-g6-1-")
        ends = timezone.localdate() + timedelta(days=10)
        assert (made.title, made.owner, made.due_on, made.stage, made.gate, made.gate_class) == (
            "Name a second person on call for the nights",
            "CSO",
            ends - timedelta(days=3),
            6,
            "G6",
            "conditional",
        )
        assert "The champion is on call." in made.guidance
        assert {made.assignee_id, carried.assignee_id} == {scene.world.contributor.pk}
        assert carried.due_on == ends
        assert Condition.objects.filter(review=review, item=made).exists()
        assert {one["item"] for one in review.record["conditions"]} == {made.number, carried.number}
        assert gate("G6") == "passed"
        made.complete(by=scene.manager, may_accept=True)
        assert gate("G6") == "passed"


@pytest.mark.django_db(databases=["default", "steward"], transaction=True)
@pytest.mark.transactional
def test_a_condition_that_ends_while_its_item_is_open_opens_the_gate_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        _, carried = conditional(scene)
        made = Item.objects.get(key__startswith="condition-g6-1-")
        made.complete(by=scene.manager, may_accept=True)
    last_day = timezone.now() + timedelta(days=10)
    with time_machine.travel(last_day, tick=False), scope(scene.world.host.pk):
        with together():
            state(WITHOUT, 0, subject=scene.deployment)
            state(COVERAGE, 0.97, subject=scene.deployment)
        assert gate("G6") == "passed"
    with time_machine.travel(last_day + timedelta(days=1), tick=False):
        sweep()
        with scope(scene.world.host.pk):
            assert gate("G6") in ("open", "ready")
            assert not GatePass.objects.in_force().filter(gate="G6").exists()
            assert scene.item("g6-go-no-go").state == Item.State.IN_PROGRESS
            why = told("gate.reopened")[-1]["why"]
            assert why.startswith(f"its condition {carried} ended on")
            with pytest.raises(GoLiveRefused, match="G6 go/no-go is not signed"):
                go_live(scene.deployment, by=scene.manager)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"title": " "}, "Name the open item, or say what has to be done"),
        ({"workaround": ""}, "needs its owner and its workaround"),
        ({"owner": ""}, "needs its owner and its workaround"),
        ({"expires_on": 15}, "ends within 14 days"),
        ({"expires_on": 0}, "ends within 14 days"),
    ],
)
def test_a_condition_that_is_not_whole_is_refused(scene: Scene, changes: dict[str, Any], why: str) -> None:
    with scope(scene.world.host.pk):
        fill_team(scene)
        review = GateReview.convene(scene.deployment, "G6", by=scene.manager)
        given = {"title": "Cover", "owner": "OPS", "workaround": "By hand.", "expires_on": 7, **changes}
        given["expires_on"] = timezone.localdate() + timedelta(days=given["expires_on"])
        with pytest.raises(ReviewRefused, match=why):
            review.set_condition(**given, by=scene.manager)
        assert not Condition.objects.exists()
        assert not told("gate_review.condition_set")


def test_a_condition_may_be_dropped_before_the_decision(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        fill_team(scene)
        review = GateReview.convene(scene.deployment, "G6", by=scene.manager)
        ends = timezone.localdate() + timedelta(days=7)
        made = review.set_condition(title="Cover", owner="OPS", workaround="x", expires_on=ends, by=scene.manager)
        review.drop_condition(made.pk, by=scene.manager)
        review.drop_condition(made.pk, by=scene.manager)
        assert not Condition.objects.exists()
        assert len(told("gate_review.condition_dropped")) == 1


def test_a_waiver_and_a_condition_end_on_the_clock_of_the_watch(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        conditional(scene)
        due = GateWatch.objects.get().due_at
        assert due is not None
        signed = standings(Deployment.objects.get(), "G6")[0]
        moments = [signed.outcome.lapses_at]
        assert due <= min(one for one in moments if one)


ClientOf = Callable[[Any], Any]


def test_a_gate_says_what_would_make_it_true_and_leads_there(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        fill_team(scene)
        item = Item.objects.filter(stage=0, gate_class="blocks", completed_by_gate=False).order_by("number")[0]
    page = client_of(scene.world.manager).get(f"/o/host/deployments/{scene.deployment.pk}/gates/").content.decode()
    assert f'href="/o/host/deployments/{scene.deployment.pk}/items/{item.number}/"' in page
    assert 'href="/o/host/training/access/"' in page
    assert f'href="/o/host/deployments/{scene.deployment.pk}/hypercare/"' in page
    one = client_of(scene.world.manager).get(f"/o/host/deployments/{scene.deployment.pk}/gates/G5/").content.decode()
    assert "nothing is known yet" in one
    assert (
        client_of(scene.world.manager).get(f"/o/host/deployments/{scene.deployment.pk}/gates/G77/").status_code == 404
    )


def test_a_funder_reads_no_items_title_on_the_gates(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        titles = list(Item.objects.filter(stage=0, gate_class="blocks").values_list("title", flat=True))
    page = client_of(scene.world.funder_manager).get(f"/o/host/deployments/{scene.deployment.pk}/gates/")
    assert page.status_code == 200
    assert not any(title in page.content.decode() for title in titles)
