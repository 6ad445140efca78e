"""The clinic's clock: every time of a cut-over is told by it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from onboarding.deployments.models import Deployment


def zone_of(deployment: Deployment) -> ZoneInfo:
    """Return the clinic's time zone."""
    return ZoneInfo(deployment.site.time_zone or "UTC")


def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write the time of day there; a dash where there is none."""
    return timezone.localtime(moment, zone).strftime("%H:%M") if moment else "–"
