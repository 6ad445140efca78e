"""Several rows changed in one go, with what they were before: the ledger of changes, which an undo reads."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel

Row = dict[str, Any]
"""A changed row: id, label, before and after (field name to value, as JSON)."""


class Change(TenantModel):
    """One bulk change. Which verb undoes it depends on its kind (`actions.undo_change`).

    One over several deployments is seen and taken back by whoever reaches all of them: its rows name their sites.
    """

    deployments_column = "deployment_ids"

    class Kind(models.TextChoices):
        """What kind of rows it changed."""

        ITEMS = "items", "Checklist items"
        DEPLOYMENTS = "deployments", "Deployments"
        TRACKER = "tracker", "Imported tracker"
        GO_LIVES = "go_lives", "Go-live dates"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=200, help_text="What was done, as the ledger says it")
    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, null=True, related_name="+")
    deployment_ids = ArrayField(models.UUIDField(), default=list, help_text="All that it reached, where it is not one")
    rows = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "-made_at"], name="change_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["items", "deployments", "tracker", "go_lives"]), name="change_kind"
            ),
        ]

    @classmethod
    @transaction.atomic
    def keep(
        cls,
        kind: str,
        title: str,
        rows: list[Row],
        *,
        by: Actor,
        deployment_id: Any = None,
        deployment_ids: Iterable[UUID] = (),
    ) -> "Change":
        """Write down what was changed at once, in the transaction that changes it: in one deployment or in several."""
        change = cls(
            kind=kind,
            title=title[:200],
            deployment_id=deployment_id,
            deployment_ids=sorted(deployment_ids),
            rows=rows,
            made_by_id=by.person_id,
        )
        change.save(force_insert=True)
        record(audit.CHANGE_MADE, by=by, subject=change, kind=change.get_kind_display(), count=len(rows))
        return change

    def close(self, *, by: Actor, left: int) -> None:
        """Note that it was undone, but for `left` rows that had changed since."""
        self.undone_by_id, self.undone_at = by.person_id, timezone.now()
        self.save(update_fields=["undone_by", "undone_at"])
        record(audit.CHANGE_UNDONE, by=by, subject=self, kind=self.get_kind_display(), count=len(self.rows) - left)
