"""How the pages of windows are looked at."""

from typing import Any

from onboarding.windows.models import Series
from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture


def cohort(demo: Any) -> Series:
    """A cohort with a report that was handed in and one that is open."""
    return Series.objects.filter(chain="access-bh").order_by("pk")[0]


def meeting(demo: Any) -> dict[str, Any]:
    """Its window that is open."""
    return cohort(demo).windows.filter(state="planned").order_by("opens_on")[0]


def reported(demo: Any) -> dict[str, Any]:
    """Its window whose report was handed in."""
    return cohort(demo).windows.filter(state="met").order_by("opens_on")[0]


picture("windows", MANAGER, "windows:list", looks=EVERY)
picture("window-begin", MANAGER, "windows:begin", looks=(LIGHT, SMALL))
picture("window-series", MANAGER, "windows:show", {"series": cohort}, looks=(LIGHT, SMALL))
picture("window-meet", MANAGER, "windows:meet", {"series": cohort, "window": meeting})
picture("window-correct", MANAGER, "windows:correct", {"series": cohort, "window": reported}, looks=(LIGHT, SMALL))
