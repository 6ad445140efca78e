"""The due dates that a playbook version gives at a site."""

from collections.abc import Iterable
from datetime import date, timedelta

from onboarding.deployments.models import Deployment
from onboarding.playbooks.models import PlaybookItem
from onboarding.playbooks.shape import KICK_OFF
from tenancy.working_days import WorkingCalendar


class DueDates:
    """Due dates of one version's items in one deployment: calendar days from their start, back to a working day,
    and never before the day of planning.
    """

    def __init__(self, deployment: Deployment, calendar: WorkingCalendar, items: Iterable[PlaybookItem]) -> None:
        self._starts = {KICK_OFF: deployment.kick_off_on}
        self._earliest = calendar.on_or_after(deployment.planned_on)
        self._go_live = deployment.go_live_on
        self._calendar = calendar
        self._items = {item.key: item for item in items}

    def of(self, item: PlaybookItem) -> date:
        """Return the item's due date: the last day of its window."""
        return max(self._calendar.on_or_before(self._last_day(item)), self._earliest)

    def _last_day(self, item: PlaybookItem) -> date:
        days = item.offset_days if item.until_days is None else item.until_days
        before = self._items.get(item.offset_from)
        start = self._last_day(before) if before else self._starts.get(item.offset_from, self._go_live)
        return start + timedelta(days=days)
