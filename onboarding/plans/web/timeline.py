"""The timeline of one deployment: its items by stage, and the same facts as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from onboarding.plans.standing import Row, Standing
from onboarding.scheduling.passes import Window
from onboarding.scheduling.tasks import Key
from web.formats import plural
from web.gantt import DONE, MOVING, PLANNED, RISK, STOP, Bar, Diamond, Line, Tie

SHOW = {"open": "Open items", "critical": "Critical path", "all": "Every item"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the table below the timeline."""

    row: Row
    address: str
    who: str
    start: date
    end: date
    baseline: date
    slack: int | None
    critical: bool
    late: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A deployment's plan, narrowed to the items a person may see and asked for."""

    plan: Standing
    windows: dict[Key, Window]
    seen: frozenset[UUID]
    show: str
    org: str
    may_move: bool
    today: date
    compared: Mapping[str, str]
    """Dates of an older baseline by item id; what it lacks is compared with the newest."""

    def rows(self) -> list[Row]:
        """Return the items that are asked for, in order."""
        return [row for row in self.plan.rows.values() if row.id in self.seen and self._asked(row)]

    def lines(self, stages: dict[int, str], anchors: list[Line]) -> list[Line]:
        """Return the rows of what everything is counted from, then each stage with its items."""
        lines, shown = list(anchors), self.rows()
        for number, title in stages.items():
            of_stage = [row for row in shown if row.stage == number]
            if of_stage:
                every = [row for row in self.plan.rows.values() if row.stage == number and row.id in self.seen]
                done = sum(not row.open for row in every)
                lines.append(Line(f"{number} {title}", group=True, count=f"{done} of {plural(len(every), 'item')}"))
                lines += [self._line(row) for row in of_stage]
        return lines

    def ties(self, *, every: bool) -> list[Tie]:
        """Return the dependencies between the rows shown: those on the critical path, or all."""
        shown = {row.id for row in self.rows()}
        found = []
        for key in shown:
            for link in self.plan.network[key].after:
                critical = self._critical(key) and self._critical(link.before)
                if link.before in shown and (every or critical):
                    found.append(Tie(str(link.before), str(key), critical))
        return found

    def facts(self, who: Any) -> list[Fact]:
        """Return the table's rows."""
        return [
            Fact(
                row=row,
                address=self._address(row),
                who=who(row),
                start=self.span(row)[0],
                end=self.span(row)[1],
                baseline=self.baseline(row),
                slack=self.windows[row.id].slack if row.id in self.windows else None,
                critical=self._critical(row.id),
                late=(self.span(row)[1] - self.baseline(row)).days,
            )
            for row in self.rows()
        ]

    def span(self, row: Row) -> tuple[date, date]:
        """Return when the work on an item lies: as it was if it is done, else as it is planned."""
        calendar, end = self.plan.calendar, row.done_on or row.due_on
        days = max(1, row.days)
        if row.until_days is not None:
            days = max(days, (row.until_days - row.offset_days) * 5 // 7)
        start = calendar.shift(calendar.on_or_before(end), 1 - days)
        if row.started_at:
            start = min(end, row.started_at.date())
        return min(start, end), end

    def baseline(self, row: Row) -> date:
        """Return the date that an item is compared with."""
        older = self.compared.get(str(row.id))
        return date.fromisoformat(older) if older else row.baseline

    def _asked(self, row: Row) -> bool:
        if self.show == "all":
            return True
        return row.open if self.show == "open" else self._critical(row.id)

    def _critical(self, key: Key) -> bool:
        window = self.windows.get(key)
        return window is not None and window.critical

    def _address(self, row: Row) -> str:
        place = {"org": self.org, "deployment": row.deployment_id, "item": row.number}
        return reverse("org:deployments:item", kwargs=place)

    def _line(self, row: Row) -> Line:
        start, end = self.span(row)
        kind, hatched, check = self._look(row)
        line = Line(
            str(row),
            self._address(row),
            id=str(row.id),
            end="" if row.open else "done",
            late=row.open and row.due_on > self.baseline(row),
            move=str(row.number) if row.open and self.may_move else "",
            due=row.due_on if row.open else None,
            baseline=(self.baseline(row) - (end - start), self.baseline(row)),
        )
        if row.decision:
            line.diamonds = [Diamond(end, "" if row.open and row.due_on >= self.today else "bad" if row.open else "ok")]
        else:
            line.bars = [Bar(kind, start, end, hatched=hatched, check=check, after=self._after(row))]
        return line

    def _look(self, row: Row) -> tuple[str, bool, bool]:
        window = self.windows.get(row.id)
        if not row.open:
            return DONE, False, True
        if row.state == "blocked":
            return STOP, True, False
        if row.due_on < self.today or (window and window.slack < 0):
            return RISK, True, False
        return (PLANNED if row.state == "todo" else MOVING), False, False

    def _after(self, row: Row) -> str:
        if row.state == "blocked":
            return f"Waits for {row.blocked_by_role}" if row.blocked_by_role else "Blocked"
        if row.open and row.due_on < self.today:
            return f"{plural((self.today - row.due_on).days, 'day')} late"
        return ""


def go_live_line(plan: Standing, *, may_move: bool, baseline: date | None = None) -> Line:
    """Return the row of go-live itself: its date, the range it is heading for, the date committed to or an older one."""
    one = plan.deployment
    base = baseline or one.baseline_go_live_on
    return Line(
        "Go-live",
        id="go-live",
        move="go-live" if may_move else "",
        due=one.go_live_on,
        late=one.go_live_on > base,
        range=(one.forecast_p50 or one.go_live_on, one.forecast_p80 or one.go_live_on),
        baseline=(base - timedelta(days=3), base),
    )


def kick_off_line(plan: Standing, *, may_move: bool) -> Line:
    """Return the row of kick-off, from which some items are counted."""
    one = plan.deployment
    return Line(
        "Kick-off",
        id="kick-off",
        move="kick-off" if may_move else "",
        end="" if may_move else "kick-off",
        due=one.kick_off_on,
        diamonds=[Diamond(one.kick_off_on)],
    )
