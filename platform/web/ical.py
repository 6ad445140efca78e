"""Calendars that people subscribe to or open: RFC 5545, all-day entries and meetings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST = 75
"""Octets of a line; longer ones are folded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: all day long, or `minutes` from `at`."""

    uid: str
    day: date
    title: str
    place: str
    address: str
    changed: int
    at: datetime | None = None
    minutes: int = 0
    where: str = ""
    cancelled: bool = False

    @property
    def times(self) -> list[str]:
        """When it begins and ends."""
        if self.at is None:
            return [f"DTSTART;VALUE=DATE:{self.day:%Y%m%d}", f"DTEND;VALUE=DATE:{self.day + timedelta(days=1):%Y%m%d}"]
        ends = self.at + timedelta(minutes=self.minutes)
        return [f"DTSTART:{_moment(self.at)}", f"DTEND:{_moment(ends)}", f"LOCATION:{_text(self.where)}"]


def calendar(entries: Iterable[Entry], *, title: str, stamp: datetime, product: str = "Plan") -> str:
    """Return the stream."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Causeway//{product}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    lines += [f"X-WR-CALNAME:{_text(title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"]
    for one in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}@causeway",
            f"DTSTAMP:{_moment(stamp)}",
            *one.times,
            f"SEQUENCE:{one.changed}",
            f"SUMMARY:{_text(one.title)}",
            f"DESCRIPTION:{_text(f'{one.place} {one.address}')}",
            f"URL:{one.address}",
            *(["STATUS:CANCELLED"] if one.cancelled else []),
            "TRANSP:TRANSPARENT" if one.at is None or one.cancelled else "TRANSP:OPAQUE",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Break a line after at most 75 octets, never inside a character; what follows begins with a space."""
    room, part = LONGEST, ""
    for letter in line:
        size = len(letter.encode())
        if size > room:
            yield part
            part, room = " ", LONGEST - 1
        part, room = part + letter, room - size
    yield part
