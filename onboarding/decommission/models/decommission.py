"""Ending a deployment: begun with a reason, done step by step, completed by a second person. Nothing is deleted."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.decommission import audit
from onboarding.decommission.steps import BY_KEY, STEPS
from onboarding.deployments.actions.add_items import add_items
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.playbooks.models import PlaybookItem
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel


class DecommissionRefused(Exception):
    """A deployment cannot be ended so; the message says what would change it."""


class DecommissionQuerySet(TenantQuerySet["Decommission"]):
    """Named filters over decommissions."""

    def running(self) -> "DecommissionQuerySet":
        """Those that go on."""
        return self.filter(state=Decommission.State.RUNNING)


class Decommission(TenantModel):
    """The end of one deployment; withdrawn, it may be begun again."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Cause(models.TextChoices):
        """Why a tool leaves a site."""

        DECIDED = "decided", "Decided at a review"
        FUNDING = "funding", "Funding ended"
        CONTRACT = "contract", "Contract ended"
        VENDOR = "vendor", "Vendor stopped"
        REPLACED = "replaced", "Replaced by another tool"
        SITE = "site", "Site closed"
        OTHER = "other", "Something else"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="decommissions")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    reason = models.CharField(max_length=1000)
    last_day = models.DateField(help_text="The last day on which anybody uses the tool here")
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    withdrawn_because = models.CharField(max_length=500, blank=True)

    objects = TenantManager.from_queryset(DecommissionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment"],
                condition=Q(state__in=["running", "completed"]),
                name="decommission_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "completed", "withdrawn"]), name="decommission_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="completed") | ~Q(begun_by=F("ended_by")), name="decommission_second_person"
            ),
        ]

    @classmethod
    @transaction.atomic
    def begin(cls, deployment: Deployment, *, cause: str, reason: str, last_day: date, by: Actor) -> "Decommission":
        """Begin the end: the steps appear, and the playbook's own decommissioning items on the checklist.

        One that goes on is returned as it is. Raises DecommissionRefused without a reason, or for what has ended.
        """
        deployment = Deployment.locked(deployment.pk)
        standing: Decommission | None = cls.objects.running().filter(deployment=deployment).first()
        if standing:
            return standing
        if deployment.state == Deployment.State.DISCONTINUED:
            raise DecommissionRefused("This deployment has ended already.")
        if cause not in cls.Cause.values or not reason.strip():
            raise DecommissionRefused("Say why the tool leaves this site: others will decide by it.")
        if last_day < timezone.localdate():
            raise DecommissionRefused("The last day of use lies ahead: patients must be told before it.")
        made = cls(
            deployment=deployment, cause=cause, reason=reason.strip(), last_day=last_day, begun_by_id=by.person_id
        )
        made.save(force_insert=True)
        calendar, today = working_calendar(deployment.site), timezone.localdate()
        DecommissionStep.objects.bulk_create(
            DecommissionStep(
                deployment=deployment,
                decommission=made,
                position=position,
                key=step.key,
                due_on=max(calendar.on_or_before(last_day + timedelta(days=step.offset_days)), today),
            )
            for position, step in enumerate(STEPS)
        )
        add_items(deployment.pk, _playbook_items(deployment, last_day), by=by)
        record(audit.BEGUN, by=by, subject=made, why=made.get_cause_display().lower(), cause=cause)
        return made

    @transaction.atomic
    def withdraw(self, *, by: Actor, reason: str) -> None:
        """Take it back while it runs: the tool stays. Raises DecommissionRefused without a reason, or once data are gone."""
        made = self.locked(self.pk)
        if made.state == self.State.WITHDRAWN:
            return
        if made.state == self.State.COMPLETED:
            raise DecommissionRefused("It is completed: a new deployment would have to be planned.")
        if not reason.strip():
            raise DecommissionRefused("Say why the tool stays.")
        if DecommissionStep.objects.filter(decommission=made, key="data-destroyed").exclude(done_at=None).exists():
            raise DecommissionRefused("The data are destroyed: this cannot be taken back.")
        made.state, made.withdrawn_because, made.ended_at = self.State.WITHDRAWN, reason.strip(), timezone.now()
        made.ended_by_id = by.person_id
        made.save(update_fields=["state", "withdrawn_because", "ended_at", "ended_by"])
        record(audit.WITHDRAWN, by=by, subject=made, why=reason.strip()[:200])

    @transaction.atomic
    def complete(self, *, by: Actor) -> None:
        """End the deployment once every step is done; raise DecommissionRefused otherwise, and for whoever began it."""
        made = self.locked(self.pk)
        if made.state == self.State.COMPLETED:
            return
        if made.state != self.State.RUNNING:
            raise DecommissionRefused("This decommission was withdrawn.")
        missing = [step.title for step in made.steps.order_by("position") if step.done_at is None]
        if missing:
            raise DecommissionRefused(f"Still open: {', '.join(missing)}.")
        if by.may_not_be(made.begun_by_id):
            raise DecommissionRefused("You began this decommission: a second person completes it.")
        made.state, made.ended_at, made.ended_by_id = self.State.COMPLETED, timezone.now(), by.person_id
        made.save(update_fields=["state", "ended_at", "ended_by"])
        record(audit.COMPLETED, by=by, subject=made)
        made.deployment.record_discontinued(by=by, reason=f"{made.get_cause_display()}: {made.reason}")


