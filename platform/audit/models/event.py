"""The event log: append-only, closed in vocabulary, and the outbox of everything that happens afterwards."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from audit import vocabulary
from audit.actor import Actor
from tenancy import ids
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

RECENT = timedelta(days=62)
"""Three months: a page is nearly always filled by them."""


class TransactionId(models.BigIntegerField):  # type: ignore[type-arg]
    """A PostgreSQL xid8: readers of the log stop below the oldest running transaction, or they would skip late commits."""

    def db_type(self, connection: Any) -> str:
        """Return PostgreSQL's type."""
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        """Return the id as a number; the driver gives text."""
        return None if value is None else int(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Send the id as text: PostgreSQL casts no integer to xid8."""
        return str(value) if isinstance(value, int) else super().get_db_prep_value(value, connection, prepared)


class CurrentTransaction(models.Func):
    """`pg_current_xact_id()`."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionId()


class EventQuerySet(TenantQuerySet["Event"]):
    """Named filters over events.

    Those that give a bound to the id let PostgreSQL plan over some months instead of all: of six years' that takes ten milliseconds.
    """

    def about(self, subject_id: UUID) -> "EventQuerySet":
        """Events of one object, newest first."""
        return self.since_made(subject_id).filter(subject_id=subject_id).order_by("-id")

    def of_deployment(self, deployment_id: UUID) -> "EventQuerySet":
        """Events of a deployment and everything in it, newest first."""
        return self.since_made(deployment_id).filter(deployment_id=deployment_id).order_by("-id")

    def since_made(self, *subject_ids: UUID) -> "EventQuerySet":
        """Events that may be about any of these objects: their ids tell since when there are any."""
        return self.filter(pk__gte=min(ids.earlier(pk, ids.SLACK) for pk in subject_ids))

    def newest(self, count: int, *, before: UUID | None = None) -> list["Event"]:
        """Return so many by id, newest first: of the last months, and of all before only where those do not fill the list.

        With `before`, what lies before that event.
        """
        found = (self.filter(pk__lt=before) if before else self).order_by("-id")
        start = ids.earlier(before, RECENT) if before else ids.least(timezone.now(), RECENT)
        rows = list(found.filter(pk__gte=start)[:count])
        return rows if len(rows) == count else rows + list(found.filter(pk__lt=start)[: count - len(rows)])


class Event(TenantModel):
    """Something that a verb did. Holds ids, never names or free text about a person: those live in rows that can be erased."""

    partners = Partners.DEPLOYMENT
    append_only = True
    monthly = True
    history = False
    steward_columns: ClassVar[tuple[str, ...]] = (
        "id",
        "organization_id",
        "action",
        "deployment_id",
        "subject_id",
        "xact",
        "at",
    )

    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    deployment_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True)
    actor_organization_id = models.UUIDField(null=True)
    actor_process = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(db_default=Now())
    xact = TransactionId(db_default=CurrentTransaction())

    objects = TenantManager.from_queryset(EventQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organization", "subject_id", "-id"], name="event_by_subject"),
            models.Index(fields=["organization", "deployment_id", "-id"], name="event_by_deployment"),
            models.Index(fields=["organization", "actor_id", "-id"], name="event_by_actor"),
            models.Index(fields=["organization", "-at", "-id"], name="event_by_moment"),
            models.Index(fields=["organization", "action", "-id"], name="event_by_action"),
            models.Index(fields=["organization", "xact", "id"], name="event_by_transaction"),
            models.Index(fields=["xact", "id"], name="queue_event"),
        ]

    @property
    def sentence(self) -> str:
        """What happened, to be read after the actor's name."""
        return vocabulary.find(self.action).read(self.data)


def record(
    action: vocabulary.Action,
    *,
    by: Actor,
    subject: models.Model,
    deployment_id: UUID | None = None,
    at: Any = None,
    **data: Any,
) -> Event:
    """Write one event in the current transaction: if it fails, so does the verb. `data` must be JSON."""
    event = _event(action, by, subject, deployment_id, data)
    if at is not None:
        event.at = at
    event.save(force_insert=True)
    return event


def record_many(
    action: vocabulary.Action, *, by: Actor, subjects: Iterable[tuple[models.Model, dict[str, Any]]]
) -> list[Event]:
    """Write an event for each (subject, data) in one statement."""
    events = [_event(action, by, subject, None, data) for subject, data in subjects]
    return Event.objects.bulk_create(events)


def _event(
    action: vocabulary.Action, by: Actor, subject: models.Model, deployment_id: UUID | None, data: dict[str, Any]
) -> Event:
    vocabulary.find(action.name)
    found = deployment_id or getattr(subject, "deployment_id", None)
    return Event(
        action=action.name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        deployment_id=found,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_organization_id=by.organization_id,
        actor_process=by.name if by.kind == "system" else "",
        data=data,
    )
