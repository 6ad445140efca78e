"""Deciding a gate review and signing it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from onboarding.deployments.models import Deployment, Item
from onboarding.golive.models import GatePass, GateReview, Signature
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import Proof, SignatureRefused
from onboarding.golive.rules import Assessment
from onboarding.golive.tests.readiness import fill_team, fresh, meeting, ready_for_go_no_go, settle_stages, sponsor
from tenancy.scope import scope
from testing.scenes import Scene


def decide(review: GateReview, scene: Scene, decision: str = "go", **changes: object) -> Signature:
    by = changes.pop("by", None) or sponsor(scene)
    arguments = {"reason": "All figures hold.", "printed_name": "Sponsor Host", "by": by, "proof": fresh(by), **changes}
    return review.decide(decision, **arguments)  # type: ignore[arg-type]


def nothing_happened(review: GateReview) -> bool:
    unsigned = not Signature.objects.exists() and not GatePass.objects.filter(gate=review.gate).exists()
    return unsigned and GateReview.objects.get(pk=review.pk).state == "meeting"


def test_a_signed_go_passes_the_gate_and_completes_its_row(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)
        signature = decide(review, scene)
        decided = GateReview.objects.get(pk=review.pk)
        assert (decided.decision, decided.decided_by_id) == ("go", scene.world.approver.pk)
        assert signature.is_valid(decided.record)
        assert scene.item("g6-go-no-go").state == Item.State.ACCEPTED
        assert Deployment.objects.get().gates["G6"]["state"] == "passed"
        assert Event.objects.filter(action="gate_review.decided", data__signature_sha256=signature.sha256).count() == 1


def test_a_red_blocking_item_is_a_no_go_irrespective_of_the_score(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        Item.objects.filter(number=84).update(state="in_progress", done_at=None)
        review = meeting(scene)
        assert Assessment.of(review).score.band == "no_go"
        with pytest.raises(ReviewRefused, match=r"#84 .* blocks and is open"):
            decide(review, scene)
        assert nothing_happened(review)


def test_an_amber_needs_a_condition_for_a_conditional_go(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        ambers = Item.objects.filter(gate_class="conditional", stage__lte=6, state="accepted").exclude(domain="")
        opened = list(ambers.order_by("number"))
        Item.objects.filter(pk__in=[item.pk for item in opened]).update(state="in_progress", done_at=None)
        review = meeting(scene, choice="conditions")
        with pytest.raises(ReviewRefused, match="Go is not open"):
            decide(review, scene)
        with pytest.raises(ReviewRefused, match="amber without owner, workaround and expiry"):
            decide(review, scene, "conditional_go")
        for item in Item.objects.filter(pk__in=[item.pk for item in opened]):
            review.set_condition(
                item,
                owner="OPS",
                workaround="By hand.",
                expires_on=timezone.localdate() + timedelta(days=14),
                by=scene.manager,
            )
        others = Item.objects.filter(gate_class="conditional", domain="", state="todo", stage__lte=6)
        others.update(state="accepted", done_at=timezone.now())
        decide(review, scene, "conditional_go")
        assert len(GateReview.objects.get(pk=review.pk).record["conditions"]) == len(opened)


def test_whoever_convened_it_cannot_sign_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = GateReview.convene(scene.deployment, "G6", by=sponsor(scene))
        with pytest.raises(ReviewRefused, match="You convened this meeting"):
            decide(review, scene)
        assert nothing_happened(review)


def test_without_a_quorum_only_no_go_is_open(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = GateReview.convene(scene.deployment, "G6", by=scene.manager)
        with pytest.raises(ReviewRefused, match="quorum is 5"):
            decide(review, scene)
        assert nothing_happened(review)
        decide(review, scene, "no_go", reason="Too few came.")
        assert not GatePass.objects.filter(gate="G6").exists()


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-1)], ids=["old", "from the future"])
def test_a_signature_needs_a_fresh_proof(scene: Scene, age: timedelta) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)
        with pytest.raises(SignatureRefused, match="Prove who you are again"):
            decide(review, scene, proof=Proof.given(sponsor(scene), timezone.now() - age))
        assert nothing_happened(review)


def test_nobody_signs_under_another_name(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)
        with pytest.raises(SignatureRefused, match="Print your name"):
            decide(review, scene, printed_name="Owner Host")
        assert nothing_happened(review)


def test_a_decision_is_final_and_a_new_meeting_is_a_new_record(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)
        decide(review, scene, "no_go", reason="Night cover is missing.")
        with pytest.raises(ReviewRefused, match="decided"):
            decide(review, scene)
        again = meeting(scene)
        assert again.number == 2
        decide(again, scene)
        assert GateReview.objects.get(pk=review.pk).decision == "no_go"


def test_a_changed_record_voids_its_signature(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)
        signature = decide(review, scene)
        record = GateReview.objects.get(pk=review.pk).record
        assert signature.is_valid(record)
        assert not signature.is_valid({**record, "reason": "All figures hold!"})
        stored = Signature.objects.get()
        stored.printed_name = "Somebody Else"
        assert not stored.is_valid(record)


def test_a_signature_cannot_be_changed_in_the_database(scene: Scene) -> None:
    from django.db.utils import ProgrammingError

    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        decide(meeting(scene), scene)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope(scene.world.host.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("update golive_signature set printed_name = 'x'")


def test_a_vote_belongs_to_the_person_in_the_role(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        fill_team(scene)
        review = GateReview.convene(scene.deployment, "G6", by=scene.manager)
        vote = review.votes.get(role="EXS")
        with pytest.raises(ReviewRefused, match="belongs to the person in that role"):
            vote.cast("go", by=sponsor(scene))
        assert review.votes.get(role="EXS").choice == ""
        with pytest.raises(ReviewRefused, match="no-go needs its reason"):
            vote.cast("no_go", by=scene.manager)


def test_automatic_gates_close_by_themselves_and_open_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        settle_stages(scene, 0)
        fill_team(scene)
        last = scene.item("interest-recorded")
        last.reopen(by=scene.manager, reason="check")
        assert GatePass.objects.in_force().filter(gate="G0").exists()
        blocking = Item.objects.filter(stage=0, gate_class="blocks").first()
        blocking.reopen(by=scene.manager, reason="The number was wrong.")
        assert not GatePass.objects.in_force().filter(gate="G0").exists()
        event = Event.objects.get(action="gate.reopened")
        assert (event.actor_kind, event.data["gate"]) == ("system", "G0")
