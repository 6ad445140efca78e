"""What cannot wait at a deployment: shown on each of its pages and in the portfolio, until it is dealt with."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing, and the page of the deployment where it is dealt with."""

    deployment_id: UUID
    title: str
    text: str
    tab: str
    """The title of the tab whose page shows it itself."""
    url_name: str
    """The page's name below `org:`, with org and deployment as its arguments."""


Source = Callable[[Collection[UUID] | None], list[Alert]]
SOURCES: list[Source] = []
"""Who knows of something: other apps add a function here in `ready()`; each takes one statement where there is nothing, and at most three.

Asked for some deployments, or with None for all of the organization in scope.
"""


def alerts_of(request: OrganizationRequest, deployment_ids: Collection[UUID] | None = None) -> list[Alert]:
    """Return what cannot wait at these deployments, or at all, for who reads their items."""
    return standing(deployment_ids) if can(request, Permission.ITEM_READ) else []


def standing(deployment_ids: Collection[UUID] | None) -> list[Alert]:
    """Return what cannot wait at these deployments of the host in scope, or at all of them."""
    return [alert for source in SOURCES for alert in source(deployment_ids)]


def alerts_shown(request: OrganizationRequest, deployment_id: UUID, current: str) -> list[dict[str, Any]]:
    """Return them as the head of a deployment's page shows them; not on the page where they are dealt with."""
    org = request.organization.slug
    return [
        {
            "title": alert.title,
            "text": alert.text,
            "page": alert.tab,
            "address": reverse(f"org:{alert.url_name}", kwargs={"org": org, "deployment": deployment_id}),
        }
        for alert in alerts_of(request, [deployment_id])
        if alert.tab != current
    ]
