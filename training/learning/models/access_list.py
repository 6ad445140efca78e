"""Who has production access at a deployment, as its system listed them."""

import hashlib
from collections.abc import Collection
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import Membership
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.rollout import Rollout


class AccessListQuerySet(TenantQuerySet["AccessList"]):
    """Named filters over access lists."""

    def newest_of(self, rollout: Rollout) -> "AccessList | None":
        """The list that counts: the last one imported."""
        return self.filter(rollout=rollout).order_by("-imported_at", "-id").first()


class AccessList(TenantModel):
    """One import; the newest counts."""

    append_only = True
    part_of = "rollout"

    rollout: Any = TenantForeignKey(Rollout, on_delete=models.PROTECT, related_name="access_lists")
    source = models.CharField(max_length=160, help_text="The file's name")
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField(default=timezone.now)
    imported_by_id = models.UUIDField(null=True)

    objects = TenantManager.from_queryset(AccessListQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "rollout", "-imported_at"], name="access_list_newest")]

    @classmethod
    @transaction.atomic
    def take(cls, rollout: Rollout, emails: Collection[str], *, source: str, by: Actor) -> "AccessList":
        """Take a list of addresses; the same addresses as the standing list change nothing."""
        rollout = Rollout.locked(rollout.pk)
        wanted = sorted({email.strip().lower() for email in emails if email.strip()})
        digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
        standing = cls.objects.newest_of(rollout)
        if standing and standing.sha256 == digest:
            return standing
        known = dict(Membership.objects.active().filter(user__email__in=wanted).values_list("user__email", "user_id"))
        row = cls(rollout=rollout, source=source[:160], sha256=digest, imported_by_id=by.id)
        row.save(force_insert=True)
        AccessEntry.objects.bulk_create(
            AccessEntry(access_list=row, email=email, user_id=known.get(email)) for email in wanted
        )
        record(
            audit.ACCESS_IMPORTED,
            by=by,
            subject=row,
            deployment_id=rollout.pk,
            people=len(wanted),
            unmatched=len(wanted) - len(known),
        )
        return row


class AccessEntry(TenantModel):
    """One address on the list; `user_id` where it is a member's."""

    part_of = "access_list"

    access_list: Any = TenantForeignKey(AccessList, on_delete=models.CASCADE, related_name="entries")
    email = models.CharField(max_length=254)
    user_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "access_list", "email"], name="access_entry_once")
        ]
