"""Days on which the organization is closed beyond public holidays, and its working calendar."""

from typing import Any

from django.db import models

from onboarding.deployments.calendar import WorkingCalendar
from tenancy.fields import TenantForeignKey
from tenancy.models import Organization, Partners, Site, TenantModel
from tenancy.scope import current


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


def working_calendar(site: Site | None = None) -> WorkingCalendar:
    """Return the working calendar of a site, or of the organization in scope."""
    closed = ClosedDay.objects.filter(models.Q(site=None) | models.Q(site=site)).values_list("day", flat=True)
    if site:
        return WorkingCalendar(site.country, site.region, closed)
    country = Organization.objects.values_list("country", flat=True).get(pk=current().organization_id)
    return WorkingCalendar(country, "", closed)
