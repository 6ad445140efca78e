"""A deployment's place in a joint wave: a row at whoever leads the wave, and the host's own copy.

Neither side reads the other's table. The leader's row says how the offer went and carries what the rules look at; the
host's says where the wave stands and holds its go-live back. `actions/take_places.py` and `actions/carry.py` write both.
"""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.deployments.models import Deployment
from onboarding.joint.models.program import JointWave
from onboarding.plans.models.staged import Member, Staged
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel


class Answer(models.TextChoices):
    """How an offer went; the same words on both sides."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    LEFT = "left", "Left"
    WITHDRAWN = "withdrawn", "Taken back"


IN_FORCE = (Answer.OFFERED, Answer.ACCEPTED)
ANSWERS = Q(answer__in=Answer.values)


class PlaceQuerySet(TenantQuerySet[Any]):
    """Named filters over places, on either side."""

    def in_force(self) -> Self:
        """Places that are offered or taken."""
        return self.filter(answer__in=IN_FORCE)

    def taken(self) -> Self:
        """Places whose host takes part."""
        return self.filter(answer=Answer.ACCEPTED)


class JointPlace(TenantModel):
    """At the leader: a deployment of some organization in a wave."""

    wave: Any = TenantForeignKey(JointWave, on_delete=models.PROTECT, related_name="places")
    host = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    deployment_id = models.UUIDField()
    site = models.CharField(max_length=160)
    canary = models.BooleanField(default=False)
    answer = models.CharField(max_length=9, choices=Answer.choices, default=Answer.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, help_text="Why the host left")
    # What the rules look at, carried from the host while it takes part.
    live = models.BooleanField(default=False)
    live_on = models.DateField(null=True)
    gates = ArrayField(models.CharField(max_length=8), default=list, help_text="Passed")
    halts = models.JSONField(default=list, help_text="[[kind, sentence], ...]: why it halts the wave")

    objects = TenantManager.from_queryset(PlaceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment_id"],
                condition=Q(answer__in=["offered", "accepted"]),
                name="joint_place_once_in_force",
            ),
            models.CheckConstraint(condition=ANSWERS, name="joint_place_answer"),
        ]
        indexes = [models.Index(fields=["organization", "wave", "site"], name="joint_place_of_wave")]

    @property
    def called(self) -> str:
        """The site with its organization."""
        return f"{self.site}, {self.host.name}"

    @property
    def member(self) -> Member:
        """The place as the rules of a wave look at it."""
        return Member(
            id=self.pk,
            name=self.called,
            live=self.live,
            live_on=self.live_on,
            canary=self.canary,
            gates=frozenset(self.gates),
            accepted=self.answer == Answer.ACCEPTED,
        )


class OwnPlace(TenantModel):
    """At the host: its deployment's place in somebody's wave, and where that wave stands."""

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="joint_places")
    leader = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    source_id = models.UUIDField(help_text="The leader's row")
    title = models.CharField(max_length=250, help_text="The wave and its program")
    canary = models.BooleanField(default=False)
    answer = models.CharField(max_length=9, choices=Answer.choices, default=Answer.OFFERED)
    standing = models.CharField(max_length=9, choices=Staged.State.choices, default=Staged.State.WAITING)
    why = ArrayField(models.CharField(max_length=300), default=list, help_text="Why the wave is halted")
    stable_days = models.PositiveSmallIntegerField(default=14)
    lessons = ArrayField(models.CharField(max_length=500), default=list, help_text="Of the wave before")
    received_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(PlaceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "leader", "source_id"], name="own_place_once"),
            models.CheckConstraint(condition=ANSWERS, name="own_place_answer"),
        ]
        indexes = [models.Index(fields=["organization", "deployment"], name="own_place_of_deployment")]

    @property
    def holds(self) -> str:
        """Why the deployment may not go live now; empty where it may."""
        wave = f"{self.title}, led by {self.leader.name},"
        if self.answer != Answer.ACCEPTED:
            return ""
        if self.standing == Staged.State.HALTED:
            return f"{wave} is halted: {' '.join(self.why)} Your organization can leave the wave."
        if self.standing == Staged.State.WAITING:
            return f"{wave} has not started: its entry criteria come first."
        if self.standing == Staged.State.CANARY and not self.canary:
            return f"{wave} is at its canary sites: this site follows when they have been stable."
        return ""
