"""A learner's signature under the text of the course, as it stood at their site."""

import hashlib
import json
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.courses.models import CourseVersion
from training.learning import audit
from training.learning.models.assignment import Assignment


class NotSigned(ValueError):
    """The signature cannot be taken; the message says what would change it."""


class Attestation(TenantModel):
    """Text, typed name, time, address and device, and a hash over all of it."""

    append_only = True
    part_of = "assignment"

    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="attestations")
    version: Any = TenantForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="+")
    cycle = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="As it was on screen, the site's values in place")
    wording = models.CharField(max_length=64, help_text="SHA-256 of the course's wording, before the site's values")
    typed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "assignment", "cycle", "wording"], name="attestation_once_per_round"
            )
        ]

    @classmethod
    @transaction.atomic
    def sign(
        cls, assignment: Assignment, *, typed_name: str, text: str, address: str | None, device: str, by: Actor
    ) -> "Attestation":
        """Sign, once per round and wording; raise NotSigned for another name than the learner's own."""
        assignment.demand_own(by)
        assignment = Assignment.locked(assignment.pk)
        wanted = assignment.version.content.attestation
        if wanted is None:
            raise NotSigned(_("This course has nothing to sign."))
        standing = cls.of(assignment)
        if standing:
            return standing
        name = " ".join(typed_name.split())
        own = " ".join(str(assignment.user).split())
        if name.casefold() != own.casefold():
            raise NotSigned(_("Type your name as it stands in your account: %(name)s.") % {"name": own})
        now = timezone.now()
        row = cls(
            assignment=assignment,
            version=assignment.version,
            cycle=assignment.cycle,
            title=wanted.title,
            text=text,
            wording=wording(wanted.text),
            typed_name=name,
            signed_at=now,
            address=address,
            device=device[:300],
        )
        row.sha256 = row.digest()
        row.save(force_insert=True)
        record(
            audit.ATTESTED, by=by, subject=row, deployment_id=assignment.deployment_id, course=assignment.course.title
        )
        return row

    @classmethod
    def of(cls, assignment: Assignment) -> "Attestation | None":
        """Return the signature of the assignment's present round under the present wording."""
        wanted = assignment.version.content.attestation
        if wanted is None:
            return None
        return cls.objects.filter(assignment=assignment, cycle=assignment.cycle, wording=wording(wanted.text)).first()

    def digest(self) -> str:
        """Return the SHA-256 over what was signed, by whom and when."""
        parts = {
            "assignment": str(self.assignment_id),
            "course_sha256": self.version.sha256,
            "title": self.title,
            "text": self.text,
            "typed_name": self.typed_name,
            "signed_at": self.signed_at.isoformat(),
            "address": self.address,
            "device": self.device,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def wording(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
