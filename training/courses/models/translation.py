"""A version of a course in another language, and what a learner of that language reads."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import get_language

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.courses import audit, shape
from training.courses.media_store import keep_media
from training.courses.models.course import CourseVersion
from training.courses.problems import CourseProblemsError
from training.courses.thaw import thaw
from training.courses.translation import difference, problems_of


class CourseTranslation(TenantModel):
    """The words of one version in one language; the newest one taken counts."""

    part_of = "version"

    version: Any = TenantForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=20)
    document = models.JSONField(help_text="As in docs/course-format.md, checked against the version")
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "version", "language"], name="course_translation_once")
        ]

    @cached_property
    def content(self) -> shape.Course:
        """The translated course."""
        return thaw(self.document)

    @classmethod
    @transaction.atomic
    def take(
        cls, document: shape.Course, *, by: Actor, media: Mapping[str, bytes] = MappingProxyType({})
    ) -> "CourseTranslation":
        """Take a translation of one of the organization's versions, or put it in the place of the one before.

        Raises CourseProblemsError where it was made from a text that is not here, or differs in more than words.
        """
        version = CourseVersion.objects.filter(course__key=document.key, sha256=document.translation_of).first()
        if version is None:
            raise CourseProblemsError(
                [f"course.yaml: {document.key}: translation_of: is the SHA-256 of no version of this course here"]
            )
        if problems := problems_of(version.content, document):
            raise CourseProblemsError(problems)
        keep_media(document, media)
        version = CourseVersion.locked(version.pk)
        row: CourseTranslation | None = cls.objects.filter(version=version, language=document.language).first()
        if row and row.sha256 == document.sha256:
            return row
        before = [file.sha256 for file in row.content.media] if row else []
        row = row or cls(version=version, language=document.language)
        row.document, row.sha256, row.taken_at = asdict(document), document.sha256, timezone.now()
        row.save()
        record(
            audit.TRANSLATION_TAKEN,
            by=by,
            subject=row,
            title=version.title,
            version=version.version,
            language=document.language,
            media=before,
        )
        return row


@dataclass(frozen=True, slots=True)
class Spoken:
    """A course as a learner reads it; `made_for` names the older version where a translation was not renewed."""

    content: shape.Course
    made_for: str = ""


def spoken(version: CourseVersion) -> Spoken:
    """Return the version in the language that is spoken now, else in its own.

    A translation of an older version is still good where only minor changes followed and the course is built the same.
    """
    language = (get_language() or "en").split("-")[0]
    if version.content.language.split("-")[0] == language:
        return Spoken(version.content)
    for older in good_for(version):
        for row in CourseTranslation.objects.filter(version=older):
            if row.language.split("-")[0] == language and not difference(version.content, row.content):
                return Spoken(row.content, made_for="" if older.pk == version.pk else older.version)
    return Spoken(version.content)


def good_for(version: CourseVersion) -> Iterable[CourseVersion]:
    """Return the version, then those before it from which only minor changes lead to it."""
    line = CourseVersion.objects.filter(course_id=version.course_id, published_at__lte=version.published_at)
    for one in line.newest_first().defer("document"):
        yield one
        if one.change != "minor":
            return


def translations_of(version: CourseVersion) -> list[dict[str, Any]]:
    """Return every language of the course with what learners of the version get: current, stale or nothing."""
    good = {one.pk: one for one in good_for(version)}
    rows = CourseTranslation.objects.filter(version__course_id=version.course_id).select_related("version")
    found: dict[str, dict[str, Any]] = {}
    for row in rows.order_by("version__published_at", "version_id"):
        fits = row.version_id in good and not difference(version.content, row.content)
        state = "current" if row.version_id == version.pk else "stale" if fits else "fallback"
        found[row.language] = {"language": row.language, "made_for": row.version.version, "state": state, "at": row.taken_at}  # fmt: skip
    return list(found.values())
