"""Somebody who works at a site in a job role and therefore has to learn."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from training.learning import audit
from training.learning.roles import CHOICES, TITLES


class LearnerQuerySet(TenantQuerySet["LearnerProfile"]):
    """Named filters over learners."""

    def active_on(self, day: date) -> "LearnerQuerySet":
        """Who has started and has not left: the denominator of coverage."""
        return self.filter(started_on__lte=day).filter(Q(left_on=None) | Q(left_on__gt=day))

    def not_left(self, day: date) -> "LearnerQuerySet":
        """Who is there or is to come: rules reach joiners before their first day."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=day)).for_page()

    def for_page(self) -> "LearnerQuerySet":
        """With person and site, by name."""
        return self.select_related("user", "site").order_by("user__name", "user__email", "id")


class LearnerProfile(TenantModel):
    """A person, a job role, a site, from a day to a day. A change of role is an end and a beginning."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    job_role = models.CharField(max_length=24, choices=CHOICES)
    site: Any = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    started_on = models.DateField()
    left_on = models.DateField(null=True)

    objects = TenantManager.from_queryset(LearnerQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "job_role", "site"],
                condition=Q(left_on=None),
                name="learner_once_active",
            ),
            models.CheckConstraint(condition=Q(job_role__in=list(TITLES)), name="learner_job_role"),
        ]

    @property
    def role_title(self) -> str:
        """The job role on screen."""
        return gettext(TITLES[self.job_role])

    @classmethod
    @transaction.atomic
    def enroll(cls, user: User, *, job_role: str, site: Site, started_on: date, by: Actor) -> "LearnerProfile":
        """Enroll a person, or return the profile that stands.

        Raises ValueError for an unknown job role. The rules that touch the learner are applied by
        `training.learning.actions.enroll`.
        """
        if job_role not in TITLES:
            raise ValueError(f"{job_role!r} is no job role: one of {', '.join(TITLES)}.")
        standing = cls.objects.filter(user=user, job_role=job_role, site=site, left_on=None).first()
        if standing:
            return standing
        learner = cls(user=user, job_role=job_role, site=site, started_on=started_on)
        learner.save(force_insert=True)
        record(audit.LEARNER_ENROLLED, by=by, subject=learner, job_role=job_role, site=str(site.pk), user=str(user.pk))
        return learner

    @transaction.atomic
    def leave(self, on: date, *, by: Actor) -> bool:
        """End the profile on that day; return whether anything changed. Raises ValueError for a day before the start."""
        learner = self.locked(self.pk)
        if learner.left_on == on:
            return False
        if on < learner.started_on:
            raise ValueError(f"The learner started on {learner.started_on:%-d %b %Y}, so cannot leave before that.")
        learner.left_on = self.left_on = on
        learner.save(update_fields=["left_on"])
        record(audit.LEARNER_LEFT, by=by, subject=learner, job_role=learner.job_role, left_on=on.isoformat())
        return True
