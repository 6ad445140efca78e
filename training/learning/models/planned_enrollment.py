"""Somebody who was invited and will learn as soon as they join."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from training.learning import audit
from training.learning.roles import CHOICES, TITLES


class PlannedEnrollmentQuerySet(TenantQuerySet["PlannedEnrollment"]):
    """Named filters over planned enrollments."""

    def waiting(self) -> "PlannedEnrollmentQuerySet":
        """Of people who have not joined yet."""
        return self.filter(done_at=None).select_related("site").order_by("email", "job_role")


class PlannedEnrollment(TenantModel):
    """An address with a job role and a site; it counts for nothing until the person is a member."""

    email = models.EmailField(max_length=254)
    job_role = models.CharField(max_length=24, choices=CHOICES)
    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    started_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(PlannedEnrollmentQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email", "job_role", "site"],
                condition=Q(done_at=None),
                name="planned_enrollment_once",
            ),
            models.CheckConstraint(condition=Q(job_role__in=list(TITLES)), name="planned_enrollment_job_role"),
        ]

    @classmethod
    @transaction.atomic
    def plan(cls, email: str, *, job_role: str, site: Site, started_on: date, by: Actor) -> "PlannedEnrollment":
        """Keep it until the person joins, or return the one that is kept."""
        address = email.strip().lower()
        standing = cls.objects.waiting().filter(email=address, job_role=job_role, site=site).first()
        if standing:
            return standing
        row = cls(email=address, job_role=job_role, site=site, started_on=started_on)
        row.save(force_insert=True)
        record(audit.ENROLLMENT_PLANNED, by=by, subject=row, job_role=job_role, site=str(site.pk))
        return row

    @transaction.atomic
    def done(self) -> None:
        """The person joined and is enrolled; the learner's own event is the record of it."""
        row = self.locked(self.pk)
        if row.done_at is None:
            row.done_at = timezone.now()
            row.save(update_fields=["done_at"])
