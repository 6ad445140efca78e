"""API tokens: scoped to what their maker may do, shown once, kept as a hash, dead with the membership."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from access.permissions import Permission, permissions_of
from accounts import audit
from accounts.models import bearer
from accounts.models.membership import RoleOutOfReach
from accounts.models.seat import Seat
from accounts.models.user import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import current, scope

PREFIX = "cw"
SHOWN = 6
LONGEST = timedelta(days=365)
USED_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token speaks for, where, and what it may do there."""

    user: User
    organization: Organization
    seat: Seat
    """The maker's place in the organization, as it is now."""
    permissions: frozenset[Permission]
    token_id: object

    @property
    def actor(self) -> Actor:
        """The token as the actor of a verb: named after its maker, without roles of its own."""
        return Actor("token", self.user.pk, str(self.user), self.organization.pk)


class ApiTokenQuerySet(TenantQuerySet["ApiToken"]):
    """Named filters over tokens."""

    def working(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ApiToken(TenantModel):
    """A program's key to one organization."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, help_text="The last characters of the secret, to know it again")
    token_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ApiTokenQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "token_hash"], name="api_token_by_hash"),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_token_has_a_scope"),
        ]

    @property
    def state(self) -> str:
        """revoked, expired or working."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "working"

    @classmethod
    @transaction.atomic
    def make(cls, *, name: str, scopes: Collection[str], expires_at: datetime, by: Actor) -> tuple["ApiToken", str]:
        """Make a token and return it with its secret, which is not kept.

        Raises RoleOutOfReach for a scope that the maker does not hold, ValidationError for no scope or a bad expiry.
        """
        wanted = {Permission(scope_name) for scope_name in scopes}
        beyond = wanted - permissions_of(by.roles)
        at_home = by.organization_id == current().organization_id
        if by.kind != "person" or by.id is None or not at_home or beyond:
            raise RoleOutOfReach(f"You cannot give what you do not hold: {', '.join(sorted(beyond)) or 'a token'}.")
        if not wanted:
            raise ValidationError({"scopes": "Choose what the token may do."})
        if not timezone.now() < expires_at <= timezone.now() + LONGEST:
            raise ValidationError({"expires": "Choose a day in the coming year."})
        secret = bearer.make(PREFIX, current().organization_id)
        token = cls(
            name=name,
            prefix=secret[-SHOWN:],
            token_hash=bearer.digest(secret),
            scopes=sorted(wanted),
            created_by_id=by.id,
            expires_at=expires_at,
        )
        token.save(force_insert=True)
        record(audit.TOKEN_MADE, by=by, subject=token, scopes=", ".join(token.scopes))
        return token, secret

    @transaction.atomic
    def revoke(self, *, by: Actor) -> None:
        """End it; effective at its next request."""
        token = self.locked(self.pk)
        if token.revoked_at:
            return
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(audit.TOKEN_REVOKED, by=by, subject=token)
        self.revoked_at = token.revoked_at


def authenticate(secret: str) -> Bearer | None:
    """Return who the secret speaks for, or None; to be called outside any scope, before one is entered.

    What it may do is cut again to what its maker may do now: less role, less token; no membership, no token.
    """
    organization_id = bearer.organization_of(PREFIX, secret)
    if organization_id is None:
        return None
    with scope(organization_id):
        token = (
            ApiToken.objects.working()
            .filter(token_hash=bearer.digest(secret))
            .select_related("created_by", "organization")
            .first()
        )
        if token is None or not token.created_by.is_active:
            return None
        seat = Seat.mine.filter(organization_id=organization_id, user_id=token.created_by_id).first()
        if seat is None:
            return None
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > USED_AGAIN_AFTER:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        allowed = frozenset(map(Permission, token.scopes)) & seat.permissions
        return Bearer(token.created_by, token.organization, seat, allowed, token.pk)
