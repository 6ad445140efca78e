"""What contracts may cover (settings.BILLABLE_DEPLOYMENTS): the one place where billing hears of deployments by name."""

from collections import defaultdict
from uuid import UUID

from billing.contracts.offers import Offer
from onboarding.deployments.models import Deployment
from tenancy.models import Share
from tenancy.scope import current, scope


def deployments() -> list[Offer]:
    """Return the deployments of the organization in scope, and those that others share with it."""
    found = _offers(current().organization_id)
    shared: dict[UUID, list[UUID]] = defaultdict(list)
    for host_id, deployment_id in Share.with_me.values_list("organization_id", "deployment_id"):
        shared[host_id].append(deployment_id)
    for host_id in sorted(shared):
        with scope(host_id, deployments=shared[host_id]):
            found += _offers(host_id)
    return found


def _offers(host_id: UUID) -> list[Offer]:
    rows = Deployment.objects.running().for_page().order_by("go_live_on", "id")
    return [Offer(one.pk, host_id, str(one), one.tool_version.tool.vendor_id) for one in rows]
