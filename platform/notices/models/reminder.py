"""A reminder: what must be said to whom and when, as a row from the moment it is known until it is delivered.

The row is queue and ledger in one. Celery and Redis only make it faster; `notices.engine` finds everything without them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from notices import audit, times
from notices.channels import CHANNELS, IN_APP, MAIL
from notices.kinds import Kind, every
from notices.models.policy import ReminderPolicy
from notices.models.suppression import Suppression
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import current


class State(models.TextChoices):
    """Where a reminder stands."""

    DUE = "due", "Planned"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    WITHHELD = "withheld", "Not sent"


MOVES: dict[State, frozenset[State]] = {
    State.DUE: frozenset({State.SENDING, State.CANCELLED}),
    # To itself: the lease lapsed and another worker took it up. To due: the server said "not now".
    # Withheld: the person's address takes no mail; it is shown inside the product.
    State.SENDING: frozenset({State.SENDING, State.SENT, State.FAILED, State.CANCELLED, State.WITHHELD, State.DUE}),
    State.SENT: frozenset({State.DUE}),
    State.FAILED: frozenset({State.DUE}),
    State.CANCELLED: frozenset({State.DUE}),
    State.WITHHELD: frozenset({State.DUE}),
}
ENDED = (State.SENT, State.FAILED, State.WITHHELD)
"""What can be sent again."""
OPEN = (State.DUE, State.SENDING)


class UnknownMove(Exception):
    """A reminder cannot go from this state to that one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that somebody wants to exist."""

    recipient: User
    kind: Kind
    subject_type: str
    subject_id: UUID
    step: str
    on: date
    reason: str
    zone: str = ""
    """The zone of the work, for a person who has set none."""
    deployment_id: UUID | None = None


class ReminderQuerySet(TenantQuerySet["Reminder"]):
    """Named filters over reminders."""

    def about(self, subject_id: UUID) -> "ReminderQuerySet":
        """Reminders about one subject."""
        return self.filter(subject_id=subject_id)

    def unclaimed(self) -> "ReminderQuerySet":
        """Reminders that no message has taken up yet."""
        return self.filter(state=State.DUE, message=None)

    def ready(self, now: datetime) -> "ReminderQuerySet":
        """What the engine must look at now: due, refused for now, or left behind by a worker that died."""
        return self.filter(state__in=OPEN, next_at__lte=now)

    def in_message(self, message: UUID) -> "ReminderQuerySet":
        """The reminders of one message."""
        return self.filter(message=message)


class Reminder(TenantModel):
    """One thing to be said to one person on one day.

    Several go out as one message: they share `message`, and one of them carries `next_at` for all.
    """

    history = False  # the row is its own record: each attempt, outcome and reason stays on it
    steward_columns: ClassVar[tuple[str, ...]] = ("id", "organization_id", "state", "due_at", "next_at")

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=list(CHANNELS.items()), default=MAIL, db_default=MAIL)
    apart = models.BooleanField(default=False, help_text="Goes out alone, not in the day's digest")
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    deployment_id = models.UUIDField(null=True)
    step = models.CharField(max_length=24, help_text='"-7", "0", "+3", "escalate-manager"')
    reason = models.CharField(max_length=200, help_text="Why this person hears of it")
    on = models.DateField(help_text="The recipient's local date")
    work_zone = models.CharField(max_length=64, blank=True, help_text="For a recipient who has set none")
    time_zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, help_text="When the engine looks: due time, lease end, or next try")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DUE)
    attempt = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    message = models.UUIDField(null=True)
    resends = models.PositiveSmallIntegerField(default=0)
    possible_duplicate = models.BooleanField(default=False)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_to = models.CharField(max_length=254, blank=True, help_text="The address that it was handed over for")
    title = models.CharField(max_length=200, blank=True, help_text="What the message called its subject")
    read_at = models.DateTimeField(null=True, help_text="In Causeway: when the person put it aside")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(ReminderQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "subject_id", "recipient", "on", "step", "channel"],
                name="reminder_once_a_channel",
            ),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="reminder_channel_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="reminder_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent"]) | Q(message__isnull=False), name="reminder_sent_as_message"
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="reminder_sent_at"),
            models.CheckConstraint(
                condition=~Q(state="due", message__isnull=True) | Q(next_at__isnull=False),
                name="reminder_never_forgotten",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "organization"], name="queue_reminder", condition=Q(state__in=["due", "sending"])
            ),
            models.Index(
                fields=["organization", "next_at", "id"],
                name="reminder_ready",
                condition=Q(state__in=["due", "sending"]),
            ),
            models.Index(fields=["organization", "due_at"], name="queue_reminder_failed", condition=Q(state="failed")),
            models.Index(fields=["organization", "subject_id"], name="reminder_by_subject"),
            models.Index(fields=["organization", "recipient", "due_at"], name="reminder_by_person"),
            models.Index(fields=["organization", "message"], name="reminder_by_message"),
            models.Index(fields=["organization", "-due_at", "-id"], name="reminder_ledger"),
            models.Index(
                fields=["organization", "recipient", "-due_at"],
                condition=Q(channel="in_app", state="sent", read_at=None),
                name="reminder_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.step} to {self.recipient_id} on {self.on}"

    @property
    def message_id(self) -> str:
        """The Message-ID of the mail it goes out in: always the same for the same message, so the server can be asked."""
        return message_id(self.message or self.pk, self.resends, self.organization_id)

    @classmethod
    @transaction.atomic
    def schedule(cls, wanted: Iterable[Wanted], *, policy: ReminderPolicy | None = None) -> None:
        """Make these reminders exist. Those that do stay as they are; a cancelled one that was never sent lives again."""
        listed = list(wanted)
        if not listed:
            return
        policy = policy or ReminderPolicy.current()
        home = Organization.objects.get(pk=current().organization_id).time_zone
        rows = [row for each in listed for row in cls.rows_of(each, policy, home)]
        cls.objects.bulk_create(rows, ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                update notices_reminder r
                set state = 'due', due_at = w.due_at, next_at = w.due_at, time_zone = w.time_zone, last_error = '', message = null
                from unnest(%s::text[], %s::uuid[], %s::uuid[], %s::date[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])
                  as w (kind, subject_id, recipient_id, "on", step, due_at, time_zone, channel)
                where r.organization_id = %s and r.state = 'cancelled' and r.sent_at is null
                  and (r.kind, r.subject_id, r.recipient_id, r."on", r.step, r.channel)
                    = (w.kind, w.subject_id, w.recipient_id, w."on", w.step, w.channel)
                """,
                [
                    [row.kind for row in rows],
                    [row.subject_id for row in rows],
                    [row.recipient_id for row in rows],
                    [row.on for row in rows],
                    [row.step for row in rows],
                    [row.due_at for row in rows],
                    [row.time_zone for row in rows],
                    [row.channel for row in rows],
                    current().organization_id,
                ],
            )

    @classmethod
    @transaction.atomic
    def cancel(
        cls,
        subject_ids: Collection[UUID],
        *,
        by: Actor,
        reason: str,
        kind: Kind | None = None,
        keep: Collection[UUID] = (),
    ) -> int:
        """Take back what has not been taken up by a message yet; return how many.

        What is in a message already is checked once more before it leaves: `Kind.describe` leaves the subject out.
        """
        waiting = Reminder.objects.unclaimed().filter(subject_id__in=subject_ids).exclude(pk__in=keep)
        if kind:
            waiting = waiting.filter(kind=kind.name)
        subjects = list(waiting.order_by("pk").select_for_update(no_key=True, of=("self",)))
        if not subjects:
            return 0
        count: int = cls.objects.filter(pk__in=[row.pk for row in subjects]).update(
            state=State.CANCELLED, next_at=None, last_error=reason[:300]
        )
        record(audit.REMINDER_CANCELLED, by=by, subject=subjects[0], count=count, reason=reason)
        return count

    @classmethod
    def retime(cls, *, user: User | None = None, policy: ReminderPolicy | None = None) -> int:
        """Work the moments out anew where a person's zone or the organization's hours changed; return how many moved."""
        policy = policy or ReminderPolicy.current()
        home = Organization.objects.get(pk=current().organization_id).time_zone
        waiting = Reminder.objects.unclaimed().select_related("recipient").filter(attempt=0)
        if user:
            waiting = waiting.filter(recipient=user)
        waiting = waiting.exclude(kind__in=[one.name for one in every() if one.urgent])
        moved = []
        for row in waiting.iterator(chunk_size=2000):
            zone, due_at = due_moment(row.recipient, row.on, policy, row.work_zone, home)
            if (row.time_zone, row.due_at) != (zone, due_at):
                row.time_zone, row.due_at, row.next_at = zone, due_at, due_at
                moved.append(row)
        Reminder.objects.bulk_update(moved, ["time_zone", "due_at", "next_at"], batch_size=500)
        return len(moved)

    @transaction.atomic
    def resend(self, *, by: Actor) -> None:
        """Send the message of this reminder again, under a new Message-ID.

        Raises UnknownMove while it is on its way, and while its address takes no mail.
        """
        together = Reminder.objects.in_message(self.message) if self.message else Reminder.objects.none()
        rows = list(together.order_by("pk").select_for_update(no_key=True, of=("self",)))
        ended = [row for row in rows if row.state in ENDED]
        if not ended:
            raise UnknownMove("Only a message that was sent, failed or was kept back can be sent again.")
        for row in ended:
            move(row.state, State.DUE)
        if self.channel == MAIL:
            stopped = Suppression.standing_for([self.recipient_id]).get(self.recipient_id, [])
            if any(one.keeps_back(self.kind, apart=self.apart) for one in stopped):
                raise UnknownMove(
                    "The address takes no mail: let mail go there again first, or ask for another address."
                )
        before = ended[0].message_id
        Reminder.objects.filter(pk__in=[row.pk for row in ended]).update(
            state=State.DUE, next_at=None, resends=F("resends") + 1, refusals=0, last_error="", possible_duplicate=False
        )
        Reminder.objects.filter(pk=ended[0].pk).update(next_at=timezone.now())
        record(audit.REMINDER_RESENT, by=by, subject=ended[0], message_id=before)

    @classmethod
    def show_instead(cls, rows: Collection["Reminder"]) -> None:
        """Let what could not be mailed arrive in Causeway; where it does anyway nothing is added."""
        copied = (
            "organization_id", "recipient_id", "kind", "apart", "subject_type", "subject_id", "deployment_id", "step",
            "reason", "on", "work_zone", "time_zone", "due_at",
        )  # fmt: skip
        now = timezone.now()
        shown = [cls(channel=IN_APP, next_at=now, **{name: getattr(row, name) for name in copied}) for row in rows]
        cls.objects.bulk_create(shown, ignore_conflicts=True)

    @classmethod
    def read(cls, pks: Collection[UUID], *, person_id: UUID) -> None:
        """Put aside what arrived in Causeway; only its recipient does, and what was put aside stays so."""
        arrived = cls.objects.filter(pk__in=pks, recipient_id=person_id, channel=IN_APP, state=State.SENT, read_at=None)
        arrived.update(read_at=timezone.now())

    @property
    def key(self) -> tuple[str, UUID, UUID, date, str, str]:
        """What makes it one reminder: planned twice it is still one."""
        return (self.kind, self.subject_id, self.recipient_id, self.on, self.step, self.channel)

    @classmethod
    def rows_of(cls, wanted: Wanted, policy: ReminderPolicy, home: str) -> "list[Reminder]":
        """Return the unsaved rows of something wanted: one for each way that leads to its recipient."""
        zone, due_at = due_moment(wanted.recipient, wanted.on, policy, wanted.zone, home)
        due_at = timezone.now() if wanted.kind.urgent else due_at
        return [
            cls(
                recipient=wanted.recipient,
                kind=wanted.kind.name,
                channel=channel,
                apart=policy.goes_alone(wanted.kind),
                subject_type=wanted.subject_type,
                subject_id=wanted.subject_id,
                deployment_id=wanted.deployment_id,
                step=wanted.step,
                reason=wanted.reason[:200],
                on=wanted.on,
                work_zone=wanted.zone,
                time_zone=zone,
                due_at=due_at,
                next_at=due_at,
            )
            for channel in policy.ways_to(wanted.recipient, wanted.kind)
        ]


