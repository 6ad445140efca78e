"""The register of a deployment: defects, questions and requests, each numbered, none of them mixed up with another."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.hypercare import audit
from onboarding.hypercare.models.terms import targets_of
from onboarding.hypercare.severity import Severity
from onboarding.playbooks.models import ToolVersion
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

AFTER_TICKET: list[Any] = []
"""Called with (deployment_id, by) in the transaction that changed a ticket: the figures register themselves here."""


class TicketRefused(ValueError):
    """A ticket cannot be written or moved so; the message says what would change it."""


class TicketQuerySet(TenantQuerySet["Ticket"]):
    """Named filters over tickets."""

    def open(self) -> "TicketQuerySet":
        """Tickets that somebody still has to do something about, or to confirm."""
        return self.filter(state__in=Ticket.OPEN_STATES)

    def defects(self) -> "TicketQuerySet":
        """What does not do what was agreed; requests and questions never count among them."""
        return self.filter(kind=Ticket.Kind.DEFECT)

    def support(self) -> "TicketQuerySet":
        """What people needed help with: defects and questions. A wish for something new is no call for help."""
        return self.exclude(kind=Ticket.Kind.REQUEST)

    def late(self, now: datetime) -> "TicketQuerySet":
        """Tickets that are not fixed and past their target."""
        return self.filter(state__in=Ticket.UNFIXED, due_at__lt=now)

    def worst_first(self) -> "TicketQuerySet":
        """Open ones first, then by severity and target."""
        return self.annotate(done_=models.Case(models.When(state__in=Ticket.OPEN_STATES, then=0), default=1)).order_by(
            "done_", F("severity").asc(nulls_last=True), F("due_at").asc(nulls_last=True), "-number"
        )

    def for_list(self) -> "TicketQuerySet":
        """With everything a row names, in one query."""
        return self.select_related("owner", "reported_by", "item")


class Ticket(TenantModel):
    """One report from the site. Never patient data: where, what, how often, no name and no picture."""

    partners = Partners.DEPLOYMENT

    class Kind(models.TextChoices):
        """A defect does not do what was agreed; a question is a gap in training; a request is new."""

        DEFECT = "defect", "Defect"
        QUESTION = "question", "Question"
        REQUEST = "request", "Request"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Reported"
        WORKING = "working", "Taken up"
        FIXED = "fixed", "Fixed, to be confirmed"
        CLOSED = "closed", "Closed"
        DECLINED = "declined", "Declined"

    MOVES: dict[str, set[str]] = {
        State.OPEN: {State.WORKING, State.FIXED, State.DECLINED},
        State.WORKING: {State.OPEN, State.FIXED, State.DECLINED},
        State.FIXED: {State.WORKING, State.CLOSED},
        State.CLOSED: {State.OPEN},
        State.DECLINED: {State.OPEN},
    }
    UNFIXED = (State.OPEN, State.WORKING)
    OPEN_STATES = (*UNFIXED, State.FIXED)
    """Until somebody has confirmed that it is gone, a defect counts as open."""
    NEEDS_WORDS = (State.FIXED, State.DECLINED)
    CONFIRMED_BY_ANOTHER = (Severity.CRITICAL, Severity.STOPS)

    class Tier(models.IntegerChoices):
        """Who solved it."""

        DESK = 1, "Service desk"
        LOCAL = 2, "Site or organization"
        VENDOR = 3, "Vendor"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="tickets")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    severity = models.PositiveSmallIntegerField(null=True, choices=Severity.choices, help_text="Of a defect: 1 to 4")
    title = models.CharField(max_length=160)
    detail = models.TextField(max_length=4000, blank=True)
    topic = models.CharField(max_length=60, blank=True, help_text="What it is about, in the same words each time")
    safety = models.BooleanField(default=False, help_text="Whether a patient was, or could have been, harmed")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    workaround = models.CharField(max_length=500, blank=True)
    plan = models.CharField(max_length=500, blank=True, help_text="How and when it will be fixed")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    tool_version: Any = TenantForeignKey(
        ToolVersion, on_delete=models.PROTECT, related_name="+", help_text="The release it was seen in"
    )
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+")
    run: Any = TenantForeignKey("cutover.Run", on_delete=models.PROTECT, null=True, related_name="+")
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    reported_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, help_text="When it must be fixed by, from its severity")
    taken_up_at = models.DateTimeField(null=True)
    fixed_at = models.DateTimeField(null=True)
    fixed_by_id = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    tier = models.PositiveSmallIntegerField(null=True, choices=Tier.choices, help_text="Who solved it")
    resolution = models.CharField(max_length=500, blank=True, help_text="What was done, or why it was declined")
    safety_finding = models.CharField(max_length=500, blank=True)
    safety_reviewed_at = models.DateTimeField(null=True)
    safety_reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = TenantManager.from_queryset(TicketQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "deployment", "number"], name="ticket_number_once"),
            models.CheckConstraint(condition=Q(kind__in=["defect", "question", "request"]), name="ticket_kind"),
            models.CheckConstraint(
                condition=Q(kind="defect", severity__range=(1, 4)) | (~Q(kind="defect") & Q(severity=None)),
                name="ticket_defect_graded",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "working", "fixed", "closed", "declined"]), name="ticket_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["fixed", "closed"]) | Q(fixed_at__isnull=False), name="ticket_fixed_at"
            ),
        ]
        indexes = [models.Index(fields=["organization", "deployment", "kind", "state"], name="ticket_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """What people call it: D3, Q12, R4."""
        return f"{self.kind[0].upper()}{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it, or to confirm it."""
        return self.state in self.OPEN_STATES

    def is_late(self, now: datetime) -> bool:
        """Whether it is past its target and not fixed."""
        return self.state in self.UNFIXED and self.due_at is not None and self.due_at < now

    @property
    def moves(self) -> list[tuple[str, str]]:
        """The states it may go to, in order, with their words."""
        return [(one.value, str(one.label)) for one in self.State if one in self.MOVES[self.state]]

    @classmethod
    @transaction.atomic
    def report(cls, deployment: Deployment, *, kind: str, title: str, by: Actor, **values: Any) -> "Ticket":
        """Write a report into the register; a defect has a severity, anything else has none.

        `values`: severity, detail, topic, safety, workaround, owner_id, item, run, key. Raises TicketRefused.
        """
        if deployment.state == Deployment.State.DISCONTINUED:
            raise TicketRefused("This deployment has ended: nothing is reported on it any more.")
        Deployment.locked(deployment.pk)  # the next number is this one's
        last = cls.objects.filter(deployment=deployment).aggregate(last=Max("number"))["last"] or 0
        ticket = cls(
            deployment=deployment,
            number=last + 1,
            kind=kind,
            title=title.strip(),
            tool_version_id=deployment.tool_version_id,
            reported_by_id=by.person_id,
            **values,
        )
        ticket._fit()
        ticket._set_target()
        ticket.save(force_insert=True)
        ticket._record(audit.TICKET_REPORTED, by, title=ticket.title, severity=ticket.severity)
        return ticket

    @transaction.atomic
    def grade(self, *, by: Actor, kind: str, severity: int | None, reason: str) -> None:
        """Say what kind it is and how bad; the target counts from the report. Raises TicketRefused without a reason."""
        ticket = self.locked(self.pk)
        severity = severity if kind == self.Kind.DEFECT else None
        if (ticket.kind, ticket.severity) == (kind, severity):
            return
        if not reason.strip():
            raise TicketRefused("Say why the grade changes: a lower one ends an alarm.")
        ticket.kind, ticket.severity = kind, severity
        ticket._fit()
        ticket._set_target()
        grade = (
            f"{ticket.get_kind_display()}, {ticket.get_severity_display()}" if severity else ticket.get_kind_display()
        )
        ticket._save(audit.TICKET_GRADED, by, "kind", "severity", "due_at", grade=grade, reason=reason.strip())

    @transaction.atomic
    def change(self, *, by: Actor, **values: Any) -> None:
        """Change what it says (title, detail, topic, safety, workaround, plan, owner_id, item); the same changes nothing."""
        ticket = self.locked(self.pk)
        changed = [name for name, value in values.items() if getattr(ticket, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(ticket, name, values[name])
        ticket._fit()
        ticket._save(audit.TICKET_CHANGED, by, *changed, fields=sorted(changed))

    @transaction.atomic
    def move(self, state: str, *, by: Actor, resolution: str = "", tier: int | None = None) -> None:
        """Move it on: taken up, fixed, confirmed as closed, declined, or open again.

        Raises TicketRefused for a move that MOVES does not have, a fix or refusal without words, and a Sev-1 or Sev-2
        that is closed by whoever fixed it.
        """
        ticket, now = self.locked(self.pk), timezone.now()
        if ticket.state == state:
            return
        if state not in ticket.MOVES[ticket.state]:
            raise TicketRefused(f"{ticket.code} is {ticket.get_state_display().lower()}: it cannot go there from here.")
        if state in self.NEEDS_WORDS and not resolution.strip():
            raise TicketRefused("Say what was done, or why it is declined: whoever reported it will read it.")
        if (
            state == self.State.CLOSED
            and ticket.severity in self.CONFIRMED_BY_ANOTHER
            and by.may_not_be(ticket.fixed_by_id)
        ):
            raise TicketRefused("You fixed it: somebody else confirms that a Sev-1 or Sev-2 is gone.")
        fields = ["state"]
        ticket.state = state
        if state == self.State.WORKING and ticket.taken_up_at is None:
            ticket.taken_up_at = now
            fields.append("taken_up_at")
        if state in self.NEEDS_WORDS:
            ticket.resolution, ticket.tier = resolution.strip(), tier
            fields += ["resolution", "tier"]
        if state == self.State.FIXED:
            ticket.fixed_at, ticket.fixed_by_id = now, by.id
            ticket.taken_up_at = ticket.taken_up_at or now
            fields += ["fixed_at", "fixed_by_id", "taken_up_at"]
        ticket.closed_at = now if state in (self.State.CLOSED, self.State.DECLINED) else None
        ticket._save(audit.TICKET_MOVED, by, *fields, "closed_at", state=ticket.get_state_display().lower())

    @transaction.atomic
    def review_safety(self, *, by: Actor, finding: str) -> None:
        """Note what a look at the safety event found; raise TicketRefused without it, or where none was reported."""
        ticket = self.locked(self.pk)
        if ticket.safety_reviewed_at:
            return
        if not ticket.safety:
            raise TicketRefused(f"{ticket.code} was not reported as a safety event.")
        if not finding.strip():
            raise TicketRefused("Say what was found, and what keeps it from happening again.")
        ticket.safety_finding, ticket.safety_reviewed_at = finding.strip(), timezone.now()
        ticket.safety_reviewed_by_id = by.person_id
        fields = ("safety_finding", "safety_reviewed_at", "safety_reviewed_by")
        ticket._save(audit.SAFETY_REVIEWED, by, *fields)

    def _fit(self) -> None:
        if not self.title:
            raise TicketRefused("Say in one sentence what happened.")
        if self.kind not in self.Kind.values:
            raise TicketRefused("Choose a defect, a question or a request.")
        if self.kind == self.Kind.DEFECT and self.severity not in Severity.values:
            raise TicketRefused("Give a defect its severity, from 1 to 4. In doubt, the graver one.")
        if self.kind != self.Kind.DEFECT and self.severity is not None:
            raise TicketRefused("Only a defect has a severity: a request never counts as one.")
        if self.safety and self.kind != self.Kind.DEFECT:
            raise TicketRefused("A safety event is a defect: grade it as one.")

    def _set_target(self) -> None:
        if self.severity is None:
            self.due_at = None
            return
        site = self.deployment.site
        target = targets_of(self.deployment_id)[self.severity]
        self.due_at = target.due_at(self.reported_at, ZoneInfo(site.time_zone or "UTC"), working_calendar(site))

    def _save(self, what: Action, by: Actor, *fields: str, **words: Any) -> None:
        self.version += 1
        columns = [name.removesuffix("_id") if name == "owner_id" else name for name in fields]
        self.save(update_fields=[*dict.fromkeys(columns), "version"])
        self._record(what, by, **words)

    def _record(self, what: Action, by: Actor, **words: Any) -> None:
        record(what, by=by, subject=self, code=self.code, number=self.number, **words)
        for look in AFTER_TICKET:
            look(self.deployment_id, by)
