"""When a message goes out: a local date and hour in a person's zone, as one moment in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def zone_of(*names: str) -> ZoneInfo:
    """Return the first of these IANA names that is one; UTC where none is."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return ZoneInfo("UTC")


def day_at(when: datetime, *names: str) -> date:
    """Return the day that it was at a moment in the first of these zones that is one."""
    return when.astimezone(zone_of(*names)).date()


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment in UTC when the clock on the wall shows this; it is asked once a year for each exception.

    Skipped by the clock (spring): the first moment after the gap. Shown twice (autumn): the first time only.
    """
    shown = datetime.combine(day, at)
    before = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if before.astimezone(zone).replace(tzinfo=None) == shown:
        return before
    # In a gap `before` lies after the change and the same reading with the later offset lies before it.
    low, high = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), before
    while high - low > SECOND:
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) > shown:
            high = middle
        else:
            low = middle
    return high


def is_quiet(at: time, quiet_from: time | None, quiet_until: time | None) -> bool:
    """Whether the hour lies in the quiet hours, which may run over midnight; none are set where either end is missing."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return False
    if quiet_from < quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def outside_quiet(when: datetime, zone: ZoneInfo, quiet_from: time | None, quiet_until: time | None) -> datetime:
    """Return the moment itself, or the end of the quiet hours it falls into."""
    local = when.astimezone(zone)
    if quiet_until is None or not is_quiet(local.time(), quiet_from, quiet_until):
        return when
    day = local.date() if local.time() < quiet_until else local.date() + timedelta(days=1)
    return moment(day, quiet_until, zone)
