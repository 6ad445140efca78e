"""What one organization stands for among its peers: one median for each stage and measure, of all its tools and of each group of them."""

from typing import Any

from django.db import models, transaction
from django.db.models import Q

from audit.actor import Actor
from audit.models.event import record
from onboarding.metrics import audit
from tenancy.models import Organization, TenantModel
from tenancy.scope import current

MEASURES = [("duration", "Days in the stage"), ("time_to", "Days until the stage")]


class StageFigure(TenantModel):
    """The organization's own median. The steward reads the columns below to compute quartiles, and nothing else."""

    history = False
    steward_columns = ("organization_id", "among", "stage", "measure", "days", "release")

    among = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Of which tools (likeness)"
    )
    stage = models.PositiveSmallIntegerField(help_text="1 to 8")
    measure = models.CharField(max_length=8, choices=MEASURES)
    days = models.PositiveIntegerField(null=True, help_text="Empty: it stands for nothing now; the row remembers")
    release = models.PositiveIntegerField(default=0, help_text="The published figure it last stood behind; 0: none")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "among", "stage", "measure"], name="stage_figure_once"),
            models.CheckConstraint(condition=Q(stage__range=(1, 8)), name="stage_figure_stage"),
        ]
        indexes = [models.Index(fields=["stage", "measure"], name="queue_stage_figure")]


class PeerChoice(TenantModel):
    """Whether an organization's medians stand among its peers'. Without a row they do; who does not share does not see."""

    shares = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="peer_choice_once")]

    @classmethod
    @transaction.atomic
    def change(cls, *, shares: bool, by: Actor) -> None:
        """Stand among the peers, or not; leaving takes the organization's figures out at once."""
        Organization.objects.select_for_update(no_key=True).get(pk=current().organization_id)
        choice: Any = cls.objects.first() or cls()
        if choice.shares == shares and (shares or not choice._state.adding):
            return
        choice.shares = shares
        choice.save()
        if not shares:
            StageFigure.objects.exclude(days=None).update(days=None)
        record(audit.SHARING_CHANGED, by=by, subject=choice, says="they do" if shares else "they do not")

    @classmethod
    def shared(cls) -> bool:
        """Whether the organization in scope stands among its peers."""
        return not cls.objects.filter(shares=False).exists()
