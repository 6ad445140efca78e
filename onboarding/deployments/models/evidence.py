"""What shows that work was done: files and answers, in versions that never change."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.files import StoredFile
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.item import Item
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class EvidenceQuerySet(TenantQuerySet["Evidence"]):
    """Named filters over evidence."""

    def usable(self) -> "EvidenceQuerySet":
        """Evidence that was not returned and has not lapsed."""
        lapsed = Q(valid_until__lt=timezone.localdate())
        return self.exclude(state=Evidence.State.RETURNED).exclude(lapsed)


class Evidence(TenantModel):
    """One paper or answer on an item, in versions."""

    partners = Partners.DEPLOYMENT

    class State(models.TextChoices):
        """What the reviewer said of the newest version."""

        IN_REVIEW = "in_review", "In review"
        ACCEPTED = "accepted", "Accepted"
        RETURNED = "returned", "Returned"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="evidence")
    wanted_key = models.CharField(max_length=80, blank=True, help_text="Which of the item's wanted kinds it answers")
    title = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_REVIEW)
    note = models.CharField(max_length=500, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    for_partners = models.BooleanField(default=False, help_text="The host lets partners of this deployment open it")
    given_by_organization_id = models.UUIDField(null=True)
    versions_count = models.PositiveSmallIntegerField(default=0)

    objects = TenantManager.from_queryset(EvidenceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["in_review", "accepted", "returned"]), name="evidence_state")
        ]

    @classmethod
    @transaction.atomic
    def give(
        cls,
        item: Item,
        file: StoredFile,
        *,
        by: Actor,
        wanted_key: str = "",
        valid_until: date | None = None,
        for_partners: bool = False,
    ) -> "Evidence":
        """Add a file to an item: a new version where that kind, or that name, is there already from the same organization.

        The very same bytes again change nothing. A partner's file never becomes a version of the host's paper: it could
        not see what it replaced, and the host's sharing mark would not be its own.
        """
        item = Item.locked(item.pk)
        standing = cls.objects.filter(item=item, given_by_organization_id=by.organization_id)
        standing = (
            standing.filter(wanted_key=wanted_key) if wanted_key else standing.filter(wanted_key="", title=file.name)
        )
        evidence = standing.first()
        if evidence is None:
            evidence = cls(
                deployment_id=item.deployment_id,
                item=item,
                wanted_key=wanted_key,
                title=file.name,
                given_by_organization_id=by.organization_id,
                for_partners=for_partners,
                valid_until=valid_until,
            )
            evidence.save(force_insert=True)
        newest = evidence.versions.order_by("-number").first()
        if newest and newest.sha256 == file.sha256:
            return evidence
        evidence.versions_count += 1
        evidence.state, evidence.title, evidence.note, evidence.valid_until = (
            cls.State.IN_REVIEW,
            file.name,
            "",
            valid_until,
        )
        evidence.save(update_fields=["versions_count", "state", "title", "note", "valid_until"])
        EvidenceVersion(
            deployment_id=item.deployment_id,
            evidence=evidence,
            number=evidence.versions_count,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            scan=file.scan,
            by_id=by.person_id,
        ).save(force_insert=True)
        record(
            audit.EVIDENCE_ADDED,
            by=by,
            subject=evidence,
            name=file.name,
            number=item.number,
            title=item.title,
            sha256=file.sha256,
            item=str(item.pk),
        )
        item.touch()
        Deployment.touch(item.deployment_id)
        return evidence

    @transaction.atomic
    def mark_for_partners(self, wanted: bool, *, by: Actor) -> None:
        """Open the paper to the partners of this deployment, or close it to them."""
        evidence = self.locked(self.pk)
        if evidence.for_partners == wanted:
            return
        evidence.for_partners = wanted
        evidence.save(update_fields=["for_partners"])
        evidence._say(audit.EVIDENCE_MARKED if wanted else audit.EVIDENCE_CLOSED, by)

    def opened(self, version: "EvidenceVersion", *, by: Actor) -> None:
        """Write down that somebody read a version."""
        record(
            audit.EVIDENCE_OPENED,
            by=by,
            subject=self,
            name=version.name,
            number=self.item.number,
            title=self.item.title,
            version=version.number,
            sha256=version.sha256,
        )

    @transaction.atomic
    def accept(self, *, by: Actor) -> None:
        """Say that the newest version shows what was wanted."""
        self._review(self.State.ACCEPTED, "", by, audit.EVIDENCE_ACCEPTED)

    @transaction.atomic
    def send_back(self, *, by: Actor, reason: str) -> None:
        """Say what is missing; raise ValueError without a reason."""
        if not reason.strip():
            raise ValueError("Say what is missing before you return evidence.")
        self._review(self.State.RETURNED, reason, by, audit.EVIDENCE_RETURNED)

    def _review(self, state: str, note: str, by: Actor, action: Any) -> None:
        evidence = self.locked(self.pk)
        if (evidence.state, evidence.note) == (state, note):
            return
        evidence.state, evidence.note = state, note
        evidence.save(update_fields=["state", "note"])
        evidence._say(action, by)

    def _say(self, action: Any, by: Actor) -> None:
        item = self.item
        record(action, by=by, subject=self, name=self.title, number=item.number, title=item.title)
        item.touch()
        Deployment.touch(self.deployment_id)


class EvidenceVersion(TenantModel):
    """One upload, kept for good under its SHA-256."""

    partners = Partners.DEPLOYMENT
    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    evidence: Any = TenantForeignKey(Evidence, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12, default="not scanned")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "evidence", "number"], name="evidence_version_once")
        ]
