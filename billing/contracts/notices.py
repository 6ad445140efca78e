"""What contracts remind people of: the last day of one, 90, 60 and 30 days ahead unless the policy says otherwise."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from access.permissions import Permission
from accounts.models import Membership, User
from billing.contracts.models import Contract
from notices.kinds import EXPIRY, Description, kind
from notices.ladder import OWNER, Plan
from notices.planners import planner
from tenancy.models import Organization


def describe(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe contracts that are in force to a last day, and those that ended yesterday."""
    slug = Organization.slug_in_scope()
    found = Contract.objects.filter(pk__in=ids, state=Contract.State.ACTIVE, ends_on__isnull=False)
    return {
        one.pk: Description(
            f"{one} ends",
            "Renew it, or let it end: what follows from facts after that day is not owed.",
            reverse("org:billing:contract", kwargs={"org": slug, "contract": one.pk}),
            one.ends_on,
        )
        for one in found
    }


CONTRACT_ENDS = kind("contracts.ends", "A contract ends", describe=describe, ladder=EXPIRY)


@planner(CONTRACT_ENDS)
def contracts() -> Iterable[Plan]:
    """Active contracts with a last day: before it, and on the day after."""
    since = timezone.localdate() - timedelta(days=1)
    ending = list(Contract.objects.filter(state=Contract.State.ACTIVE, ends_on__gte=since).order_by("pk"))
    people = [(person, OWNER) for person in _keepers()] if ending else []
    reasons = {OWNER: gettext_noop("You keep the contracts.")}
    return [Plan(one, CONTRACT_ENDS, one.ends_on, "", people, lapses=True, reasons=reasons) for one in ending]


def _keepers() -> list[User]:
    members = Membership.objects.active().select_related("user").order_by("user_id")
    return [member.user for member in members if Permission.BILLING_MANAGE in member.permissions]