def move(before: str, after: State) -> None:
    """Raise UnknownMove unless a reminder may go from one state to the other."""
    if after not in MOVES[State(before)]:
        raise UnknownMove(f"A reminder cannot go from {before} to {after}.")


def message_id(message: UUID, resends: int, organization_id: UUID) -> str:
    """Return the Message-ID of a message. It names the organization: what is heard of the message is looked up there."""
    return f"<{message.hex}.{resends}.{organization_id.hex}@{settings.MESSAGE_ID_DOMAIN}>"


def due_moment(person: User, day: date, policy: ReminderPolicy, work_zone: str, home: str) -> tuple[str, datetime]:
    """Return the zone and the moment at which a message of that day reaches the person: the digest hour, outside quiet hours."""
    zone = times.zone_of(person.time_zone, work_zone, home)
    quiet = (person.quiet_from, person.quiet_until)
    if None in quiet:
        quiet = (policy.quiet_from, policy.quiet_until)
    return str(zone), times.outside_quiet(times.moment(day, policy.digest_at, zone), zone, *quiet)


def next_digest(row: "Reminder", now: datetime, policy: ReminderPolicy, person: User) -> datetime:
    """Return when the person's next digest goes out: tomorrow, since today's is gone."""
    zone = times.zone_of(row.time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return due_moment(person, tomorrow, policy, row.time_zone, row.time_zone)[1]
