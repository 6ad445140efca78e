"""A person who will hear of something later, and why."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from notices import audit, kinds
from notices.kinds import Kind
from notices.models.policy import ReminderPolicy
from notices.models.reminder import Reminder, Wanted
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

LONGEST = timedelta(days=30)
STEP = "snoozed"
ESCALATION = "escalate-"
"""Steps that go up to others are not silenced: the work is late all the same."""


class SnoozeRefused(ValueError):
    """It cannot be put off like this; the message says why."""


class SnoozeQuerySet(TenantQuerySet["Snooze"]):
    """Named filters over snoozes."""

    def running(self, today: date) -> "SnoozeQuerySet":
        """What is put off still."""
        return self.filter(ended_at=None, until__gt=today)


class Snooze(TenantModel):
    """One person's own reminders of one subject, put off until a day. What goes up to manager and sponsor still goes."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    deployment_id = models.UUIDField(null=True)
    until = models.DateField(help_text="The day on which it is said again")
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(SnoozeQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "kind", "subject_id"],
                condition=models.Q(ended_at=None),
                name="snooze_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="snooze_has_reason"),
        ]
        indexes = [models.Index(fields=["organization", "subject_id"], name="snooze_of_subject")]

    @classmethod
    @transaction.atomic
    def take(cls, reminder: Reminder, *, until: date, reason: str, by: Actor) -> "Snooze":
        """Put off what a reminder is about, for its recipient; the same again changes nothing.

        Raises SnoozeRefused without a reason, for a day that is not to come or too far, for what goes out at once, and
        for somebody else's reminder.
        """
        kind, today = kinds.find(reminder.kind), timezone.localdate()
        policy = ReminderPolicy.current()
        if by.person_id != reminder.recipient_id:
            raise SnoozeRefused("Only whoever is reminded can put it off.")
        if policy.goes_alone(kind):
            raise SnoozeRefused("This is urgent and cannot be put off.")
        if not reason.strip():
            raise SnoozeRefused("Say why: the reason stays in the record, and others see it.")
        if not today < until <= today + LONGEST:
            raise SnoozeRefused(f"Choose a day from tomorrow to {LONGEST.days} days from now.")
        values = {"user_id": reminder.recipient_id, "kind": kind.name, "subject_id": reminder.subject_id}
        standing: Snooze | None = cls.objects.select_for_update(no_key=True).filter(**values, ended_at=None).first()
        if standing and (standing.until, standing.reason) == (until, reason.strip()):
            return standing
        if standing:
            standing._end()
        snooze = cls(
            **values,
            subject_type=reminder.subject_type,
            deployment_id=reminder.deployment_id,
            until=until,
            reason=reason.strip()[:300],
        )
        snooze.save(force_insert=True)
        waiting = Reminder.objects.unclaimed().filter(
            recipient=reminder.recipient_id, kind=kind.name, subject_id=reminder.subject_id, on__lte=until
        )
        waiting = waiting.exclude(step__startswith=ESCALATION)
        waiting.update(state="cancelled", next_at=None, last_error=f"Put off until {until.isoformat()}."[:300])
        Reminder.schedule([snooze._said_again(reminder, kind)], policy=policy)
        record(
            audit.REMINDER_SNOOZED,
            by=by,
            subject=snooze,
            until=f"{until:%-d %b %Y}",
            reason=snooze.reason,
            about=str(reminder.subject_id),
        )
        return snooze

    @transaction.atomic
    def end(self, *, by: Actor) -> None:
        """Hear of it again as planned; raise SnoozeRefused for somebody else's. Twice is once."""
        snooze: Snooze = self.locked(self.pk)
        if snooze.ended_at:
            return
        if by.person_id != snooze.user_id:
            raise SnoozeRefused("Only whoever put it off can take it up again.")
        snooze._end()
        record(audit.REMINDER_SNOOZE_ENDED, by=by, subject=snooze, about=str(snooze.subject_id))

    def _end(self) -> None:
        self.ended_at = timezone.now()
        self.save(update_fields=["ended_at"])
        again = Reminder.objects.unclaimed().filter(
            recipient=self.user_id, kind=self.kind, subject_id=self.subject_id, step=STEP
        )
        again.update(state="cancelled", next_at=None, last_error="It is no longer put off.")

    def _said_again(self, reminder: Reminder, kind: Kind) -> Wanted:
        return Wanted(
            recipient=reminder.recipient,
            kind=kind,
            subject_type=reminder.subject_type,
            subject_id=reminder.subject_id,
            step=STEP,
            on=self.until,
            reason=reminder.reason,
            zone=reminder.work_zone,
            deployment_id=reminder.deployment_id,
        )


def running_of(subjects: Collection[UUID]) -> dict[tuple[UUID, str, UUID], date]:
    """Return until when (person, kind, subject) is put off; one statement. One whose day has passed silences nothing that is to come."""
    rows = Snooze.objects.filter(subject_id__in=subjects, ended_at=None)
    return {
        (user, kind, subject): until
        for user, kind, subject, until in rows.values_list("user_id", "kind", "subject_id", "until")
    }


def shown(subject_id: UUID) -> list[dict[str, Any]]:
    """Return who put this off, until when and why, for the page of the subject."""
    rows = Snooze.objects.running(timezone.localdate()).filter(subject_id=subject_id).select_related("user")
    return [{"person": row.user, "until": row.until, "reason": row.reason} for row in rows.order_by("until", "pk")]
