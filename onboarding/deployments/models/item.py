"""A piece of work of one deployment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.deployments import audit
from onboarding.deployments.models.dependency import ItemDependency
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.progress import progressed
from onboarding.playbooks.models import PlaybookItem
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

STATES = ["todo", "in_progress", "in_review", "blocked", "accepted", "waived", "not_applicable", "retired"]


class ItemRefused(Exception):
    """A verb cannot be done to an item; the message says why and what would change it."""


class ItemQuerySet(TenantQuerySet["Item"]):
    """Named filters over items."""

    def open(self) -> "ItemQuerySet":
        """Items that somebody still has to do something about."""
        return self.filter(state__in=Item.OPEN)

    def holding(self) -> "ItemQuerySet":
        """Items that let their successors go on: accepted, waived or not applicable."""
        return self.filter(state__in=Item.HOLDS)

    def of_deployment(self, deployment_id: Any) -> "ItemQuerySet":
        """Items of a deployment in order."""
        return self.filter(deployment_id=deployment_id).order_by("stage", "number")


class Item(TenantModel):
    """A checklist item: copied from the playbook when the deployment was planned, its key the same at every site."""

    partners = Partners.DEPLOYMENT

    class State(models.TextChoices):
        """Where the work is."""

        TODO = "todo", "To do"
        IN_PROGRESS = "in_progress", "In progress"
        IN_REVIEW = "in_review", "In review"
        BLOCKED = "blocked", "Blocked"
        ACCEPTED = "accepted", "Accepted"
        WAIVED = "waived", "Waived"
        NOT_APPLICABLE = "not_applicable", "Not needed"
        RETIRED = "retired", "Retired"

    OPEN = (State.TODO, State.IN_PROGRESS, State.IN_REVIEW, State.BLOCKED)
    HOLDS = (State.ACCEPTED, State.WAIVED, State.NOT_APPLICABLE, State.RETIRED)
    MOVES: dict[str, set[str]] = {
        State.TODO: {*OPEN[1:], State.ACCEPTED, State.WAIVED, State.NOT_APPLICABLE},
        State.IN_PROGRESS: {State.IN_REVIEW, State.BLOCKED, State.ACCEPTED, State.WAIVED, State.NOT_APPLICABLE},
        State.IN_REVIEW: {State.IN_PROGRESS, State.BLOCKED, State.ACCEPTED, State.WAIVED, State.NOT_APPLICABLE},
        State.BLOCKED: {State.IN_PROGRESS, State.WAIVED, State.NOT_APPLICABLE},
        State.ACCEPTED: {State.IN_PROGRESS},
        State.WAIVED: {State.IN_PROGRESS, State.IN_REVIEW, State.ACCEPTED},
        State.NOT_APPLICABLE: {State.IN_PROGRESS},
        State.RETIRED: set(),  # retired and taken back by upgrades alone (onboarding/upgrades)
    }

    TAKEN_UP_BY: dict[str, str] = {
        State.BLOCKED: "clear the block to go on",
        State.IN_REVIEW: "its review comes first",
        State.RETIRED: "the playbook no longer has it",
    }

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="items")
    playbook_item: Any = TenantForeignKey(PlaybookItem, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80)
    stage = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    owner = models.CharField(max_length=4, help_text="Team role that owns it")
    also = ArrayField(models.CharField(max_length=4), default=list)
    gate_class = models.CharField(max_length=12, choices=PlaybookItem.GateClass.choices)
    gate = models.CharField(max_length=4, blank=True)
    completed_by_gate = models.BooleanField(default=False)
    domain = models.CharField(max_length=24, blank=True)
    evidence_wanted = models.JSONField(default=list)
    state = models.CharField(max_length=14, choices=State.choices, default=State.TODO)
    due_on = models.DateField()
    due_fixed = models.BooleanField(default=False, help_text="Set by hand: it stays when go-live moves")
    baseline_due_on = models.DateField(help_text="As first planned, or as last committed to")
    offset_days = models.SmallIntegerField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    guidance_here = models.TextField(
        blank=True, default="", db_default="", help_text="How this site does it; empty: as the playbook says"
    )
    left_out_by_plan = models.BooleanField(
        default=False, db_default=False, help_text="Not needed since the playbook's condition does not hold here"
    )
    retired_from = models.CharField(
        max_length=14, blank=True, default="", db_default="", help_text="Its state when the playbook dropped it"
    )
    note = models.CharField(max_length=500, blank=True, help_text="Why it is blocked, not needed or returned")
    blocked_since = models.DateField(null=True)
    blocked_by_role = models.CharField(max_length=4, blank=True, help_text="Team role that is waited for")
    waived_until = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = TenantManager.from_queryset(ItemQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "deployment", "key"], name="item_key_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="item_state"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(done_at__isnull=False), name="item_accepted_at"),
            models.CheckConstraint(
                condition=~Q(state="waived") | Q(waived_until__isnull=False), name="item_waived_until"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "deployment", "stage", "number"], name="item_in_order"),
            models.Index(
                fields=["organization", "assignee", "due_on"],
                condition=Q(state__in=["todo", "in_progress", "in_review", "blocked"]),
                name="item_open_of_person",
            ),
            models.Index(
                fields=["organization", "due_on"],
                condition=Q(state__in=["todo", "in_progress", "in_review", "blocked"]),
                name="item_open_by_due",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state in self.OPEN

    def overdue_days(self, today: date) -> int:
        """Return calendar days past the due date of an open item, else 0."""
        return max(0, (today - self.due_on).days) if self.is_open else 0

    @property
    def is_core(self) -> bool:
        """Whether a change of it is an adaptation that has to be recorded."""
        return bool(self.playbook_item and self.playbook_item.core)

    @property
    def guidance(self) -> str:
        """How it is done: the site's own words, or the playbook's."""
        return self.guidance_here or (self.playbook_item.guidance if self.playbook_item else "")

    @property
    def required_evidence(self) -> list[dict[str, Any]]:
        """The kinds of evidence that acceptance needs."""
        return [wanted for wanted in self.evidence_wanted if wanted["required"] and wanted["kind"] != "none"]

    @transaction.atomic
    def start(self, *, by: Actor) -> None:
        """Begin the work. What is blocked, in review or done is taken up again by verbs of their own, which ask why."""
        item = self._lock()
        if item.state == self.State.IN_PROGRESS:
            return
        if item.state != self.State.TODO:
            then = self.TAKEN_UP_BY.get(item.state, "reopen it, saying why")
            raise ItemRefused(f"{item} is {item.get_state_display().lower()}: {then}.")
        item.started_at = item.started_at or timezone.now()
        item._move(self.State.IN_PROGRESS, by, audit.ITEM_STARTED, "started_at")

    @transaction.atomic
    def complete(self, *, by: Actor, may_accept: bool, note: str = "") -> None:
        """Finish the work: accepted where the actor may accept it, else sent to review.

        Raises ItemRefused while a predecessor is open, required evidence is missing, the item is blocked, or a gate completes it.
        """
        item = self._lock()
        if item.state == self.State.ACCEPTED:
            return
        item.refuse_unless_completable()
        if may_accept:
            item._accept(by)
        elif item.state != self.State.IN_REVIEW:
            item.note = note
            item._move(self.State.IN_REVIEW, by, audit.ITEM_SUBMITTED, "note")

    @transaction.atomic
    def complete_by_gate(self, *, by: Actor) -> None:
        """Accept the row that stands for a signed gate; only the gate's decision calls this."""
        item = self._lock()
        if item.state != self.State.ACCEPTED:
            item._accept(by)

    @transaction.atomic
    def reopen_by_gate(self, *, by: Actor, reason: str) -> None:
        """Open the row that stands for a signed gate again; only the end of the gate's pass calls this."""
        item = self._lock()
        if item.state != self.State.ACCEPTED:
            return
        item.note, item.done_at, item.done_by_id = reason, None, None
        item._move(self.State.IN_PROGRESS, by, audit.ITEM_REOPENED, "note", "done_at", "done_by_id", reason=reason)

    @transaction.atomic
    def return_to_work(self, *, by: Actor, reason: str) -> None:
        """Send a reviewed item back, saying what is missing."""
        item = self._lock()
        item.needs_reason(reason, "Say what is missing before you return an item.")
        if item.state != self.State.IN_REVIEW:
            raise ItemRefused(f"{item} is not in review.")
        item.note = reason
        item._move(self.State.IN_PROGRESS, by, audit.ITEM_RETURNED, "note", reason=reason)

    @transaction.atomic
    def reopen(self, *, by: Actor, reason: str) -> None:
        """Take an accepted, waived or unneeded item up again. A signed gate's row is reopened by its gate alone."""
        item = self._lock()
        if item.is_open:
            return
        item.needs_reason(reason, "Say why the item is opened again.")
        if item.completed_by_gate:
            raise ItemRefused(f"{item} stands for a signed gate: a new gate review replaces the decision.")
        item.note, item.done_at, item.done_by_id, item.waived_until = reason, None, None, None
        item.left_out_by_plan = False
        fields = ("note", "left_out_by_plan", "done_at", "done_by_id", "waived_until")
        item._move(self.State.IN_PROGRESS, by, audit.ITEM_REOPENED, *fields, reason=reason)

    @transaction.atomic
    def block(self, *, by: Actor, reason: str, waits_for: str = "") -> None:
        """Name what stops the work and the team role that is waited for."""
        item = self._lock()
        item.needs_reason(reason, "Say what blocks the item: the blocker is reminded, not you.")
        if item.state == self.State.BLOCKED and (item.note, item.blocked_by_role) == (reason, waits_for):
            return
        if item.state == self.State.BLOCKED:
            raise ItemRefused(f"{item} is blocked already: clear that block first.")
        item.note, item.blocked_by_role, item.blocked_since = reason, waits_for, timezone.localdate()
        fields = ("note", "blocked_by_role", "blocked_since")
        item._move(self.State.BLOCKED, by, audit.ITEM_BLOCKED, *fields, reason=reason, role=waits_for)

    @transaction.atomic
    def unblock(self, *, by: Actor) -> None:
        """Go on: nothing stops the work any more."""
        item = self._lock()
        if item.state != self.State.BLOCKED:
            return
        item.note, item.blocked_by_role, item.blocked_since = "", "", None
        item._move(self.State.IN_PROGRESS, by, audit.ITEM_UNBLOCKED, "note", "blocked_by_role", "blocked_since")

    @transaction.atomic
    def adapt(self, values: Mapping[str, Any], *, by: Actor) -> None:
        """Do it differently here than the playbook says; onboarding.adaptations checks it and records why."""
        item = self._lock()
        columns = {"guidance_here" if name == "guidance" else name: value for name, value in values.items()}
        for name, value in columns.items():
            setattr(item, name, value)
        item._keep(by, audit.ITEM_ADAPTED, *columns, fields=", ".join(values))

    @transaction.atomic
    def mark_not_applicable(self, *, by: Actor, reason: str, recorded: bool = False) -> None:
        """Take the item out of the count, saying why; a core item only with its adaptation `recorded`."""
        item = self._lock()
        if item.state == self.State.NOT_APPLICABLE:
            return
        if item.is_core and not recorded:
            raise ItemRefused(f"{item} is a core item: record why it is dropped here, then it is.")
        item.needs_reason(reason, "Say why this site does not need the item.")
        if item.completed_by_gate:
            raise ItemRefused(f"{item} stands for a signed gate and always applies.")
        item.note, item.left_out_by_plan = reason, False
        item._move(self.State.NOT_APPLICABLE, by, audit.ITEM_NOT_APPLICABLE, "note", "left_out_by_plan", reason=reason)

    @transaction.atomic
    def waive(self, *, by: Actor, until: date) -> None:
        """Let the item pass with a gap until a date; only a granted waiver calls this."""
        item = self._lock()
        if item.state == self.State.WAIVED and item.waived_until == until:
            return
        item.waived_until = until
        item._move(self.State.WAIVED, by, audit.ITEM_WAIVED, "waived_until", until=f"{until:%-d %b %Y}")

    @transaction.atomic
    def assign(self, user: Any, *, by: Actor) -> None:
        """Give the item to a person, or to nobody (None): then the team role owns it."""
        item = self._lock()
        if item.assignee_id == (user.pk if user else None):
            return
        item.assignee = user
        item._keep(by, audit.ITEM_ASSIGNED, "assignee", assignee=str(user.pk) if user else None)

    @transaction.atomic
    def move_due(self, due_on: date, *, by: Actor) -> None:
        """Set another due date for this item alone; from then on it stays when go-live moves.

        What waits for it stays too: `plans.actions.move_dates` shows and moves what lies behind.
        """
        item = self._lock()
        if item.due_on == due_on:
            return
        before, item.due_on, item.due_fixed = item.due_on, due_on, True
        text = {"before": f"{before:%-d %b %Y}", "after": f"{due_on:%-d %b %Y}"}
        item._keep(by, audit.ITEM_DUE_MOVED, "due_on", "due_fixed", **text)

    def touch(self) -> None:
        """Raise the version: something on the item changed that is not a field of it."""
        Item.objects.filter(pk=self.pk).update(version=models.F("version") + 1)

    def predecessors(self) -> ItemQuerySet:
        """Return the items that this one waits for."""
        waited_for = ItemDependency.objects.filter(item_id=self.pk).values("predecessor_id")
        return Item.objects.filter(pk__in=waited_for)

    def _lock(self) -> "Item":
        return self.locked(self.pk)  # type: ignore[no-any-return]

    def refuse_unless_completable(self) -> None:
        """Raise ItemRefused, saying why, unless the work can be finished."""
        waiting = [str(item) for item in self.predecessors().exclude(state__in=self.HOLDS).order_by("number")]
        self.refuse_completion(waiting, self.missing_evidence())

    def refuse_completion(self, waiting: list[str], missing: list[str]) -> None:
        """Raise ItemRefused unless nothing is waited for, no evidence is missing and neither block nor gate forbids it."""
        if self.completed_by_gate:
            raise ItemRefused(f"{self} is completed by its gate: sign {self.gate}.")
        if self.state == self.State.BLOCKED:
            raise ItemRefused(f"{self} is blocked: clear the block first.")
        if waiting:
            raise ItemRefused(f"{self} waits for {', '.join(waiting)}.")
        if missing:
            raise ItemRefused(f"{self} needs evidence: {', '.join(missing)}.")

    def missing_evidence(self) -> list[str]:
        """Return the titles of required evidence that is not there, was returned or has lapsed."""
        return self.evidence_missing([self]).get(self.pk, [])

    @staticmethod
    def evidence_missing(items: "list[Item]") -> dict[Any, list[str]]:
        """Return, for each item that lacks some, the titles of its missing evidence; one statement at most."""
        asking = {item.pk: item.required_evidence for item in items if item.required_evidence}
        if not asking:
            return {}
        from onboarding.deployments.models.evidence import Evidence

        usable = Evidence.objects.filter(item_id__in=list(asking)).usable()
        given = set(usable.values_list("item_id", "wanted_key"))
        missing = {
            pk: [one["title"] for one in wanted if (pk, one["key"]) not in given] for pk, wanted in asking.items()
        }
        return {pk: titles for pk, titles in missing.items() if titles}

    def _accept(self, by: Actor) -> None:
        self.done_at, self.done_by_id, self.note = timezone.now(), by.id, ""
        self._move(self.State.ACCEPTED, by, audit.ITEM_COMPLETED, "done_at", "done_by_id", "note")

    def check_move(self, state: str) -> None:
        """Raise ItemRefused unless the item may go to that state."""
        if state not in self.MOVES[self.state]:
            raise ItemRefused(
                f"{self} is {self.get_state_display().lower()} and cannot become {self.State(state).label.lower()}."
            )

    def _move(self, state: str, by: Actor, action: Action, *fields: str, **data: Any) -> None:
        self.check_move(state)
        self.state = state
        self._keep(by, action, "state", *fields, **data)

    def _keep(self, by: Actor, action: Action, *fields: str, **data: Any) -> None:
        self.version += 1
        self.save(update_fields=[*fields, "version"])
        record(action, by=by, subject=self, number=self.number, title=self.title, **data)
        progressed(self.deployment_id, by)

    @staticmethod
    def needs_reason(reason: str, message: str) -> None:
        """Raise ItemRefused with the message where there is no reason."""
        if not reason.strip():
            raise ItemRefused(message)
