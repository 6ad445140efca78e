"""The template of an onboarding: immutable once published, with stable item keys."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.playbooks import audit
from onboarding.playbooks.document import PlaybookDocument, as_data
from onboarding.playbooks.library import LIBRARY, beside_own
from onboarding.playbooks.plain import Plain, written_from
from onboarding.playbooks.shape import GO_LIVE
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, Partners, TenantModel


class Playbook(TenantModel):
    """A line of versions under one key."""

    partners = Partners.OPEN

    key = models.CharField(max_length=80)
    title = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="playbook_key_once")]

    @classmethod
    def of(cls, document: PlaybookDocument) -> "Playbook":
        """Return the line that the document belongs to, made if it is new."""
        standing: Playbook | None = cls.objects.filter(key=document.key).first()
        if standing:
            return standing
        playbook = cls(key=document.key, title=document.title)
        playbook.save(force_insert=True)
        return playbook


class PlaybookVersionQuerySet(TenantQuerySet["PlaybookVersion"]):
    """Named filters over versions."""

    def published(self) -> "PlaybookVersionQuerySet":
        """Versions that a program may use, newest first."""
        return self.exclude(published_at=None).order_by("-published_at")


class PlaybookVersion(TenantModel):
    """One version: stages, gates, scorecard and runbook as data, items as rows."""

    partners = Partners.OPEN

    playbook: Any = TenantForeignKey(Playbook, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    content = models.JSONField(help_text="Everything but the items, as in docs/playbook-format.md")
    sha256 = models.CharField(max_length=64, help_text="Of the canonical JSON of the whole document, items included")
    source = models.CharField(
        max_length=120, blank=True, help_text="Where the version came from: library or organization"
    )
    parent: Any = TenantForeignKey(
        "playbooks.PlaybookVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The version it was made from: the one before, or one of the playbook it inherits from",
    )
    onto: Any = TenantForeignKey(
        "playbooks.PlaybookVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The newer version of the playbook above that it was brought onto",
    )
    giver = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The organization whose version this is a copy of",
    )
    giver_version_id = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.UUIDField(null=True)

    objects = TenantManager.from_queryset(PlaybookVersionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "playbook", "version"], name="playbook_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.playbook.title} {self.version}"

    @property
    def stages(self) -> list[dict[str, Any]]:
        """The stages in order: number, key, title, purpose, gate."""
        return list(self.content["stages"])

    @property
    def gates(self) -> list[dict[str, Any]]:
        """The gates in order: key, title, stage, kind, criteria, panel, quorum, meaning."""
        return list(self.content["gates"])

    @property
    def roles(self) -> list[dict[str, Any]]:
        """The owner roles of a team: code, key, title, side, description."""
        return list(self.content["roles"])

    @classmethod
    @transaction.atomic
    def adopt(
        cls,
        document: PlaybookDocument,
        *,
        by: Actor,
        source: str,
        giver: Organization | None = None,
        giver_version_id: UUID | None = None,
    ) -> "PlaybookVersion":
        """Take an own, published copy of a checked document; the same content again changes nothing.

        Where the organization has given the number to content of its own, a version of the library is kept as
        "1.1-library", one of another organization (`giver`) under its name. Raises ValueError where another content
        already stands under this key and version.
        """
        playbook = Playbook.of(document)
        beside = giver.slug if giver else LIBRARY if source == LIBRARY else ""
        for wanted in (document, beside_own(document, beside)) if beside else (document,):
            standing = cls.objects.filter(playbook=playbook, version=wanted.version).first()
            document = wanted
            if standing is None or standing.sha256 == wanted.sha256:
                break
        if standing and standing.sha256 != document.sha256:
            raise ValueError(
                f"{document.title} {document.version} is published with other content: give it a new version."
            )
        if standing:
            return standing
        return cls._keep(
            document,
            playbook,
            audit.PLAYBOOK_ADOPTED,
            by=by,
            source=source,
            giver=giver,
            giver_version_id=giver_version_id,
        )

    @classmethod
    @transaction.atomic
    def publish(
        cls,
        document: PlaybookDocument,
        *,
        by: Actor,
        source: str,
        parent: "PlaybookVersion | None",
        onto: "PlaybookVersion | None" = None,
    ) -> "PlaybookVersion":
        """Keep a checked document as a version of its playbook for good; `parent`: the version it was made from.

        `onto`: the newer version of the playbook above that it was brought onto.

        Raises IntegrityError where the number is taken: `PlaybookDraft.publish` asks before.
        """
        playbook = Playbook.of(document)
        return cls._keep(document, playbook, audit.PLAYBOOK_PUBLISHED, by=by, source=source, parent=parent, onto=onto)

    @classmethod
    def _keep(
        cls,
        document: PlaybookDocument,
        playbook: Playbook,
        action: Action,
        *,
        by: Actor,
        **origin: Any,
    ) -> "PlaybookVersion":
        content = as_data(document)
        items = content.pop("items")
        version = cls(
            playbook=playbook,
            version=document.version,
            content=content,
            sha256=document.sha256,
            published_at=timezone.now(),
            published_by_id=by.id,
            **origin,
        )
        version.save(force_insert=True)
        PlaybookItem.objects.bulk_create(PlaybookItem.from_data(version, item) for item in items)
        record(action, by=by, subject=version, title=document.title, version=document.version, sha256=document.sha256)
        return version

    def plain(self) -> Plain:
        """Return the version as one mapping in the file format."""
        names = [field.attname for field in PlaybookItem._meta.local_fields]
        items = PlaybookItem.objects.filter(version=self).order_by("stage", "number").values(*names)
        left_out = ("id", "organization_id", "version_id")
        rows = [{name: value for name, value in item.items() if name not in left_out} for item in items]
        return written_from(self.content, rows)


class PlaybookItem(TenantModel):
    """A piece of work in a version. `key` is the same at every site and in every version."""

    partners = Partners.OPEN

    class GateClass(models.TextChoices):
        """What an open item does to its gate."""

        BLOCKS = "blocks", "Blocks"
        CONDITIONAL = "conditional", "Conditional"
        INFORMS = "informs", "Informs"

    version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80)
    stage = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    guidance = models.TextField()
    owner = models.CharField(max_length=4)
    also = ArrayField(models.CharField(max_length=4), default=list)
    effort_hours = models.FloatField()
    evidence = models.JSONField(default=list)
    depends_on = models.JSONField(default=list)
    anchor = models.CharField(max_length=16)
    offset_days = models.SmallIntegerField()
    offset_from = models.CharField(
        max_length=80, default=GO_LIVE, help_text="go_live, kick_off, or the key of an item whose last day counts"
    )
    until_days = models.SmallIntegerField(null=True)
    gate_class = models.CharField(max_length=12, choices=GateClass.choices)
    gate = models.CharField(max_length=4, blank=True)
    completed_by_gate = models.BooleanField(default=False)
    condition = models.JSONField(null=True)
    light = models.BooleanField(default=False)
    core = models.BooleanField(default=False)
    domain = models.CharField(max_length=24, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list)
    epis = models.CharField(max_length=16, blank=True)
    stage_metric = models.PositiveSmallIntegerField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "version", "key"], name="playbook_item_key_once"),
            models.UniqueConstraint(fields=["organization", "version", "number"], name="playbook_item_number_once"),
            models.CheckConstraint(
                condition=Q(gate_class__in=["blocks", "conditional", "informs"]), name="playbook_item_gate_class"
            ),
        ]

    @classmethod
    def from_data(cls, version: PlaybookVersion, item: Plain) -> "PlaybookItem":
        """Return the unsaved row of an item as `as_data` gives it."""
        return cls(version=version, **{name: value for name, value in item.items() if name in _WRITTEN})


_WRITTEN = frozenset(field.attname for field in PlaybookItem._meta.local_fields) - {
    "id",
    "organization_id",
    "version_id",
}
"""What a document says of an item."""
