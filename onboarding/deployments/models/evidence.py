"""What an item shows for the work done: files and answers, in versions that never change.

Evidence belongs to one item. Where a paper of the vault stands behind it, the paper says whether it is good, and its
versions are brought here (`actions/follow_paper.py`): a partner of the deployment never reads the vault itself.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record, record_many
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.item import Item
from onboarding.vault.files import StoredFile
from onboarding.vault.models import Paper, PaperRefused, PaperVersion
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class EvidenceQuerySet(TenantQuerySet["Evidence"]):
    """Named filters over evidence."""

    def standing(self, item: Item, wanted_key: str, organization_id: Any) -> "EvidenceQuerySet":
        """What that organization gave on the item for that kind."""
        return self.filter(item=item, given_by_organization_id=organization_id, wanted_key=wanted_key)

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
    paper: Any = TenantForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="uses")
    paper_version = models.PositiveSmallIntegerField(null=True, help_text="The version of the paper that stands here")

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
        standing = cls.objects.standing(item, wanted_key, by.organization_id)
        evidence = (standing if wanted_key else standing.filter(title=file.name)).first()
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
        evidence.state, evidence.title, evidence.note, evidence.valid_until = (
            cls.State.IN_REVIEW,
            file.name,
            "",
            valid_until,
        )
        evidence.paper, evidence.paper_version = None, None  # a file of its own stands on its own
        evidence.keep_version(file, by.person_id)
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

    @classmethod
    @transaction.atomic
    def use(
        cls, item: Item, paper: Paper, *, by: Actor, wanted_key: str = "", for_partners: bool = False
    ) -> "Evidence":
        """Let a paper of the vault stand on an item: the version in force, else the newest, which waits for its review.

        The same paper again changes nothing; another one takes the place of what was given for that kind. Raises
        PaperRefused for a paper that is flagged, revoked, not ready or lapsed.
        """
        paper, item = Paper.locked(paper.pk), Item.locked(item.pk)  # in the order of a review
        if not Paper.objects.offered_to_items().filter(pk=paper.pk).exists():
            word = "lapsed" if paper.lapsed else paper.get_state_display().lower()
            raise PaperRefused(f"{paper.title} is {word}: choose a paper that is approved or ready for review.")
        standing = cls.objects.standing(item, wanted_key, by.organization_id)
        evidence = (standing if wanted_key else standing.filter(paper=paper)).first()
        if evidence and (evidence.paper_id, evidence.paper_version) == (paper.pk, paper.current_number):
            return evidence
        if evidence is None:
            evidence = cls(
                deployment_id=item.deployment_id,
                item=item,
                wanted_key=wanted_key,
                given_by_organization_id=by.organization_id,
                for_partners=for_partners,
            )
            evidence.save(force_insert=True)
        evidence.paper = paper
        evidence.stand_as(paper.version(paper.current_number), accepted=paper.is_in_force)
        evidence.say(audit.EVIDENCE_USED, by, version=evidence.paper_version)
        return evidence

    @transaction.atomic
    def keep(self, *, by: Actor, valid_until: date | None = None) -> Paper:
        """Put the newest version into the vault and let that paper stand here; raise PaperRefused for a partner."""
        Item.locked(self.item_id)
        evidence = self.locked(self.pk)
        if evidence.paper_id:
            return evidence.paper  # type: ignore[no-any-return]
        if by.organization_id != evidence.organization_id:
            raise PaperRefused("The vault is the host's own: its people decide what is kept there.")
        newest = evidence.versions.get(number=evidence.versions_count)
        paper = Paper.add(
            newest.file,
            by=by,
            valid_until=valid_until or evidence.valid_until,
            shows=f"{evidence.item.key}/{evidence.wanted_key}" if evidence.wanted_key else "",
        )
        evidence.paper, evidence.paper_version, evidence.valid_until = paper, 1, paper.valid_until
        evidence.save(update_fields=["paper", "paper_version", "valid_until"])
        if evidence.state == self.State.ACCEPTED:
            paper.approve(by=by)
        return paper

    def stand_as(self, version: PaperVersion, *, accepted: bool) -> None:
        """Bring a version of the paper here; `use` and the paper's own verbs call this."""
        self.state = self.State.ACCEPTED if accepted else self.State.IN_REVIEW
        self.title, self.note, self.valid_until = version.name, "", version.valid_until
        self.paper_version = version.number
        self.keep_version(version.file, version.by_id)

    def keep_version(self, file: StoredFile, person_id: Any) -> None:
        """Write the present state and one more version."""
        self.versions_count += 1
        self.save(
            update_fields=[
                "versions_count",
                "state",
                "title",
                "note",
                "valid_until",
                "paper",
                "paper_version",
            ]
        )
        EvidenceVersion(
            deployment_id=self.deployment_id,
            evidence=self,
            number=self.versions_count,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            scan=file.scan,
            by_id=person_id,
        ).save(force_insert=True)

    @transaction.atomic
    def mark_for_partners(self, wanted: bool, *, by: Actor) -> None:
        """Open the paper to the partners of this deployment, or close it to them."""
        evidence = self.locked(self.pk)
        if evidence.for_partners == wanted:
            return
        evidence.for_partners = wanted
        evidence.save(update_fields=["for_partners"])
        evidence.say(audit.EVIDENCE_MARKED if wanted else audit.EVIDENCE_CLOSED, by)

    def opened(self, version: "EvidenceVersion", *, by: Actor, how: str = "signed in") -> None:
        """Write down that somebody read a version, and how they came to it."""
        record(audit.EVIDENCE_OPENED, by=by, subject=self, **self.reading_of(version, how))

    @staticmethod
    def opened_many(versions: Iterable["EvidenceVersion"], *, by: Actor, how: str) -> None:
        """Write down that somebody read these versions together; their papers and items are loaded."""
        told = ((one.evidence, one.evidence.reading_of(one, how)) for one in versions)
        record_many(audit.EVIDENCE_OPENED, by=by, subjects=told)

    def reading_of(self, version: "EvidenceVersion", how: str) -> dict[str, Any]:
        """Return what the log keeps of a reading."""
        item = self.item
        said = {"name": version.name, "number": item.number, "title": item.title}
        return {**said, "version": version.number, "sha256": version.sha256, "how": how}

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
        evidence.say(action, by)

    def say(self, action: Any, by: Actor, **data: Any) -> None:
        """Record what happened to it, and let the open pages of its item and deployment see it."""
        item = self.item
        record(action, by=by, subject=self, name=self.title, number=item.number, title=item.title, **data)
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

    @property
    def file(self) -> StoredFile:
        """What lies in the store."""
        return StoredFile(self.name, self.content_type, self.size, self.sha256, self.scan)
