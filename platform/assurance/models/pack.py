"""An audit pack that somebody asked for: what it is over, how far it has come, and what the finished file is."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from assurance import audit
from assurance.models.definition import AuditRefused
from assurance.packs import sections
from assurance.packs.sections import Wanted
from audit.actor import Actor
from audit.models.event import record
from notices.times import zone_of
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import current

LEASE = timedelta(minutes=2)
"""Renewed while a section is made and with each that is done: one that lapsed belongs to a worker that is gone."""
TRIES = 5
BEGINNINGS = 10
"""A pack that kills its worker each time is given up as well."""
KEPT = timedelta(days=30)
OPEN = ("asked", "making")


class PackQuerySet(TenantQuerySet["AuditPack"]):
    """Named filters over packs."""

    def newest(self) -> "PackQuerySet":
        """The latest first, with who asked."""
        return self.select_related("asked_by").order_by("-asked_at", "-pk")


class AuditPack(TenantModel):
    """One pack. It is made in the background, section by section; what is done stays done when a worker dies."""

    history = False
    steward_columns: ClassVar[tuple[str, ...]] = ("id", "organization_id", "state", "next_at")

    class State(models.TextChoices):
        """How far it has come."""

        ASKED = "asked", "Waits"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        GONE = "gone", "Removed"

    MOVES: dict[str, set[str]] = {
        State.ASKED: {State.MAKING},
        State.MAKING: {State.MAKING, State.ASKED, State.READY, State.FAILED},
        State.READY: {State.GONE},
        State.FAILED: {State.ASKED},
        State.GONE: set(),
    }

    deployment_id = models.UUIDField(null=True, help_text="Empty: the whole organization")
    title = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(help_text="The last day")
    state = models.CharField(max_length=6, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(null=True, default=timezone.now)
    attempt = models.PositiveSmallIntegerField(default=0)
    done = models.JSONField(default=list, help_text="Each finished section with its files and their hashes")
    last_error = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=32, help_text="Bound into its links")
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(PackQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "making", "ready", "failed", "gone"]), name="audit_pack_state"
            ),
            models.CheckConstraint(condition=Q(since__lte=models.F("until")), name="audit_pack_period"),
            models.CheckConstraint(condition=~Q(state="ready") | ~Q(sha256=""), name="audit_pack_ready"),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "organization"], name="queue_audit_pack", condition=Q(state__in=["asked", "making"])
            )
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is still being made."""
        return self.state in OPEN

    @property
    def expires_at(self) -> datetime | None:
        """When the file is removed; it can be asked for again."""
        return self.ready_at + KEPT if self.ready_at else None

    @property
    def share(self) -> int:
        """How much of it is done, in percent."""
        return 100 * len(self.done) // max(1, len(sections.every())) if self.is_open else 100

    def wanted(self) -> Wanted:
        """Return what it is over; its days are those of the organization."""
        zone = zone_of(Organization.objects.values_list("time_zone", flat=True).get(pk=self.organization_id))
        since = datetime.combine(self.since, time.min, tzinfo=zone)
        until = datetime.combine(self.until + timedelta(days=1), time.min, tzinfo=zone)
        return Wanted(self.organization_id, self.deployment_id, since, until)

    @classmethod
    @transaction.atomic
    def ask(cls, *, since: date, until: date, by: Actor, deployment_id: UUID | None = None) -> "AuditPack":
        """Ask for a pack; one that is being made over the same is returned. Raises AuditRefused for what cannot be made."""
        if since > until:
            raise AuditRefused("The period ends after it begins.")
        titles = dict(sections.deployments()) if deployment_id else {}
        if deployment_id and deployment_id not in titles:
            raise AuditRefused("There is no such deployment here.")
        same = cls.objects.filter(deployment_id=deployment_id, since=since, until=until, asked_by_id=by.person_id)
        if standing := same.filter(state__in=OPEN).first():
            return standing
        home = Organization.objects.get(pk=current().organization_id)
        made = cls(
            deployment_id=deployment_id, title=titles.get(deployment_id, home.name)[:200] if deployment_id else home.name,
            since=since, until=until, asked_by_id=by.person_id, key=secrets.token_hex(16),
        )  # fmt: skip
        made.save(force_insert=True)
        about = {"title": made.title, "since": since.isoformat(), "until": until.isoformat()}
        record(audit.PACK_ASKED, by=by, subject=made, deployment_id=deployment_id, **about)
        return made

    @classmethod
    @transaction.atomic
    def claim(cls, pk: UUID) -> "AuditPack | None":
        """Take it for this worker; None if it is done, not due, in another's hands, or was begun too often."""
        rows = cls.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        found: AuditPack | None = rows.filter(pk=pk, state__in=OPEN, next_at__lte=timezone.now()).first()
        if found and found.state == cls.State.MAKING and found.attempt >= BEGINNINGS:
            error = f"Whoever made it ended {found.attempt} times without a word."
            found._go(cls.State.FAILED, next_at=None, last_error=error)
            return None
        if found:
            found._go(cls.State.MAKING, next_at=timezone.now() + LEASE, attempt=found.attempt + 1)
        return found

    @transaction.atomic
    def renew(self) -> None:
        """Keep it for this worker while a section takes long; nothing happens where another has taken over."""
        found: AuditPack = self.locked(self.pk)
        if found.state == self.State.MAKING and found.attempt == self.attempt:
            found._go(self.State.MAKING, next_at=timezone.now() + LEASE)

    @transaction.atomic
    def note(self, entry: dict[str, Any]) -> bool:
        """Write down a finished section and renew the lease; False where another worker has taken over."""
        found: AuditPack = self.locked(self.pk)
        if found.state != self.State.MAKING or found.attempt != self.attempt:
            return False
        done = [*(one for one in found.done if one["name"] != entry["name"]), entry]
        found._go(self.State.MAKING, done=done, next_at=timezone.now() + LEASE)
        self.done = done
        return True

    @transaction.atomic
    def finish(self, *, size: int, sha256: str, manifest_sha256: str, by: Actor) -> bool:
        """Write down the finished file; False where another worker has taken over."""
        found: AuditPack = self.locked(self.pk)
        if found.state != self.State.MAKING or found.attempt != self.attempt:
            return False
        values = {"size": size, "sha256": sha256, "manifest_sha256": manifest_sha256, "ready_at": timezone.now()}
        found._go(self.State.READY, next_at=None, last_error="", **values)
        hashes = {"sha256": sha256, "manifest_sha256": manifest_sha256}
        record(audit.PACK_MADE, by=by, subject=found, deployment_id=found.deployment_id, title=found.title, **hashes)
        return True

    @transaction.atomic
    def fail(self, error: str) -> None:
        """Write down why it failed; it is tried again a little later, and given up after some tries."""
        found: AuditPack = self.locked(self.pk)
        if found.state != self.State.MAKING or found.attempt != self.attempt:
            return
        if found.attempt < TRIES:
            found._go(
                self.State.ASKED,
                next_at=timezone.now() + 2**found.attempt * timedelta(seconds=15),
                last_error=error[:300],
            )
        else:
            found._go(self.State.FAILED, next_at=None, last_error=error[:300])

    @transaction.atomic
    def retry(self, *, by: Actor) -> None:
        """Try again what was given up."""
        found: AuditPack = self.locked(self.pk)
        if found.state != self.State.FAILED:
            return
        found._go(self.State.ASKED, next_at=timezone.now(), attempt=0, last_error="")
        record(audit.PACK_RETRIED, by=by, subject=found, title=found.title)

    @transaction.atomic
    def downloaded(self, *, by: Actor) -> None:
        """Write down that somebody took the file, and with it every paper in it."""
        record(
            audit.PACK_OPENED,
            by=by,
            subject=self,
            deployment_id=self.deployment_id,
            title=self.title,
            sha256=self.sha256,
        )
        known = {one.name: one for one in sections.every() if one.read}
        for done in self.done:
            if (told := known.get(done["name"])) and told.read:
                hashes = {file["sha256"] for file in done["files"]}
                told.read(self.wanted(), hashes, by, f"in the audit pack of {self.title}")

    @transaction.atomic
    def remove(self, *, by: Actor) -> None:
        """Note that the file was removed."""
        found: AuditPack = self.locked(self.pk)
        if found.state != self.State.READY:
            return
        found._go(self.State.GONE)
        record(audit.PACK_GONE, by=by, subject=found, title=found.title)

    def _go(self, state: str, **values: Any) -> None:
        if state not in self.MOVES[self.state]:
            raise AuditRefused(f"The pack is {self.get_state_display().lower()}.")
        self.state = state
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *values])
