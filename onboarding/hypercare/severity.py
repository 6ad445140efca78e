"""How bad a defect is, what that means, and how soon it must be dealt with (domain.md 3.5)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models

from tenancy.working_days import WorkingCalendar

END_OF_DAY = time(17)
"""When a working day ends, on the site's clock."""


class Severity(models.IntegerChoices):
    """Follows the harm, not the voice."""

    CRITICAL = 1, "Sev-1"
    STOPS = 2, "Sev-2"
    HINDERS = 3, "Sev-3"
    SMALL = 4, "Sev-4"


MEANING: dict[int, str] = {
    1: "Safety or privacy is touched, or nobody can work.",
    2: "A workflow stops, and there is no other way that is good enough.",
    3: "A workflow is hard, but there is another way.",
    4: "It looks wrong. Nobody is hindered.",
}


@dataclass(frozen=True, slots=True)
class Target:
    """How soon somebody must take a defect up, and how soon it must be fixed: in hours, or in working days."""

    answer_minutes: int
    fix_hours: int = 0
    fix_days: int = 0

    def due_at(self, since: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> datetime:
        """Return the moment by which a defect reported then must be fixed; working days end at 17:00 on the site's clock."""
        if self.fix_hours:
            return since + timedelta(hours=self.fix_hours)
        day = calendar.shift(calendar.on_or_after(since.astimezone(zone).date()), self.fix_days)
        return datetime.combine(day, END_OF_DAY, tzinfo=zone)

    @property
    def says(self) -> str:
        """The target in words."""
        answer = f"{self.answer_minutes} min" if self.answer_minutes < 60 else f"{self.answer_minutes // 60} h"
        fix = f"{self.fix_hours} h" if self.fix_hours else _days(self.fix_days)
        return f"taken up within {answer}, fixed within {fix}"


TARGETS: dict[int, Target] = {
    Severity.CRITICAL: Target(15, fix_hours=4),
    Severity.STOPS: Target(60, fix_days=1),
    Severity.HINDERS: Target(240, fix_days=10),
    Severity.SMALL: Target(480, fix_days=30),
}
"""Where a deployment has agreed on nothing else. Our own proposal: each deployment can agree on others."""


def _days(number: int) -> str:
    return "1 working day" if number == 1 else f"{number} working days"
