"""The working calendars by which reminders count, with the days on which an organization is closed: another app keeps those."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from tenancy.models import Site
from tenancy.working_days import WorkingCalendar


def of_sites(sites: Iterable[Site]) -> dict[UUID, WorkingCalendar]:
    """Return each site's calendar, in one statement; needs the organization's scope."""
    found: dict[UUID, WorkingCalendar] = import_string(settings.WORKING_CALENDARS_AT)(sites)
    return found


def of_the_organization() -> WorkingCalendar:
    """Return the calendar of what belongs to no site."""
    found: WorkingCalendar = import_string(settings.WORKING_CALENDAR_AT)()
    return found
