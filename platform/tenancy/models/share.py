"""What a host opens to a partner: one row per deployment and partner organization."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models.base import SCOPE_ORGANIZATION, TenantModel
from tenancy.scope import current


class ShareQuerySet(TenantQuerySet["Share"]):
    """Named filters over shares."""

    def in_force(self) -> "ShareQuerySet":
        """Shares that have not been withdrawn."""
        return self.filter(withdrawn_at=None)


class SharesWithMe(models.Manager["Share"]):
    """Shares that other organizations gave to the one in scope."""

    def get_queryset(self) -> "models.QuerySet[Share]":
        """Return the shares in force whose partner is the organization in scope."""
        return super().get_queryset().filter(partner_id=current().organization_id, withdrawn_at=None)


class Share(TenantModel):
    """A deployment of the host (the row's organization) that a partner may work in.

    The partner reads its own shares from its own scope, across hosts: the table's policy says so by name (schema.py).
    """

    extra_select_policies: ClassVar[dict[str, str]] = {"partner_reads": f"partner_id = {SCOPE_ORGANIZATION}"}

    deployment_id = models.UUIDField()
    partner = models.ForeignKey("tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+")
    part = models.CharField(max_length=8, help_text="vendor, funder or hub")
    names_learners = models.BooleanField(default=False, help_text="The host lets this partner see training by name")
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ShareQuerySet)()
    with_me = SharesWithMe()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment_id", "partner"],
                condition=Q(withdrawn_at=None),
                name="share_once_in_force",
            )
        ]
