"""When the gates of a deployment have to be looked at although nobody does anything: something that they read lapses then."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class GateWatch(TenantModel):
    """The next moment at which time alone may change a gate of a deployment."""

    partners = Partners.DEPLOYMENT
    history = False
    steward_columns: ClassVar[tuple[str, ...]] = ("organization_id", "deployment_id", "due_at")

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment"], name="gate_watch_once")]
        indexes = [models.Index(fields=["due_at"], name="queue_gate_watch")]

    @classmethod
    def set(cls, deployment_id: UUID, due_at: datetime | None) -> None:
        """Note when to look again; None where nothing lapses by itself."""
        cls.objects.update_or_create(deployment_id=deployment_id, defaults={"due_at": due_at})
