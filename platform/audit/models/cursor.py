"""How far a process that walks over all organizations has come, and whose turn it is."""

from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from audit.models.event import TransactionId

NO_EVENT = "00000000-0000-0000-0000-000000000000"


class Cursor(models.Model):
    """A place in the event log, by name. Global: it holds an event's number and nothing of any organization.

    Its row lock is also the turn: who cannot have it at once leaves the work to who has.
    """

    name = models.CharField(max_length=40, primary_key=True)
    xact: Any = TransactionId(default=0)
    event_id = models.UUIDField(default=NO_EVENT)
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.xact}"

    @classmethod
    def take(cls, name: str, not_within: timedelta | None = None) -> "Cursor | None":
        """Return the cursor, held to the end of the transaction; None if another process has it.

        With `not_within` also None while its last move is younger than that. One in the future is from before the clock
        was set back, and holds nobody up.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("A cursor is held by a transaction: open one first.")
        mine = cls.objects.select_for_update(no_key=True, skip_locked=True).filter(name=name)
        cursor = mine.first()
        if cursor is None:
            Cursor.objects.bulk_create([Cursor(name=name)], ignore_conflicts=True)
            cursor = mine.first()
        if cursor and not_within and cursor.moved_at:
            age = timezone.now() - cursor.moved_at
            if timedelta(0) <= age < not_within:
                return None
        return cursor

    def move(self, xact: int | None = None, event_id: Any = None) -> None:
        """Note the turn, and the last event read if there was one."""
        self.moved_at = timezone.now()
        if xact is not None:
            self.xact, self.event_id = xact, event_id
        self.save(update_fields=["xact", "event_id", "moved_at"])
