"""What has to follow from an event, as a row until it is done: a flushed broker loses a message, not the work."""

import logging
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


class ReactionQuerySet(TenantQuerySet["Reaction"]):
    """Named filters over reactions."""

    def troubled(self) -> "ReactionQuerySet":
        """Reactions that failed at least once and are tried again."""
        return self.filter(attempts__gt=0)


def first_look() -> object:
    """When the sweep looks after a reaction whose message was lost."""
    return timezone.now() + FIRST_LOOK


class Reaction(TenantModel):
    """One task that one event asks for. The row goes in the transaction in which the task did its work."""

    history = False
    steward_columns: ClassVar[tuple[str, ...]] = ("id", "organization_id", "next_at", "attempts")

    event_id = models.UUIDField()
    task = models.CharField(max_length=120)
    next_at = models.DateTimeField(default=first_look)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(ReactionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "event_id", "task"], name="reaction_once")]
        indexes = [models.Index(fields=["next_at"], name="queue_reaction")]

    @classmethod
    @transaction.atomic
    def carry_out(cls, pk: UUID) -> bool:
        """Do the task and delete the row in one transaction; return whether it is done.

        A failure is written on the row and tried again later; it never stops another reaction.
        """
        row = cls.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
        if row is None:
            return False  # done already, or in another worker's hands
        try:
            with transaction.atomic():
                found = import_string(row.task)
                getattr(found, "run", found)(str(row.organization_id), str(row.event_id))
        except Exception as error:
            log.exception("the reaction %s to the event %s failed", row.task, row.event_id)
            row.attempts += 1
            row.next_at = timezone.now() + min(FIRST_LOOK * 2**row.attempts, LONGEST_WAIT)
            row.last_error = f"{type(error).__name__}: {error}"[:300]
            row.save(update_fields=["attempts", "next_at", "last_error"])
            return False
        row.delete()
        return True
