"""How many working days an item's planned effort comes to."""

import math

HOURS_A_DAY = 4
"""Working hours that people have for an onboarding beside their job: half a day."""


def working_days(effort_hours: float | None, *, decision: bool = False) -> int:
    """Return the working days that the playbook's effort comes to; a decision takes none, other work at least one."""
    if decision:
        return 0
    return max(1, math.ceil((effort_hours or 0) / HOURS_A_DAY))
