"""Dates of learning: the organization's own today, and months that end where the month ends."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from tenancy.models import Organization
from tenancy.scope import current


def organization_today(moment: datetime | None = None) -> date:
    """Return the date in the organization's own zone: due dates and expiries do not depend on who looks."""
    organization = Organization.objects.get(pk=current().organization_id)
    return timezone.localtime(moment or timezone.now(), ZoneInfo(organization.time_zone or "UTC")).date()


def months_later(start: date, months: int) -> date:
    """Return the same day so many months on; 31 January and one month give the last of February."""
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))
