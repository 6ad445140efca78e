"""A legal hold: while it stands, nothing of the organization's log expires."""

from typing import ClassVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from audit import own_actions
from audit.actor import Actor
from audit.models.event import record
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from tenancy.scope import current

SHORTEST_REASON = 10
KEPT_STILL = "select pg_advisory_xact_lock(hashtextextended('audit.hold ' || %s, 0))"
"""Keeps a new hold and the ending of an organization's log apart, to the end of the transaction."""


class HoldRefused(ValueError):
    """A hold that says too little, or that stands already; the message says what would change it."""


class LegalHoldQuerySet(TenantQuerySet["LegalHold"]):
    """Named filters over holds."""

    def in_force(self) -> "LegalHoldQuerySet":
        """Holds that nobody has released."""
        return self.filter(released_at=None)


class LegalHold(TenantModel):
    """A matter for whose sake everything is kept, from a moment until somebody releases it with a reason."""

    MOVES: ClassVar[dict[str, frozenset[str]]] = {"in force": frozenset({"released"}), "released": frozenset()}

    matter = models.CharField(max_length=120, help_text="What the lawyers call it")
    reason = models.CharField(max_length=500)
    placed_at = models.DateTimeField(default=timezone.now)
    placed_by = models.UUIDField()
    released_at = models.DateTimeField(null=True)
    released_by = models.UUIDField(null=True)
    release_reason = models.CharField(max_length=500, blank=True)

    objects = TenantManager.from_queryset(LegalHoldQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "matter"], condition=Q(released_at=None), name="legal_hold_once"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, release_reason="")
                | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason="")),
                name="legal_hold_released_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.matter

    @classmethod
    @transaction.atomic
    def place(cls, *, matter: str, reason: str, by: Actor) -> "LegalHold":
        """Hold everything; a hold of that matter that stands already is returned as it is. Raise HoldRefused."""
        name = " ".join(matter.split())
        if not name:
            raise HoldRefused("Name the matter.")
        _explained(reason)
        with connection.cursor() as cursor:  # what is ending just now ends before it, or not at all
            cursor.execute(KEPT_STILL, [current().organization_id])
        standing: LegalHold | None = cls.objects.in_force().filter(matter=name).first()
        if standing:
            return standing
        hold = cls(matter=name, reason=reason.strip(), placed_by=by.person_id)
        hold.save(force_insert=True)
        record(own_actions.LEGAL_HOLD_PLACED, by=by, subject=hold, matter=hold.matter, reason=hold.reason)
        return hold

    @transaction.atomic
    def release(self, *, reason: str, by: Actor) -> None:
        """Let what is old enough expire again; nothing happens to one that is released. Raise HoldRefused."""
        _explained(reason)
        hold: LegalHold = LegalHold.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.pk)
        if hold.released_at is not None:
            return
        hold.released_at, hold.released_by, hold.release_reason = timezone.now(), by.person_id, reason.strip()
        hold.save(update_fields=["released_at", "released_by", "release_reason"])
        record(own_actions.LEGAL_HOLD_RELEASED, by=by, subject=hold, matter=hold.matter, reason=hold.release_reason)

    @property
    def people(self) -> set[UUID]:
        """Who placed and released it."""
        return {person for person in (self.placed_by, self.released_by) if person}


def _explained(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise HoldRefused(f"Give a reason of at least {SHORTEST_REASON} characters: it stands in the log for good.")
