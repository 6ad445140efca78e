"""A course and its published versions: an organization's own copy, immutable and hashed."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.courses import audit, shape
from training.courses.marks import FINAL, marks
from training.courses.media_store import keep_media
from training.courses.shape import CHANGES
from training.courses.thaw import thaw


class CourseQuerySet(TenantQuerySet["Course"]):
    """Named filters over courses."""

    def by_title(self) -> "CourseQuerySet":
        """As a library shows them."""
        return self.order_by("title", "key")


class Course(TenantModel):
    """A line of versions under one key."""

    key = models.CharField(max_length=80)
    title = models.CharField(max_length=160)

    objects = TenantManager.from_queryset(CourseQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="course_key_once")]

    @property
    def current(self) -> "CourseVersion":
        """The version that is to be passed now; a course has one from its first moment on."""
        return CourseVersion.objects.filter(course=self).newest_first()[0]


class CourseVersionQuerySet(TenantQuerySet["CourseVersion"]):
    """Named filters over versions."""

    def newest_first(self) -> "CourseVersionQuerySet":
        """By the order in which they were published."""
        return self.order_by("-published_at", "-id")

    def current(self) -> "CourseVersionQuerySet":
        """The newest version of each course."""
        return self.order_by("course_id", "-published_at", "-id").distinct("course_id")


class CourseVersion(TenantModel):
    """One version of a course: the whole document, its hash, and the mark of each lesson (see `training.courses.marks`)."""

    course: Any = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    change = models.CharField(max_length=8, help_text="major, material or minor: what it asks of those who passed")
    document = models.JSONField(help_text="As in docs/course-format.md")
    sha256 = models.CharField(max_length=64, help_text="Of the canonical JSON of the document")
    marks = models.JSONField(help_text="Lesson key to the version in which it last had to be learned anew")
    source = models.CharField(max_length=120, help_text="Where the copy came from: library or organization")
    published_at = models.DateTimeField(default=timezone.now)
    published_by_id = models.UUIDField(null=True)

    objects = TenantManager.from_queryset(CourseVersionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "course", "version"], name="course_version_once"),
            models.CheckConstraint(condition=Q(change__in=CHANGES), name="course_version_change"),
        ]

    def __str__(self) -> str:
        return f"{self.document['title']} {self.version}"

    @cached_property
    def content(self) -> shape.Course:
        """The document as frozen dataclasses."""
        return thaw(self.document)

    @property
    def content_keys(self) -> list[str]:
        """What is to be passed, in the order of the course: lesson keys, and `final` where there is a final test."""
        lessons = [key for module in self.content.modules for key in module.lessons]
        return [*lessons, FINAL] if FINAL in self.marks else lessons

    @property
    def title(self) -> str:
        """The title as learners read it."""
        return str(self.document["title"])

    @classmethod
    @transaction.atomic
    def adopt(cls, document: shape.Course, *, by: Actor, source: str) -> "CourseVersion":
        """Take an own, published copy of a checked document; the same content again changes nothing.

        Where versions were passed over, it asks of people what all of them together ask (`shape.Course.change_since`).
        Raises ValueError for a translation, where another content already stands under this key and version, and where
        a picture or video is neither in the organization's store nor shipped.
        """
        if document.translation_of:
            raise ValueError(f"{document.title} is a translation ({document.language}): adopt the original.")
        course = Course.objects.filter(key=document.key).first()
        if course is None:
            course = Course(key=document.key, title=document.title)
            course.save(force_insert=True)
        course = Course.locked(course.pk)
        standing = cls.objects.filter(course=course, version=document.version).first()
        if standing:
            if standing.sha256 != document.sha256:
                raise ValueError(
                    f"{document.title} {document.version} is published with other content: give it a new version."
                )
            return standing
        keep_media(document, {})
        before = cls.objects.filter(course=course).newest_first().first()
        change = document.change_since(before.version) if before else document.change
        version = cls(
            course=course,
            version=document.version,
            change=change,
            document=asdict(document),
            sha256=document.sha256,
            marks=marks(
                replace(document, change=change), before.content if before else None, before.marks if before else {}
            ),
            source=source,
            published_by_id=by.id,
        )
        version.save(force_insert=True)
        if course.title != document.title:
            course.title = document.title
            course.save(update_fields=["title"])
        record(
            audit.COURSE_ADOPTED,
            by=by,
            subject=version,
            title=document.title,
            version=document.version,
            change=change,
            sha256=document.sha256,
        )
        return version

    def satisfied_by(self, passed: Mapping[str, str]) -> bool:
        """Whether marks that were passed (of an older version, say) are all that this version asks for."""
        return all(passed.get(key) == mark for key, mark in self.marks.items())
