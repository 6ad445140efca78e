"""Who moved which deployments from which playbook version to which, what changed, and what was decided."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment, Program
from onboarding.playbooks.models import PlaybookVersion
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Upgrade(TenantModel):
    """One move of a program's deployments, all or some, to another version."""

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    to_version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    program_from: Any = TenantForeignKey(
        PlaybookVersion,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The program's version before, where new sites use the new one from then on",
    )
    counts = models.JSONField(
        default=dict, help_text="Sites, and items changed, added, retired, decided, over all sites"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.program.title} to {self.to_version}"


class DeploymentUpgrade(TenantModel):
    """What one of these moves did to one deployment."""

    upgrade: Any = TenantForeignKey(Upgrade, on_delete=models.PROTECT, related_name="deployments")
    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    from_version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(help_text="Each change with the value before and after: undo reads them backwards")
    decisions = models.JSONField(help_text="What was decided on each conflict")
    counts = models.JSONField()
    roles_added = models.JSONField(default=list, help_text="Codes of the team roles that the version brought")
    before_sha256 = models.CharField(max_length=64, help_text="Of the checklist before")
    after_sha256 = models.CharField(max_length=64, help_text="Of the checklist after")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "upgrade", "deployment"], name="deployment_upgrade_once")
        ]
        indexes = [models.Index(fields=["organization", "deployment", "id"], name="upgrades_of_deployment")]
