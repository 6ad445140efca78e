"""How content crosses from one organization to another: offered, accepted, and then the receiver's own copy.

The giver's row says how it went, the receiver's holds all that the copy needs; neither ever reads the other's tables.
"""

from django.db import models
from django.db.models import Q

from tenancy.models import Organization, Share


class OfferState(models.TextChoices):
    """How an offer went; the same words on both sides."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


STATES = Q(state__in=OfferState.values)


def may_receive() -> list[Organization]:
    """Return the organizations that share a deployment with the one in scope: nobody else is sent anything."""
    hosts = Share.with_me.values_list("organization_id", flat=True)
    return list(Organization.objects.filter(pk__in=set(hosts)).order_by("name"))
