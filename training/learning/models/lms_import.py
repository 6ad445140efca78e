"""Completions of a hospital's own learning system: a file that waits for its mapping, and what was taken from where."""

import hashlib
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.completion import Completion


class WrongMoment(ValueError):
    """The import is taken or discarded already."""


class LmsImport(TenantModel):
    """A file as it came, the mapping that was chosen for it, and what came of it."""

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Draft"
        TAKEN = "taken", "Taken"
        DISCARDED = "discarded", "Discarded"

    MOVES: dict[str, set[str]] = {
        State.DRAFT: {State.TAKEN, State.DISCARDED},
        State.TAKEN: set(),
        State.DISCARDED: set(),
    }

    source = models.CharField(max_length=80, help_text="The learning system, as people call it")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    text = models.TextField(help_text="The file's rows as they came")
    columns = models.JSONField(default=dict, help_text="What each of our fields is called there")
    courses = models.JSONField(default=dict, help_text="Their course to the key of ours")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    counts = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    made_by_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "taken", "discarded"]), name="lms_import_state")
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.file_name}"

    @classmethod
    @transaction.atomic
    def begin(cls, content: str, *, source: str, file_name: str, columns: dict[str, str], by: Actor) -> "LmsImport":
        """Keep a file for mapping; the courses that were mapped for this source before are mapped again."""
        before = cls.objects.filter(source=source, state=cls.State.TAKEN).order_by("-made_at").first()
        row = cls(
            source=source[:80],
            file_name=file_name[-200:],
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            text=content,
            columns=columns,
            courses=before.courses if before else {},
            made_by_id=by.id,
        )
        row.save(force_insert=True)
        record(audit.LMS_IMPORT_BEGUN, by=by, subject=row, source=source, file=row.file_name)
        return row

    @transaction.atomic
    def map(self, *, columns: dict[str, str], courses: dict[str, str], by: Actor) -> None:
        """Say what their columns and courses are here; nothing is taken yet."""
        row = self._movable(self.State.DRAFT)
        if (row.columns, row.courses) == (columns, courses):
            return
        row.columns, row.courses = self.columns, self.courses = columns, courses
        row.save(update_fields=["columns", "courses"])
        record(audit.LMS_IMPORT_MAPPED, by=by, subject=row, source=row.source, courses=len(courses))

    @transaction.atomic
    def close(self, state: str, *, counts: dict[str, int], by: Actor) -> None:
        """Mark it taken or discarded; raise WrongMoment where it is closed already."""
        row = self._movable(state)
        row.state, row.counts = self.state, self.counts = state, counts
        row.save(update_fields=["state", "counts"])
        what = audit.LMS_IMPORT_TAKEN if state == self.State.TAKEN else audit.LMS_IMPORT_DISCARDED
        record(what, by=by, subject=row, source=row.source, taken=counts.get("new", 0))

    def _movable(self, state: str) -> "LmsImport":
        row: LmsImport = self.locked(self.pk)
        if row.state != self.State.DRAFT or (state != row.state and state not in self.MOVES[row.state]):
            raise WrongMoment(f"This import was {row.get_state_display().lower()} already.")
        return row


class ExternalRecord(TenantModel):
    """Where a completion that was learned elsewhere comes from: system, its own id, and the row as it was."""

    append_only = True
    part_of = "completion"

    completion: Any = TenantForeignKey(Completion, on_delete=models.PROTECT, related_name="external")
    lms_import: Any = TenantForeignKey(LmsImport, on_delete=models.PROTECT, null=True, related_name="records")
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=160)
    completed_on = models.DateField()
    row = models.JSONField(help_text="What the system said, word for word")
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "external_id", "completed_on"], name="external_record_once"
            )
        ]

    @classmethod
    def write(
        cls,
        completion: Completion,
        *,
        source: str,
        external_id: str,
        completed_on: date,
        row: dict[str, Any],
        lms_import: LmsImport | None,
    ) -> "ExternalRecord":
        """Keep the provenance of a completion; the completion's own event is the record of it."""
        made = cls(
            completion=completion, lms_import=lms_import, source=source, external_id=external_id,
            completed_on=completed_on, row=row,
        )  # fmt: skip
        made.save(force_insert=True)
        return made
