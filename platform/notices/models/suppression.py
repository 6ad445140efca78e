"""Addresses that take no mail from us: it came back for good, again and again, or was marked as spam."""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from notices import audit
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from tenancy.scope import current

EVERYTHING = ""
DIGEST = "digest"


class NeedsReason(ValueError):
    """Nobody writes to a dead address again without saying why it should work now."""


class SuppressionQuerySet(TenantQuerySet["Suppression"]):
    """Named filters over suppressions."""

    def standing(self) -> "SuppressionQuerySet":
        """Those that hold now: not lifted, and of an address that the person still has."""
        return self.filter(lifted_at=None, address=Lower("user__email"))


class Suppression(TenantModel):
    """One address of one person, and what is kept from it: everything, the digests, or one kind that goes out alone."""

    history = False  # an address must not stay in a history that cannot be erased; the events say what was done

    class Cause(models.TextChoices):
        """Why nothing goes there."""

        BOUNCED = "bounced", "Mail came back for good"
        COMPLAINED = "complained", "Marked as spam"
        MAILBOX = "mailbox", "Mail came back again and again"

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="+")
    address = models.CharField(max_length=254)
    kind = models.CharField(max_length=40, blank=True, help_text='"" is everything, "digest" what goes in the digest')
    cause = models.CharField(max_length=10, choices=Cause)
    words = models.CharField(max_length=300, blank=True, help_text="What the other side said")
    message = models.UUIDField(
        help_text="The message that brought it, or the person where it was a letter of sign-in or a code"
    )
    at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(SuppressionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__in=["bounced", "complained", "mailbox"]), name="suppression_cause_known"
            ),
            models.UniqueConstraint(
                fields=["organization", "user", "address", "kind"],
                condition=Q(lifted_at=None),
                name="suppression_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.user_id}"

    @property
    def sentence(self) -> str:
        """Why a message was not sent, for the ledger."""
        return f"The address takes no mail: {self.get_cause_display().lower()} on {self.at:%-d %b %Y}."

    def keeps_back(self, kind: str, *, apart: bool) -> bool:
        """Whether it holds for a message of this kind."""
        return self.kind == EVERYTHING or self.kind == (kind if apart else DIGEST)

    @classmethod
    def standing_for(cls, people: Collection[UUID]) -> "dict[UUID, list[Suppression]]":
        """Return what holds now, by person."""
        found: dict[UUID, list[Suppression]] = {}
        for one in cls.objects.standing().filter(user__in=people).order_by("at"):
            found.setdefault(one.user_id, []).append(one)
        return found

    @classmethod
    @transaction.atomic
    def begin(
        cls, user: User, address: str, kind: str, cause: Cause, *, words: str, message: UUID, by: Actor
    ) -> "Suppression | None":
        """Send nothing more of this to the address; None where that was so already."""
        held = {"user": user, "address": address.lower(), "kind": kind}
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)  # two reports at once
        if cls.objects.filter(lifted_at=None, **held).exists():
            return None
        row = cls(organization_id=current().organization_id, cause=cause, words=words[:300], message=message, **held)
        row.save(force_insert=True)
        record(audit.ADDRESS_SUPPRESSED, by=by, subject=row, cause=row.get_cause_display().lower())
        return row

    @transaction.atomic
    def lift(self, reason: str, *, by: Actor) -> None:
        """Write to the address again; raise NeedsReason without one. What was kept back is sent again one by one."""
        reason = reason.strip()
        if not reason:
            raise NeedsReason("Say why mail will arrive there now.")
        row: Self = self.locked(self.pk)
        if row.lifted_at is not None:
            return
        row.lifted_at, row.lifted_reason = timezone.now(), reason[:300]
        row.save(update_fields=["lifted_at", "lifted_reason"])
        record(audit.ADDRESS_RELEASED, by=by, subject=row, reason=reason[:300])