class DecommissionStep(TenantModel):
    """One step of a decommission."""

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    decommission: Any = TenantForeignKey(Decommission, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=30)
    due_on = models.DateField()
    note = models.CharField(max_length=1000, blank=True, help_text="What was done: how many, where it is filed")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "decommission", "key"], name="decommission_step_once")
        ]

    @property
    def title(self) -> str:
        """What is true once it is done."""
        return BY_KEY[self.key].title

    @transaction.atomic
    def finish(self, *, by: Actor, note: str) -> None:
        """Say that it is done, and what was done. Raises DecommissionRefused without words, or before what comes first."""
        step = self._open_one()
        if step.done_at:
            return
        if BY_KEY[step.key].certificate:
            raise DecommissionRefused(f"“{step.title}” is done with its signed certificate.")
        step.close(by=by, note=note)

    @transaction.atomic
    def reopen(self, *, by: Actor, reason: str) -> None:
        """Take a step up again that was not done after all. A certificate stands: it is never taken back silently."""
        step = self._open_one()
        if step.done_at is None:
            return
        if BY_KEY[step.key].certificate:
            raise DecommissionRefused("A signed certificate stands on it: it cannot be opened again.")
        if not reason.strip():
            raise DecommissionRefused("Say what was found.")
        step.done_at, step.done_by, step.note = None, None, reason.strip()
        step.save(update_fields=["done_at", "done_by", "note"])
        record(audit.STEP_REOPENED, by=by, subject=step, title=step.title)

    def close(self, *, by: Actor, note: str) -> None:
        """Close the step, which the caller holds locked; signing a certificate ends here too."""
        if not note.strip():
            raise DecommissionRefused("Say what was done: how many, by whom, where it is filed.")
        before = BY_KEY[self.key].after
        waits = DecommissionStep.objects.filter(decommission_id=self.decommission_id, key__in=before, done_at=None)
        for first in waits:
            raise DecommissionRefused(f"“{first.title}” comes first.")
        self.note, self.done_at, self.done_by_id = note.strip(), timezone.now(), by.person_id
        self.save(update_fields=["note", "done_at", "done_by"])
        record(audit.STEP_DONE, by=by, subject=self, title=self.title)

    def _open_one(self) -> "DecommissionStep":
        made = Decommission.locked(self.decommission_id)
        if made.state != Decommission.State.RUNNING:
            raise DecommissionRefused(f"This decommission is {made.get_state_display().lower()}.")
        step: DecommissionStep = self.locked(self.pk)
        return step


def _playbook_items(deployment: Deployment, last_day: date) -> list[Item]:
    """Return the items that the playbook keeps for the end."""
    found = PlaybookItem.objects.filter(version_id=deployment.playbook_version_id, anchor="decommission")
    return [
        Item(
            playbook_item=one,
            key=one.key,
            stage=one.stage,
            title=one.title,
            owner=one.owner,
            also=one.also,
            gate_class=one.gate_class,
            gate=one.gate,
            domain=one.domain,
            evidence_wanted=one.evidence,
            due_on=last_day,
            baseline_due_on=last_day,
            offset_days=one.offset_days,
        )
        for one in found.order_by("number")
    ]
