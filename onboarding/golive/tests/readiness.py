"""Bring a scene's deployment to a point before a gate."""

from datetime import timedelta

from django.utils import timezone

from audit.actor import Actor
from facts.models import Fact
from onboarding.deployments.models import Item, TeamRole
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.models.signature import Proof
from testing.scenes import Scene


def fresh(by: Actor) -> Proof:
    """Password and one-time code, given just now."""
    return Proof.given(by, timezone.now() - timedelta(seconds=20))


def settle_stages(scene: Scene, *stages: int) -> None:
    """Make every item of these stages accepted, but for the rows of signed gates."""
    Item.objects.filter(deployment=scene.deployment, stage__in=stages, state="todo", completed_by_gate=False).update(
        state="accepted", done_at=timezone.now()
    )


def fill_team(scene: Scene) -> None:
    """Give every role of the team to the contributor, with the manager as deputy."""
    TeamRole.objects.filter(deployment=scene.deployment).update(
        person=scene.world.contributor, deputy=scene.world.manager, vacant_since=None
    )


def ready_for_go_no_go(scene: Scene) -> None:
    """Everything that G6 asks is true."""
    settle_stages(scene, 0, 1, 2, 3, 4, 5, 6)
    fill_team(scene)
    for kind, value in (("training.coverage", 0.97), ("training.access_without_training", 0)):
        about = {
            "subject_type": "deployments.deployment",
            "subject_id": scene.deployment.pk,
            "deployment_id": scene.deployment.pk,
        }
        Fact.objects.create(kind=kind, value=value, source="training", **about)


def meeting(scene: Scene, gate: str = "G6", choice: str = Vote.Choice.GO) -> GateReview:
    """A convened review in which the whole panel has voted."""
    review = GateReview.convene(scene.deployment, gate, by=scene.manager)
    for vote in Vote.objects.filter(review=review):
        vote.cast(choice, by=scene.by(scene.world.contributor), reason="seen")
    return review


def sponsor(scene: Scene) -> Actor:
    """The one who signs."""
    return scene.by(scene.world.approver)
