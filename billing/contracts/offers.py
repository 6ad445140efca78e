"""What a contract may cover: deployments of the paying organization, or shared with it.

Billing does not know deployments; `settings.BILLABLE_DEPLOYMENTS` names a function of the configuration that lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Offer:
    """A deployment by its id, the organization that hosts it, what people call it, and whose tool it brings."""

    deployment_id: UUID
    host_id: UUID
    label: str
    vendor_id: UUID | None


def offers() -> list[Offer]:
    """Return what a contract of the organization in scope may cover."""
    listed: Callable[[], list[Offer]] = import_string(settings.BILLABLE_DEPLOYMENTS)
    return listed()
