"""A person's place in an organization."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from access.permissions import NEVER_LIMITED, Permission, Role, grantable, permissions_of
from accounts import audit
from accounts.models.seat import Seat
from accounts.models.user import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from tenancy.scope import current


class LastOwner(Exception):
    """An organization must keep one owner."""


class CannotLimit(Exception):
    """Somebody who manages the organization reaches all of its sites."""

    def __init__(self, roles: "Collection[str]") -> None:
        titles = " and ".join(Role(role).title.lower() for role in sorted(NEVER_LIMITED & set(roles)))
        super().__init__(f"An {titles} reaches every site: take the role away first, or choose no sites.")


class RoleOutOfReach(PermissionDenied):
    """Somebody tried to give, or to touch, a role beyond their own; the page shows the words."""


class MembershipQuerySet(TenantQuerySet["Membership"]):
    """Named filters over memberships."""

    def active(self) -> "MembershipQuerySet":
        """People who belong to the organization now."""
        return self.filter(ended_at=None)

    def reaching(self, sites: Collection[UUID]) -> "MembershipQuerySet":
        """Members limited to no sites, and those whose limit names all of these."""
        limits = MembershipSite.objects.filter(membership=OuterRef("pk"))
        named = Q(*(Exists(limits.filter(site_id=site)) for site in set(sites))) if sites else Q(pk__in=[])
        return self.filter(~Exists(limits) | named)

    def reaching_all(self) -> "MembershipQuerySet":
        """Members limited to no sites."""
        return self.reaching([])

    def with_role(self, role: Role) -> "MembershipQuerySet":
        """Members who hold the role."""
        return self.filter(roles__contains=[role])


class Membership(TenantModel):
    """A person with roles in an organization, over all sites or some."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    roles = ArrayField(models.CharField(max_length=24, choices=[(role.value, role.title) for role in Role]))
    title = models.CharField(max_length=120, blank=True, help_text="What the person does there")
    joined_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantManager.from_queryset(MembershipQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], condition=Q(ended_at=None), name="membership_once_active"
            ),
            models.CheckConstraint(condition=~Q(roles=[]), name="membership_has_a_role"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def actor(self) -> Actor:
        """This member as the actor of a verb."""
        return self.user.acting(self.organization_id, frozenset(self.roles))

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow."""
        return permissions_of(self.roles)

    @classmethod
    @transaction.atomic
    def add(
        cls, user: User, *, roles: list[str], by: Actor, sites: list[Site] | None = None, title: str = ""
    ) -> "Membership":
        """Add a person, or return the membership they have; raise CannotLimit for sites with a role that reaches all."""
        check_limit(roles, sites or [])
        standing = cls.objects.active().filter(user=user).first()
        if standing:
            return standing
        member = cls(user=user, roles=sorted(map(str, roles)), title=title)
        member.save(force_insert=True)
        MembershipSite.objects.bulk_create([MembershipSite(membership=member, site=site) for site in sites or []])
        limits = [site.pk for site in sites or []]
        Seat(user=user, membership_id=member.pk, roles=member.roles, sites=limits).save(force_insert=True)
        record(
            audit.MEMBER_ADDED, by=by, subject=member, roles=", ".join(member.roles), user=str(user.pk),
            site_ids=sorted(map(str, limits)),
        )  # fmt: skip
        return member

    @transaction.atomic
    def change_roles(self, roles: list[str], *, by: Actor) -> None:
        """Give the member these roles instead; raise LastOwner if nobody would own the organization, CannotLimit as `add`."""
        member = self._taken()
        wanted = sorted(map(str, roles))
        if wanted == member.roles:
            return
        check_reach(by, set(wanted) - set(member.roles), standing=member.roles)
        check_limit(wanted, list(member.site_limits.all()))
        if Role.OWNER in member.roles and Role.OWNER not in wanted:
            self._keep_an_owner()
        before, member.roles = member.roles, wanted
        member.save(update_fields=["roles"])
        Seat.objects.filter(membership_id=member.pk).update(roles=wanted)
        record(audit.MEMBER_ROLES_CHANGED, by=by, subject=member, before=", ".join(before), after=", ".join(wanted))
        self.roles = wanted

    @transaction.atomic
    def end(self, *, by: Actor) -> None:
        """Remove the member, or let them leave; effective at their next request. Raise LastOwner for the last one."""
        member = self._taken()
        if member.ended_at:
            return
        if by.id != member.user_id:
            check_reach(by, set(), standing=member.roles)
        if Role.OWNER in member.roles:
            self._keep_an_owner()
        member.ended_at = timezone.now()
        member.save(update_fields=["ended_at"])
        Seat.objects.filter(membership_id=member.pk).delete()
        record(
            audit.MEMBER_LEFT if by.id == member.user_id else audit.MEMBER_REMOVED,
            by=by,
            subject=member,
            user=str(member.user_id),
        )
        self.ended_at = member.ended_at

    @transaction.atomic
    def limit_to(self, sites: list[Site], *, by: Actor) -> None:
        """Narrow the membership to these sites, effective at the next request; none means all. Raises CannotLimit as `add`."""
        member = self.locked(self.pk)
        check_reach(by, set(), standing=member.roles)
        wanted = {site.pk for site in sites}
        if wanted == set(member.site_limits.values_list("site_id", flat=True)):
            return
        check_limit(member.roles, sites)
        member.site_limits.exclude(site_id__in=wanted).delete()
        known = set(member.site_limits.values_list("site_id", flat=True))
        MembershipSite.objects.bulk_create(
            [MembershipSite(membership=member, site=site) for site in sites if site.pk not in known]
        )
        Seat.objects.filter(membership_id=member.pk).update(sites=sorted(wanted))
        record(
            audit.MEMBER_SITES_CHANGED,
            by=by,
            subject=member,
            sites=f"{len(wanted)} sites" if wanted else "all sites",
            site_ids=sorted(map(str, wanted)),
        )

    @transaction.atomic
    def set_reach(self, roles: list[str], sites: list[Site], *, by: Actor) -> None:
        """Change roles and sites together; raises what `change_roles` and `limit_to` raise."""
        check_limit(roles, sites)
        self._taken()
        if not sites:
            self.limit_to(sites, by=by)  # first, where a role that is never limited is given
        self.change_roles(roles, by=by)
        self.limit_to(sites, by=by)

    def _taken(self) -> "Membership":
        """Lock it, and the owners with it in one order: two who remove each other at the same moment would wait for each other."""
        owners = Q(ended_at=None, roles__contains=[Role.OWNER])
        rows = Membership.objects.filter(owners | Q(pk=self.pk)).order_by("pk")
        return next(row for row in rows.select_for_update(no_key=True, of=("self",)) if row.pk == self.pk)

    def _keep_an_owner(self) -> None:
        if not Membership.objects.active().with_role(Role.OWNER).exclude(pk=self.pk).exists():
            raise LastOwner("An organization keeps at least one owner: make somebody else an owner first.")


def check_limit(roles: "Collection[str]", sites: "Collection[Any]") -> None:
    """Raise CannotLimit where a role that is never limited comes with sites."""
    if sites and NEVER_LIMITED & set(roles):
        raise CannotLimit(roles)


def check_reach(by: Actor, given: "set[str]", standing: "list[str] | None" = None) -> None:
    """Raise RoleOutOfReach if a person gives a role beyond their own, or touches an owner without being one.

    A partner's role is worth nothing here, whatever it is at home.
    """
    if by.kind == "system":
        return
    if by.organization_id != current().organization_id:
        raise RoleOutOfReach("Roles are given by members of this organization only.")
    beyond = sorted(set(given) - set(grantable(by.roles)))
    if beyond:
        titles = ", ".join(Role(role).title.lower() for role in beyond)
        raise RoleOutOfReach(f"You cannot give this role: {titles}. Nobody gives what they do not hold; ask an owner.")
    if Role.OWNER in (standing or []) and Role.OWNER not in by.roles:
        raise RoleOutOfReach("Only an owner changes or removes an owner.")


class MembershipSite(TenantModel):
    """Narrows a membership to a site; a membership without any reaches all sites. What it binds by is the seat's list."""

    site_column = ""  # who is limited to what is told of everybody, as their roles are

    membership: Any = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="site_limits")
    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "membership", "site"], name="membership_site_once")
        ]
