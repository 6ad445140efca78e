"""Geometry of timelines: rows in HTML, bars in one SVG beside them; everything is an attribute, nothing a style."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.dateformat import format as date_text

from web.segments import links

HEAD, GROUP, ROW = 48, 32, 40
"""Heights that `.gantt` gives to the head, a group and a row."""
BAR, LETTER = 18, 6.2
"""Height of a bar; width of a letter of its text, for what fits inside."""
SCALES = {"weeks": ("Weeks", 11.0), "months": ("Months", 3.12), "quarters": ("Quarters", 1.3)}
"""Pixels a day."""
DONE, MOVING, PLANNED, RISK, STOP = "b1", "b2", "b3", "b4", "b5"


@dataclass(frozen=True, slots=True)
class Scale:
    """Dates as x positions; the first day is at 0."""

    first: date
    last: date
    day: float

    @property
    def width(self) -> float:
        """The width of the drawing."""
        return round(((self.last - self.first).days + 1) * self.day, 1)

    def x(self, day: date) -> float:
        """The start of a day, held inside the drawing."""
        return round(min(max((day - self.first).days, 0) * self.day, self.width), 1)

    def months(self) -> Iterator[tuple[float, str]]:
        """Position and name of each first of a month, and of the first day where there is room; the year where it is new."""
        first, year = self.first, self.first.year
        day = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        if (day - first).days * self.day > 70:
            yield 0.0, date_text(first, "M Y")
        else:
            year = 0
        while day <= self.last:
            yield self.x(day), date_text(day, "M" if day.year == year else "M Y")
            year, day = day.year, (day + timedelta(days=32)).replace(day=1)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Position and number of Mondays: each, every second or none, as there is room."""
        step = 7 if self.day >= 6 else 14 if self.day >= 2.5 else 0
        day = self.first + timedelta(days=-self.first.weekday() % 7)
        while step and day <= self.last:
            yield self.x(day), str(day.day)
            day += timedelta(days=step)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of work. `label` is dropped where it does not fit, or stands behind the bar with `after`."""

    kind: str
    start: date
    end: date
    label: str = ""
    after: str = ""
    hatched: bool = False
    check: bool = False


@dataclass(frozen=True, slots=True)
class Diamond:
    """A signed gate: "ok", "bad" or "" while it is to come."""

    day: date
    look: str = ""


@dataclass(slots=True)
class Line:
    """A row, or with `group` the heading of some. `id` names it to links and to the keyboard."""

    title: str
    address: str = ""
    id: str = ""
    group: bool = False
    count: str = ""
    end: str = ""
    late: bool = False
    move: str = ""
    """What the keyboard moves: "go-live", or an item's number; empty where nothing can be moved."""
    due: date | None = None
    bars: list[Bar] = field(default_factory=list)
    baseline: tuple[date, date] | None = None
    range: tuple[date, date] | None = None
    diamonds: list[Diamond] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tie:
    """A dependency between two rows, drawn from the end of one to the start of the other, or with `ends` to its end."""

    before: str
    after: str
    critical: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A bar as it is drawn."""

    kind: str
    x: float
    y: float
    width: float
    label: str
    after: str
    after_x: float
    hatched: bool
    check: bool
    inverse: bool


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A row as it is drawn; `y` is its top."""

    line: Line
    y: int
    height: int
    boxes: list[Box]
    base: tuple[float, float] | None
    p: tuple[float, float] | None
    gates: list[tuple[float, str]]

    @property
    def middle(self) -> int:
        """Where bars have their middle."""
        return self.y + self.height // 2 - 3


@dataclass(frozen=True, slots=True)
class Drawing:
    """A timeline, ready for its template."""

    scale: Scale
    lines: list[DrawnLine]
    height: int
    ties: list[tuple[str, str, bool]]
    """Path, arrow head, whether it is critical."""
    today: float | None
    off: list[tuple[float, float, str]]


