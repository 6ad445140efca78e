"""A paper of the organization: given once, reviewed once, used as evidence wherever it is wanted."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.vault import audit, controls
from onboarding.vault.files import StoredFile
from onboarding.vault.following import reviewed
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel


class PaperRefused(ValueError):
    """A verb cannot be done to a paper; the message says why and what would change it."""


class PaperQuerySet(TenantQuerySet["Paper"]):
    """Named filters over papers."""

    def in_force(self) -> "PaperQuerySet":
        """Papers with an approved version that has not lapsed."""
        return self.exclude(approved_version=None).exclude(valid_until__lt=timezone.localdate())

    def expiring(self, within: timedelta) -> "PaperQuerySet":
        """Papers in force that lapse within that time."""
        return self.in_force().filter(valid_until__lte=timezone.localdate() + within)

    def lapsed(self) -> "PaperQuerySet":
        """Papers that were approved and whose date is past."""
        return self.exclude(approved_version=None).filter(valid_until__lt=timezone.localdate())

    def offered_to_items(self) -> "PaperQuerySet":
        """Papers that may be used on an item: good, or waiting for their review."""
        lapsed = Q(valid_until__lt=timezone.localdate())
        return self.filter(Q(state=Paper.State.READY) | ~Q(approved_version=None)).exclude(lapsed)

    def with_newest(self) -> "PaperQuerySet":
        """With the owner, for a list."""
        return self.select_related("owner", "source")


class Paper(TenantModel):
    """A document, or an answer in words, that the organization keeps for all its deployments.

    A newer version waits for its review while the approved one stays in force. Partners never read this table: what is
    used on an item stands there as evidence, and that is what a deployment is shared with.
    """

    class Kind(models.TextChoices):
        """What it is made of."""

        DOCUMENT = "document", "Document"
        ANSWER = "answer", "Answer"

    class State(models.TextChoices):
        """What was said of the newest version."""

        NOT_READY = "not_ready", "Not ready"
        READY = "ready", "Ready for review"
        APPROVED = "approved", "Approved"
        FLAGGED = "flagged", "Flagged"
        REVOKED = "revoked", "Revoked"

    MOVES: dict[str, set[str]] = {
        State.NOT_READY: {State.READY, State.REVOKED},
        State.READY: {State.NOT_READY, State.APPROVED, State.FLAGGED, State.REVOKED},
        State.APPROVED: {State.READY, State.NOT_READY, State.FLAGGED, State.REVOKED},
        State.FLAGGED: {State.READY, State.NOT_READY, State.APPROVED, State.REVOKED},
        State.REVOKED: set(),
    }

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.DOCUMENT)
    title = models.CharField(max_length=160)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.READY)
    note = models.CharField(max_length=500, blank=True, help_text="Why it is flagged or revoked")
    shows = models.CharField(max_length=80, blank=True, help_text="The kind of evidence it was first given as")
    controls = ArrayField(models.CharField(max_length=80), default=list, help_text="Keys of the control sets")
    versions_count = models.PositiveSmallIntegerField(default=0)
    approved_version = models.PositiveSmallIntegerField(null=True, help_text="The one in force")
    valid_until = models.DateField(null=True, help_text="Of the version in force, or else of the newest")
    source = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    source_paper_id = models.UUIDField(null=True, help_text="The paper's id at its source")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(PaperQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["not_ready", "ready", "approved", "flagged", "revoked"]), name="paper_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=["document", "answer"]), name="paper_kind"),
            models.CheckConstraint(
                condition=~Q(state="revoked") | Q(approved_version=None), name="paper_revoked_is_not_in_force"
            ),
            models.CheckConstraint(
                condition=Q(approved_version=None) | Q(approved_version__lte=F("versions_count")),
                name="paper_approved_exists",
            ),
            models.UniqueConstraint(
                fields=["organization", "source", "source_paper_id"],
                condition=~Q(source_paper_id=None),
                name="paper_taken_once",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "title", "id"], name="paper_by_title"),
            models.Index(fields=["organization", "valid_until"], name="paper_by_expiry"),
        ]

    @property
    def lapsed(self) -> bool:
        """Whether its date is past."""
        return self.valid_until is not None and self.valid_until < timezone.localdate()

    @property
    def is_in_force(self) -> bool:
        """Whether a version is approved and has not lapsed."""
        return self.approved_version is not None and not self.lapsed

    @property
    def current_number(self) -> int:
        """The version that items use: the one in force, or else the newest."""
        return self.approved_version or self.versions_count

    def version(self, number: int) -> "PaperVersion":
        """Return a version by its number; raise DoesNotExist."""
        found: PaperVersion = PaperVersion.objects.get(paper_id=self.pk, number=number)
        return found

    @classmethod
    @transaction.atomic
    def add(
        cls,
        file: StoredFile,
        *,
        by: Actor,
        title: str = "",
        owner: Any = None,
        answer: dict[str, str] | None = None,
        valid_until: date | None = None,
        mapped: list[str] | None = None,
        shows: str = "",
        ready: bool = True,
    ) -> "Paper":
        """Put a file, or an answer (its question and words), into the vault.

        Raises PaperRefused for a control that no set has. `owner` is a user; without one the person who acts is it.
        """
        paper = cls(
            kind=cls.Kind.ANSWER if answer else cls.Kind.DOCUMENT,
            title=(title or file.name)[:160],
            owner_id=owner.pk if owner else by.person_id,
            state=cls.State.READY if ready else cls.State.NOT_READY,
            shows=shows,
            controls=_known(mapped if mapped is not None else controls.suggested(shows)),
        )
        paper.save(force_insert=True)
        record(audit.PAPER_ADDED, by=by, subject=paper, title=paper.title, sha256=file.sha256)
        paper._keep_version(file, by.person_id, answer, valid_until)
        return paper

    @transaction.atomic
    def renew(
        self,
        file: StoredFile,
        *,
        by: Actor,
        answer: dict[str, str] | None = None,
        valid_until: date | None = None,
        source_version: int | None = None,
    ) -> None:
        """Add a newer version: it waits for its review, and what is in force stays so. The same bytes change nothing."""
        paper = self.locked(self.pk)
        newest = paper.version(paper.versions_count) if paper.versions_count else None
        if newest and (newest.sha256, newest.valid_until) == (file.sha256, valid_until):
            return
        paper._check(self.State.READY)
        paper.state, paper.note = self.State.READY, ""
        paper._keep_version(file, by.person_id, answer, valid_until, source_version)
        record(
            audit.PAPER_RENEWED,
            by=by,
            subject=paper,
            title=paper.title,
            version=paper.versions_count,
            sha256=file.sha256,
        )

    @transaction.atomic
    def make_ready(self, *, by: Actor) -> None:
        """Say that the newest version can be reviewed."""
        self.locked(self.pk)._move(self.State.READY, by, audit.PAPER_READY)

    @transaction.atomic
    def take_back(self, *, by: Actor) -> None:
        """Go on working on the newest version before anybody reviews it; one in force stays so."""
        paper = self.locked(self.pk)
        if paper.state == self.State.APPROVED:
            raise PaperRefused("It is approved: add a new version, or revoke it.")
        paper._move(self.State.NOT_READY, by, audit.PAPER_UNREADY)

    @transaction.atomic
    def approve(self, *, by: Actor) -> None:
        """Bring the newest version into force, everywhere it is used."""
        paper = self.locked(self.pk)
        if paper.state == self.State.APPROVED:
            return
        newest = paper.version(paper.versions_count)
        if newest.valid_until and newest.valid_until < timezone.localdate():
            raise PaperRefused(f"Its date, {newest.valid_until:%-d %b %Y}, is past: add a version that is valid.")
        paper.approved_version, paper.valid_until = newest.number, newest.valid_until
        paper._move(
            self.State.APPROVED, by, audit.PAPER_APPROVED, "approved_version", "valid_until", version=newest.number
        )
        reviewed(paper, by)

    @transaction.atomic
    def flag(self, *, by: Actor, reason: str, whole: bool = False) -> None:
        """Say what is wrong with the newest version. Where that one is in force, it no longer is.

        `whole`: with every version; the one in force ends whichever it is.
        """
        paper = self.locked(self.pk)
        _needs(reason, "Say what is wrong before you flag a paper.")
        if paper.state == self.State.FLAGGED and paper.note == reason[:500]:
            return
        if whole or paper.approved_version == paper.versions_count:
            paper.approved_version = None
        paper._move(self.State.FLAGGED, by, audit.PAPER_FLAGGED, "approved_version", reason=reason)
        reviewed(paper, by)

    @transaction.atomic
    def revoke(self, *, by: Actor, reason: str) -> None:
        """End the paper for good: what rests on it is open again at once."""
        paper = self.locked(self.pk)
        if paper.state == self.State.REVOKED:
            return
        _needs(reason, "Say why before you revoke a paper.")
        paper.approved_version = None
        paper._move(self.State.REVOKED, by, audit.PAPER_REVOKED, "approved_version", reason=reason)
        reviewed(paper, by)

    @transaction.atomic
    def describe(self, *, by: Actor, title: str, owner: Any, mapped: list[str]) -> None:
        """Change title, owner (a user or None) and the controls it answers; raise PaperRefused for an unknown control."""
        paper = self.locked(self.pk)
        wanted = {"title": title, "owner_id": owner.pk if owner else None, "controls": _known(mapped)}
        changed = [name for name, value in wanted.items() if getattr(paper, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(paper, name, wanted[name])
        paper.save(update_fields=[name.removesuffix("_id") for name in changed])
        words = ", ".join(name.removesuffix("_id") for name in changed)
        record(audit.PAPER_DESCRIBED, by=by, subject=paper, title=paper.title, fields=words)

    def opened(self, version: "PaperVersion", *, by: Actor, how: str = "signed in") -> None:
        """Write down that somebody read a version, and how they came to it."""
        record(
            audit.PAPER_OPENED,
            by=by,
            subject=self,
            title=self.title,
            version=version.number,
            sha256=version.sha256,
            how=how,
        )

    def _keep_version(
        self,
        file: StoredFile,
        person_id: Any,
        answer: dict[str, str] | None,
        valid_until: date | None,
        source_version: int | None = None,
    ) -> None:
        self.versions_count += 1
        if self.approved_version is None:
            self.valid_until = valid_until
        self.save(update_fields=["versions_count", "valid_until", "state", "note"])
        PaperVersion(
            paper=self,
            number=self.versions_count,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            scan=file.scan,
            answer=answer or {},
            valid_until=valid_until,
            source_version=source_version,
            by_id=person_id,
        ).save(force_insert=True)

    def _check(self, state: str) -> None:
        if state not in self.MOVES[self.state] and state != self.state:
            raise PaperRefused(
                f"{self.title} is {self.get_state_display().lower()} and cannot become {self.State(state).label.lower()}."
            )

    def _move(self, state: str, by: Actor, action: Action, *fields: str, reason: str = "", **data: Any) -> None:
        if self.state == state and not fields:
            return
        self._check(state)
        self.state, self.note = state, reason
        self.save(update_fields=["state", "note", *fields])
        if reason:
            data["reason"] = reason
        record(action, by=by, subject=self, title=self.title, **data)


class PaperVersion(TenantModel):
    """One state of a paper, kept for good under its SHA-256."""

    append_only = True

    paper: Any = TenantForeignKey(Paper, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12, default="not scanned")
    answer = models.JSONField(default=dict, help_text="question and words, where it is an answer")
    valid_until = models.DateField(null=True)
    source_version = models.PositiveSmallIntegerField(null=True, help_text="Its number at the source")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "paper", "number"], name="paper_version_once")]

    @property
    def file(self) -> StoredFile:
        """What lies in the store."""
        return StoredFile(self.name, self.content_type, self.size, self.sha256, self.scan)


def _known(keys: list[str]) -> list[str]:
    """Return the keys in order, each once; raise PaperRefused for one that no set has."""
    known = controls.every()
    for key in keys:
        if key not in known:
            raise PaperRefused(f"No control set has {key}.")
    return sorted(set(keys))


def _needs(reason: str, message: str) -> None:
    if not reason.strip():
        raise PaperRefused(message)
