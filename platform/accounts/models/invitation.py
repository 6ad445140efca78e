"""An invitation: to one address, for 14 days, used once; only the hash of its link is kept."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from access.permissions import Role, grantable
from accounts import audit
from accounts.models import bearer
from accounts.models.membership import Membership, check_limit, check_reach
from accounts.models.user import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from tenancy.scope import current

LASTS = timedelta(days=14)
PREFIX = "inv"
RETURNS = Actor.system("mail returns")


class Unusable(Exception):
    """The link does not work any more; `reason` is used, expired, revoked or withdrawn."""

    SAYS = {
        "used": "It was used already.",
        "expired": "It was valid for 14 days.",
        "revoked": "The organization took it back.",
        "withdrawn": "Whoever sent it can no longer give what it offers.",
    }

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This invitation does not work any more. {self.SAYS[reason]}")


class OtherAddress(Exception):
    """Somebody signed in with another address than the invited one."""


class InvitationQuerySet(TenantQuerySet["Invitation"]):
    """Named filters over invitations."""

    def standing(self) -> "InvitationQuerySet":
        """Neither accepted nor revoked; it may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invitation(TenantModel):
    """What a person is offered, and how it went."""

    email = models.EmailField(max_length=254)
    roles = ArrayField(models.CharField(max_length=24, choices=[(role.value, role.title) for role in Role]))
    title = models.CharField(max_length=120, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    came_back = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="What the other mail server said"
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(InvitationQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "token_hash"], name="invitation_by_hash"),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_once_standing",
            ),
            models.CheckConstraint(condition=~Q(roles=[]), name="invitation_has_a_role"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def state(self) -> str:
        """accepted, revoked, expired or standing."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "standing"

    @classmethod
    def by_secret(cls, secret: str) -> "Invitation | None":
        """Return the invitation of a link; needs the scope of the organization that the link names."""
        return cls.objects.filter(token_hash=bearer.digest(secret)).select_related("invited_by").first()

    @classmethod
    @transaction.atomic
    def make(
        cls, *, email: str, roles: list[str], by: Actor, sites: list[Site] | None = None, title: str = ""
    ) -> tuple["Invitation", str]:
        """Invite an address and return the invitation with its secret, which is not kept.

        Raises RoleOutOfReach for a role beyond the actor's own, CannotLimit for sites with a role that reaches all,
        ValidationError where the address belongs to a member
        or has an invitation that stands.
        """
        check_reach(by, set(map(str, roles)))
        check_limit(roles, sites or [])
        email = email.strip().lower()
        if Membership.objects.active().filter(user__email__iexact=email).exists():
            raise ValidationError({"email": f"{email} is a member already."})
        standing = ValidationError({"email": f"{email} has an invitation already: send that one again."})
        if cls.objects.standing().filter(email__iexact=email).exists():
            raise standing
        invitation = cls(
            email=email,
            roles=sorted(map(str, roles)),
            title=title,
            invited_by_id=by.id if by.kind == "person" else None,
            expires_at=timezone.now() + LASTS,
        )
        secret = invitation._new_secret()
        invitation.clean_fields(exclude={field.name for field in cls._meta.fields} - {"email", "roles", "title"})
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError:  # sent twice at the same moment: nobody saw the other's
            raise standing from None
        InvitationSite.objects.bulk_create([InvitationSite(invitation=invitation, site=site) for site in sites or []])
        record(audit.PERSON_INVITED, by=by, subject=invitation, roles=", ".join(invitation.roles))
        return invitation, secret

    @transaction.atomic
    def renew(self, *, by: Actor) -> str:
        """Give it a new secret and 14 more days, under the name of whoever sends it now; the old link dies."""
        invitation = self.locked(self.pk)
        invitation._check_open()
        check_reach(by, set(invitation.roles))
        secret = invitation._new_secret()
        invitation.expires_at = timezone.now() + LASTS
        invitation.sent_at, invitation.came_back = None, ""
        invitation.invited_by_id = by.id if by.kind == "person" else None
        invitation.save(update_fields=["token_hash", "expires_at", "sent_at", "came_back", "invited_by"])
        record(audit.INVITATION_RENEWED, by=by, subject=invitation)
        return str(secret)

    @transaction.atomic
    def revoke(self, *, by: Actor) -> None:
        """Take it back; an accepted one cannot be taken back (raises Unusable), a revoked one stays so."""
        invitation = self.locked(self.pk)
        if invitation.revoked_at:
            return
        invitation._check_open()
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        record(audit.INVITATION_REVOKED, by=by, subject=invitation)
        self.revoked_at = invitation.revoked_at

    def check_usable(self) -> None:
        """Raise Unusable, with the reason, unless it can be accepted now."""
        self._check_open()
        if self.state == "expired":
            raise Unusable("expired")
        if self.invited_by_id is None:
            return
        sender = Membership.objects.active().filter(user_id=self.invited_by_id).first()
        if sender is None or not set(self.roles) <= set(grantable(sender.roles)):
            raise Unusable("withdrawn")

    @transaction.atomic
    def accept(self, user: User) -> Membership:
        """Make the person a member, once; raise Unusable, or OtherAddress unless the invited address is verified theirs."""
        invitation = self.locked(self.pk)
        invitation.check_usable()
        if not EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists():
            raise OtherAddress
        invitation.accepted_at = timezone.now()
        invitation.accepted_by = user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        sites = [limit.site for limit in invitation.site_limits.select_related("site")]
        actor = user.acting(invitation.organization_id)
        member = Membership.add(user, roles=invitation.roles, by=actor, sites=sites, title=invitation.title)
        record(audit.INVITATION_ACCEPTED, by=actor, subject=invitation)
        self.accepted_at = invitation.accepted_at
        return member

    @transaction.atomic
    def accept_as_new(self, *, name: str, password: str) -> User:
        """Create the person behind the address, which the mailed link proves, and accept; "" means no password yet.

        Raises ValidationError where the address has an account already: its holder signs in to accept.
        """
        invitation = self.locked(self.pk)
        invitation.check_usable()
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise ValidationError(f"{invitation.email} has an account already. Sign in to accept.")
        user = User.objects.create_user(invitation.email, password or None, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        invitation.accept(user)
        return user

    @transaction.atomic
    def come_back(self, words: str) -> bool:
        """Write down that the message did not arrive; return whether that was new and still matters."""
        invitation = self.locked(self.pk)
        if invitation.came_back or invitation.accepted_at or invitation.revoked_at:
            return False
        invitation.came_back = words[:300] or "No reason was given."
        invitation.save(update_fields=["came_back"])
        record(audit.INVITATION_CAME_BACK, by=RETURNS, subject=invitation, reason=invitation.came_back)
        return True

    @transaction.atomic
    def mark_sent(self) -> None:
        """The mail server took the message."""
        type(self).objects.filter(pk=self.pk).update(sent_at=timezone.now())

    def _check_open(self) -> None:
        if self.accepted_at:
            raise Unusable("used")
        if self.revoked_at:
            raise Unusable("revoked")

    def _new_secret(self) -> str:
        secret = bearer.make(PREFIX, current().organization_id)
        self.token_hash = bearer.digest(secret)
        return secret


class InvitationSite(TenantModel):
    """Narrows the offered membership to a site."""

    site_column = ""

    invitation: Any = TenantForeignKey(Invitation, on_delete=models.CASCADE, related_name="site_limits")
    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "invitation", "site"], name="invitation_site_once")
        ]
