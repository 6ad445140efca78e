"""What a contract covers, and the way its facts take from the host to the payer."""

from typing import Any

from django.db import models

from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Coverage(TenantModel):
    """A deployment that the contract pays for; known to billing by id and label only."""

    contract: Any = TenantForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="coverages")
    deployment_id = models.UUIDField()
    host = models.ForeignKey("tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+")
    label = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "contract", "deployment_id"], name="coverage_once"),
        ]


class FactRoute(TenantModel):
    """In the host's organization: what happens in this deployment is told to that contract of that payer."""

    append_only = True

    deployment_id = models.UUIDField()
    payer = models.ForeignKey("tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+")
    contract_id = models.UUIDField()
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment_id", "payer", "contract_id"], name="fact_route_once"
            ),
        ]
