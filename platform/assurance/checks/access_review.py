"""The access review: each member's roles are kept or revoked by somebody, with a reason."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from access.permissions import Permission, Role, permissions_of
from accounts.models import Membership
from accounts.models.membership import LastOwner, RoleOutOfReach
from assurance.models.definition import AuditRefused
from assurance.models.run import REVOKE
from assurance.registry import Extent, Seen, check
from audit.actor import Actor
from audit.models import Event
from tenancy.ids import SLACK, least
from web.addresses import reverse
from web.formats import day


def members(extent: Extent) -> list[UUID]:
    """Return who belongs to the organization now; with sites, who reaches one of them."""
    found = Membership.objects.active()
    if extent.sites:
        reaching = [found.reaching([site]).values("pk") for site in extent.sites]
        ids = {pk for rows in reaching for (pk,) in rows.values_list("pk")}
        return sorted(ids)
    return list(found.values_list("pk", flat=True))


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say what each member may do, since when, and when they last did anything that is recorded."""
    found = {one.pk: one for one in Membership.objects.filter(pk__in=ids).select_related("user")}
    people = [one.user_id for one in found.values()]
    events = Event.objects.filter(actor_id__in=people, at__gte=extent.since, at__lte=extent.until)
    acted = dict(
        events.filter(pk__gte=least(extent.since, SLACK)).values_list("actor_id").annotate(Max("at")).order_by()
    )
    return {pk: _seen(one, acted.get(one.user_id), extent) for pk, one in found.items()}


def _seen(member: Membership, acted: datetime | None, extent: Extent) -> Seen:
    roles = ", ".join(Role(role).title for role in member.roles)
    gone = member.ended_at is not None
    last = f"last recorded act {day(acted)}" if acted else "nothing recorded in this period"
    return Seen(
        title=str(member.user),
        holds=True if gone else None,
        says="No longer a member." if gone else f"{roles}; {last}.",
        detail=f"Member since {day(member.joined_at)}",
        path=reverse("org:console:person", kwargs={"org": extent.slug, "member": member.pk}),
    )


def carry_out(member_id: UUID, decision: str, reason: str, by: Actor) -> None:
    """End a membership that was revoked, effective at the person's next request.

    Raises AuditRefused for whoever may not manage people, for one's own and the last owner's, and for an owner's by
    somebody who is none.
    """
    if Permission.PEOPLE_MANAGE not in permissions_of(by.roles):
        raise AuditRefused("Access is kept and revoked by whoever manages the people: an owner or an administrator.")
    member = Membership.objects.get(pk=member_id)
    if by.may_not_be(member.user_id):
        raise AuditRefused("Nobody reviews their own access: somebody else decides on this line.")
    if decision == REVOKE:
        try:
            member.end(by=by)
        except (LastOwner, RoleOutOfReach) as refused:
            raise AuditRefused(str(refused)) from None


ACCESS_REVIEW = check(
    "access_review",
    "Access review",
    must_hold="Everybody who can reach the organization still needs to, with the roles they have.",
    reads=("memberships, roles and sites", "the event log: what each person did last"),
    subject_type="accounts.membership",
    population=members,
    look=look,
    decide=carry_out,
)
