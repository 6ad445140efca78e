"""What a request below `/o/<org>/` carries once accounts.middleware has settled who is asking."""

from typing import Any

from django.http import HttpRequest

from access.permissions import Permission
from audit.actor import Actor
from tenancy.models import Organization


class OrganizationRequest(HttpRequest):
    """A request inside an organization's scope: views annotate it, nobody constructs it."""

    organization: Organization
    """The organization of the URL, in whose scope the view runs."""
    actor: Actor
    """The one who acts; handed to every verb as `by`."""
    permissions: frozenset[Permission]
    part: str | None
    """vendor, funder or hub where the person comes from a partner; None for the organization's own people."""
    seat: Any
    """The membership the person acts through: at home for a partner, here for a member."""
