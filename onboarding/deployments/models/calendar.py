"""Days on which the organization is closed beyond public holidays, and its working calendar."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import Organization, Partners, Site, TenantModel
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar


class ClosedDay(TenantModel):
    """A holiday of the organization's own, or a blackout date, for all sites or one."""

    partners = Partners.OPEN

    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    day = models.DateField()
    title = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "site", "day"], name="closed_day_once", nulls_distinct=False
            ),
        ]

    @classmethod
    @transaction.atomic
    def add(cls, *, day: date, title: str, by: Actor, site: Site | None = None) -> "ClosedDay":
        """Close a day for all sites, or for one; the same day again changes nothing. Standing due dates stay."""
        standing: ClosedDay | None = cls.objects.filter(day=day, site=site).first()
        if standing:
            return standing
        closed = cls(day=day, title=title, site=site)
        closed.save(force_insert=True)
        record(audit.DAY_CLOSED, by=by, subject=closed, day=day.isoformat(), title=title)
        return closed

    @transaction.atomic
    def remove(self, *, by: Actor) -> None:
        """Take the closed day back."""
        record(audit.DAY_OPENED, by=by, subject=self, day=self.day.isoformat(), title=self.title)
        self.delete()


def working_calendar(site: Site | None = None) -> WorkingCalendar:
    """Return the working calendar of a site, or of the organization in scope."""
    closed = ClosedDay.objects.filter(models.Q(site=None) | models.Q(site=site)).values_list("day", flat=True)
    if site:
        return WorkingCalendar(site.country, site.region, closed)
    country = Organization.objects.values_list("country", flat=True).get(pk=current().organization_id)
    return WorkingCalendar(country, "", closed)


def working_calendars(sites: Iterable[Site]) -> dict[UUID, WorkingCalendar]:
    """Return each site's calendar, in one query; sites closed on the same days share one, and what it has looked up."""
    found = {site.pk: site for site in sites}
    closed = list(
        ClosedDay.objects.filter(models.Q(site=None) | models.Q(site__in=found)).values_list("site_id", "day")
    )
    made: dict[tuple[str, str, frozenset[date]], WorkingCalendar] = {}
    calendars = {}
    for pk, site in found.items():
        key = (site.country, site.region, frozenset(day for at, day in closed if at in (None, pk)))
        if key not in made:
            made[key] = WorkingCalendar(*key)
        calendars[pk] = made[key]
    return calendars