def draw(
    lines: Iterable[Line],
    *,
    scale: str,
    today: date,
    ties: Iterable[Tie] = (),
    off: Iterable[tuple[date, date, str]] = (),
) -> Drawing:
    """Lay the rows out on one axis; at least from a week before the first date to four weeks after the last."""
    rows = list(lines)
    days = [day for row in rows for day in _days(row)] or [today]
    axis = Scale(min(*days, today) - timedelta(days=7), max(*days, today) + timedelta(days=28), SCALES[scale][1])
    drawn, y = [], HEAD
    for row in rows:
        height = GROUP if row.group else ROW
        drawn.append(_drawn(row, y, height, axis))
        y += height
    places = {one.line.id: one for one in drawn if one.line.id}
    return Drawing(
        scale=axis,
        lines=drawn,
        height=y,
        ties=[
            _tie(places[tie.before], places[tie.after], tie) for tie in ties if {tie.before, tie.after} <= set(places)
        ],
        today=axis.x(today),
        off=[
            (axis.x(first), max(2.0, axis.x(last + timedelta(days=1)) - axis.x(first)), title)
            for first, last, title in off
            if last >= axis.first and first <= axis.last
        ],
    )


def scales(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Return the links to each scale; plus and minus go to the next finer and the next coarser one."""
    found, keys = links(request, "scale", {key: title for key, (title, _) in SCALES.items()}, current), list(SCALES)
    here = keys.index(current)
    for number, link in enumerate(found):
        link["key"] = {here - 1: "+", here + 1: "-"}.get(number)
    return found


def _days(row: Line) -> Iterator[date]:
    for bar in row.bars:
        yield bar.start
        yield bar.end
    yield from row.baseline or ()
    yield from row.range or ()
    yield from (one.day for one in row.diamonds)
    if row.due:
        yield row.due


def _drawn(row: Line, y: int, height: int, axis: Scale) -> DrawnLine:
    boxes = [_box(bar, y + height // 2 - 3 - BAR // 2, axis) for bar in row.bars]
    base = row.baseline and (axis.x(row.baseline[0]), max(2.0, _end(axis, row.baseline[1]) - axis.x(row.baseline[0])))
    p = row.range and (axis.x(row.range[0]), axis.x(row.range[1]))
    return DrawnLine(row, y, height, boxes, base, p, [(axis.x(one.day), one.look) for one in row.diamonds])


def _box(bar: Bar, y: int, axis: Scale) -> Box:
    x = axis.x(bar.start)
    width = round(max(3.0, _end(axis, bar.end) - x - 1), 1)
    room = width - (19 if bar.check else 12)
    label = bar.label if len(bar.label) * LETTER <= room else ""
    return Box(
        bar.kind, x, y, width, label, bar.after, round(x + width + 7, 1), bar.hatched, bar.check and width >= 16,
        bar.kind == MOVING,
    )  # fmt: skip


def _end(axis: Scale, day: date) -> float:
    return axis.x(day + timedelta(days=1))


def _tie(before: DrawnLine, after: DrawnLine, tie: Tie) -> tuple[str, str, bool]:
    """From the end of one row's last bar, down or up between the rows, to the top of the other's first bar, or last."""
    x1 = _edge(before, last=True)
    x2 = _edge(after, last=tie.ends)
    down = after.y > before.y
    y1 = before.middle + (BAR // 2 if down else -BAR // 2)
    y2 = after.middle - (BAR // 2 + 5 if down else -BAR // 2 - 5)
    between = after.y - 3 if down else after.y + after.height + 2
    tip = 6.5 if down else -6.5
    path = f"M{x1} {y1}V{between}H{x2}V{y2}"
    head = f"M{round(x2 - 3.5, 1)} {y2 - (2 if down else -2)}h7l-3.5 {tip}z"
    return path, head, tie.critical


def _edge(line: DrawnLine, *, last: bool) -> float:
    if line.boxes:
        box = line.boxes[-1 if last else 0]
        return round(box.x + box.width - 3, 1) if last else round(box.x + 4, 1)
    return line.gates[-1][0] if line.gates else line.p[0] if line.p else 0.0
