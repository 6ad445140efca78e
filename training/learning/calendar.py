"""Dates of learning: the organization's own today, and months that end where the month ends."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from tenancy.models import Organization, Site
from tenancy.scope import current


def day_at(organization: Organization, moment: datetime) -> date:
    """Return the date of a moment in an organization's zone: what certificates and transcripts are dated by."""
    return timezone.localtime(moment, ZoneInfo(organization.time_zone or "UTC")).date()


def organization_zone() -> ZoneInfo:
    """Return the zone of the organization in scope: one statement, so ask once for a list."""
    return ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(pk=current().organization_id) or "UTC")


def organization_today(moment: datetime | None = None) -> date:
    """Return the date in the organization's own zone: due dates and expiries do not depend on who looks."""
    return timezone.localtime(moment or timezone.now(), organization_zone()).date()


def months_later(start: date, months: int) -> date:
    """Return the same day so many months on; 31 January and one month give the last of February."""
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def zone_at(site: Site | None) -> ZoneInfo:
    """Return the zone of a site, else that of the organization in scope."""
    return ZoneInfo(site.time_zone) if site and site.time_zone else organization_zone()
