"""Work that comes round again: daily or weekly during hypercare, monthly or by the quarter after."""

import calendar as months
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.logbook import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from tenancy.working_days import WorkingCalendar

HYPERCARE_DAYS = 30
USUAL = [
    ("Hypercare huddle: open issues, help requests, workarounds", "IM", "daily", ""),
    ("Integration reconciled: sent equals received", "INT", "weekly", "monthly"),
    ("Adoption figures looked at with the champion", "CHM", "weekly", "monthly"),
    ("Drift check: training, access and papers still valid", "IM", "", "quarterly"),
]
"""Routines that most sites want: title, team role, during hypercare, after it."""


class RoutineRefused(ValueError):
    """A routine cannot be begun so; the message says what would change it."""


class Routine(TenantModel):
    """A routine of one deployment. Its items appear a week ahead (a month for monthly ones) once the site is live."""

    class During(models.TextChoices):
        """How often in hypercare."""

        NEVER = "", "Not during hypercare"
        DAILY = "daily", "Every working day"
        WEEKLY = "weekly", "Every week"

    class After(models.TextChoices):
        """How often afterwards."""

        NEVER = "", "Not after hypercare"
        MONTHLY = "monthly", "Every month"
        QUARTERLY = "quarterly", "Every three months"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    owner = models.CharField(max_length=4, help_text="Team role that does it")
    during = models.CharField(max_length=6, choices=During.choices, blank=True)
    after = models.CharField(max_length=9, choices=After.choices, blank=True)
    hypercare_days = models.PositiveSmallIntegerField(default=HYPERCARE_DAYS, help_text="Calendar days from go-live")
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(during="", after=""), name="routine_comes_round"),
            models.UniqueConstraint(
                fields=["organization", "deployment", "title"], condition=Q(ended_at=None), name="routine_title_once"
            ),
        ]

    @classmethod
    @transaction.atomic
    def begin(
        cls,
        deployment: Deployment,
        *,
        title: str,
        owner: str,
        by: Actor,
        during: str = "",
        after: str = "",
        hypercare_days: int = HYPERCARE_DAYS,
    ) -> "Routine":
        """Begin a routine; one of the same title that runs is returned as it is."""
        if not title.strip():
            raise RoutineRefused("Say what is done.")
        if not (during or after):
            raise RoutineRefused("Choose how often it comes round, in hypercare or after it.")
        if not TeamRole.objects.filter(deployment=deployment, code=owner).exists():
            raise RoutineRefused(f"The team has no role {owner}: choose one from the list.")
        standing: Routine | None = cls.objects.filter(deployment=deployment, title=title.strip(), ended_at=None).first()
        if standing:
            return standing
        routine = cls(
            deployment=deployment,
            title=title.strip(),
            owner=owner,
            during=during,
            after=after,
            hypercare_days=hypercare_days,
        )
        routine.save(force_insert=True)
        record(audit.ROUTINE_STARTED, by=by, subject=routine)
        return routine

    @transaction.atomic
    def end(self, *, by: Actor) -> None:
        """Let it come round no more; items that are there stay."""
        routine = self.locked(self.pk)
        if routine.ended_at:
            return
        routine.ended_at = timezone.now()
        routine.save(update_fields=["ended_at"])
        record(audit.ROUTINE_ENDED, by=by, subject=routine)

    def occurrences(self, live: date, until: date, calendar: WorkingCalendar) -> Iterator[date]:
        """Yield the due dates from go-live to a day, in order, each on a working day and none twice."""
        last = None
        for day in self._days(live, until):
            due = calendar.on_or_before(day)
            if due > live and due != last and due <= until:
                last = due
                yield due

    def in_hypercare(self, day: date, live: date) -> bool:
        """Whether a day lies in hypercare."""
        return day <= live + timedelta(days=self.hypercare_days)

    def _days(self, live: date, until: date) -> Iterator[date]:
        ends = live + timedelta(days=self.hypercare_days)
        step = {"daily": 1, "weekly": 7}.get(self.during)
        if step:
            day = live + timedelta(days=step)
            while day <= min(ends, until):
                yield day
                day += timedelta(days=step)
        every = {"monthly": 1, "quarterly": 3}.get(self.after)
        number = 0
        while every:
            number += every
            day = months_later(live, number)
            if day > until:
                return
            if day > ends:
                yield day


def months_later(day: date, number: int) -> date:
    """Return the same day so many months later, or the last of a shorter month."""
    index = day.month - 1 + number
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))
