"""A person's open items as an iCalendar stream (RFC 5545): all-day events on their due dates, and go-lives."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from onboarding.deployments.models import Deployment, Item, TeamRole

LONGEST = 75
"""Octets of a line; longer ones are folded."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One all-day event."""

    uid: str
    day: date
    title: str
    place: str
    address: str
    changed: int


def entries_of(user_id: UUID, base: str, org: str) -> list[Entry]:
    """Return the open items a person holds, by assignment or team role, and the go-lives of their teams; two statements."""
    holds = TeamRole.objects.filter(deployment_id=OuterRef("deployment_id"), code=OuterRef("owner"), person_id=user_id)
    items = (
        Item.objects.open()
        .filter(Q(assignee_id=user_id) | Q(assignee=None) & Exists(holds))
        .select_related("deployment__site", "deployment__tool_version__tool")
        .order_by("due_on", "pk")[:MOST]
    )
    inside = TeamRole.objects.filter(deployment_id=OuterRef("pk")).filter(Q(person_id=user_id) | Q(deputy_id=user_id))
    teams = (
        Deployment.objects.filter(Exists(inside), state__in=[Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK])
        .select_related("site", "tool_version__tool")
        .order_by("go_live_on", "pk")[:MOST]
    )
    place = f"{base}/o/{org}/deployments"
    return [
        Entry(
            f"item-{item.pk}", item.due_on, str(item), str(item.deployment),
            f"{place}/{item.deployment_id}/items/{item.number}/", item.version,
        )
        for item in items
    ] + [
        Entry(f"go-live-{one.pk}", one.go_live_on, f"Go-live: {one}", str(one), f"{place}/{one.pk}/timeline/", one.version)
        for one in teams
    ]  # fmt: skip


def calendar(entries: Iterable[Entry], *, title: str, stamp: datetime) -> str:
    """Return the stream."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Causeway//Plan//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_text(title)}", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"]
    for one in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}@causeway",
            f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SEQUENCE:{one.changed}",
            f"SUMMARY:{_text(one.title)}",
            f"DESCRIPTION:{_text(f'{one.place} {one.address}')}",
            f"URL:{one.address}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


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
