"""A course that was uploaded and is not published yet: to be read as its learners will, then published or thrown away."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from types import MappingProxyType

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.courses import audit, shape
from training.courses.media_store import keep_media
from training.courses.thaw import thaw


class CourseDraftQuerySet(TenantQuerySet["CourseDraft"]):
    """Named filters over drafts."""

    def newest_first(self) -> "CourseDraftQuerySet":
        """The latest upload first."""
        return self.order_by("-uploaded_at", "-id")


class CourseDraft(TenantModel):
    """A checked course that waits for a person's word."""

    file_name = models.CharField(max_length=200)
    document = models.JSONField(help_text="As in docs/course-format.md, checked")
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by_id = models.UUIDField(null=True)

    objects = TenantManager.from_queryset(CourseDraftQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "sha256"], name="course_draft_once")]

    def __str__(self) -> str:
        return str(self.document["title"])

    @cached_property
    def content(self) -> shape.Course:
        """The document as frozen dataclasses."""
        return thaw(self.document)

    @classmethod
    @transaction.atomic
    def upload(
        cls, document: shape.Course, *, file_name: str, by: Actor, media: Mapping[str, bytes] = MappingProxyType({})
    ) -> "CourseDraft":
        """Keep a checked course as a draft with its media; the same content again returns the draft there is.

        Raises ValueError for a translation, which belongs to its original, and for media that cannot be kept.
        """
        if document.translation_of:
            raise ValueError(f"{document.title} is a translation ({document.language}): upload the original.")
        keep_media(document, media)
        standing = cls.objects.filter(sha256=document.sha256).first()
        if standing:
            return standing
        draft = cls(file_name=file_name[-200:], document=asdict(document), sha256=document.sha256, uploaded_by_id=by.id)
        draft.save(force_insert=True)
        record(
            audit.COURSE_UPLOADED, by=by, subject=draft, title=document.title, version=document.version, file=file_name
        )
        return draft

    @transaction.atomic
    def discard(self, *, by: Actor) -> None:
        """Throw the draft away; what is published stays."""
        media = [file.sha256 for file in self.content.media]
        record(
            audit.COURSE_DISCARDED, by=by, subject=self, title=self.content.title, version=self.content.version, media=media
        )  # fmt: skip
        self.delete()
