"""What a move would do, before anything is done: every shift, and every conflict that comes with it or goes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from onboarding.deployments.models import Deployment
from onboarding.plans.models.blackout import blackouts_of
from onboarding.plans.standing import Row, Standing, standing, standings
from onboarding.scheduling.conflicts import Blackout, Conflict, conflicts
from onboarding.scheduling.plan import Dates, pulled_forward, ripple


class CannotMoveDate(ValueError):
    """A date cannot be moved; the message says why and what would change it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One due date that moves."""

    item: Row
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Preview:
    """A move and what follows from it. `item` is None where go-live or kick-off moves, or where dates are pulled forward."""

    kind: str
    before: date
    after: date
    shifts: list[Shift]
    item: Row | None = None
    new: list[Conflict] = field(default_factory=list)
    """Conflicts that the move brings."""
    standing: list[Conflict] = field(default_factory=list)
    """Conflicts that are there already and stay."""
    solved: list[Conflict] = field(default_factory=list)
    """Conflicts that the move takes away."""


GO_LIVE, KICK_OFF, ITEM, FORWARD = "go_live", "kick_off", "item", "forward"

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
"""Days to which anything is moved: offsets reach years ahead, and a calendar ends with the year 9999."""


def reachable(day: date) -> date:
    """Return the day; raise ValueError where nothing is ever planned so far away."""
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"Give a day between {EARLIEST.year} and {LATEST.year}.")
    return day


def preview_go_live(deployment: Deployment, go_live_on: date, *, today: date) -> Preview:
    """Return what another go-live date does. Finished items and dates set by hand stay."""
    return go_live_preview(standing(deployment), go_live_on, blackouts_of([deployment])[deployment.pk], today=today)


def preview_wave(
    deployments: Iterable[Deployment], days: int = 0, *, to: date | None = None, today: date
) -> list[Preview]:
    """Return what moving the go-live of several deployments does to each, in their order and a fixed number of reads.

    To a date, or by calendar days and on to the next day that is worked.
    """
    wanted = list(deployments)
    frozen = blackouts_of(wanted)
    moved = []
    for one in standings(wanted):
        target = to or one.calendar.on_or_after(one.deployment.go_live_on + timedelta(days=days))
        moved.append(go_live_preview(one, target, frozen[one.deployment.pk], today=today))
    return moved


def go_live_preview(plan: Standing, go_live_on: date, blackouts: tuple[Blackout, ...], *, today: date) -> Preview:
    """Return the same for a plan that is read already."""
    return _preview(plan, GO_LIVE, plan.deployment.go_live_on, go_live_on, plan.planned(go_live_on), blackouts, today)


def preview_kick_off(deployment: Deployment, kick_off_on: date, *, today: date) -> Preview:
    """Return what another kick-off does: what is counted from it moves, with what waits for that; the rest stays.

    Raises CannotMoveDate for a day after go-live.
    """
    if kick_off_on > deployment.go_live_on:
        raise CannotMoveDate("Kick-off comes before go-live: move go-live first, or choose an earlier day.")
    plan = standing(deployment)
    now, then = plan.planned(deployment.go_live_on), plan.planned(deployment.go_live_on, kick_off_on)
    after = {key: then[key] if then[key] != now[key] else row.due_on for key, row in plan.rows.items()}
    frozen = blackouts_of([deployment])[deployment.pk]
    return _preview(plan, KICK_OFF, deployment.kick_off_on, kick_off_on, after, frozen, today)


def preview_item(deployment: Deployment, item_id: UUID, due_on: date, *, today: date) -> Preview:
    """Return what another date of one item does: what waits for it moves later where it must; nothing moves earlier.

    Raises CannotMoveDate for an item that is finished or out of the plan.
    """
    plan = standing(deployment)
    item = plan.rows.get(item_id)
    if item is None or not item.open:
        raise CannotMoveDate("Only an open item has a date to move: open it again first.")
    after = ripple(plan.network, plan.calendar, plan.dates, {item.id: due_on}, planned_on=deployment.planned_on)
    frozen = blackouts_of([deployment])[deployment.pk]
    return _preview(plan, ITEM, item.due_on, due_on, after, frozen, today, item)


def preview_forward(deployment: Deployment, *, today: date) -> Preview:
    """Return what could be due earlier because what it waits for was finished early. Go-live stays, and what follows it."""
    plan = standing(deployment)
    dates = {key: row.due_on for key, row in plan.rows.items()}
    won = pulled_forward(plan.network, plan.calendar, dates, today=today)
    after = {
        key: day if plan.rows[key].baseline < deployment.baseline_go_live_on else dates[key] for key, day in won.items()
    }
    frozen = blackouts_of([deployment])[deployment.pk]
    return _preview(plan, FORWARD, deployment.go_live_on, deployment.go_live_on, after, frozen, today)


def _preview(
    plan: Standing,
    kind: str,
    before: date,
    after: date,
    dates: Dates,
    blackouts: tuple[Blackout, ...],
    today: date,
    item: Row | None = None,
) -> Preview:
    shifts = [
        Shift(row, row.due_on, dates[key])
        for key, row in plan.rows.items()
        if row.open and dates.get(key, row.due_on) != row.due_on
    ]
    go_live = plan.deployment.go_live_on
    later = after if kind == GO_LIVE else go_live
    now = _conflicts(plan, plan.dates, go_live, blackouts, today)
    then = _conflicts(plan, {**plan.dates, **{one.item.id: one.after for one in shifts}}, later, blackouts, today)
    known, remaining = set(now), set(then)
    return Preview(
        kind=kind,
        before=before,
        after=after,
        shifts=shifts,
        item=item,
        new=[one for one in then if one not in known],
        standing=[one for one in then if one in known],
        solved=[one for one in now if one not in remaining],
    )


def _conflicts(
    plan: Standing, dates: Dates, go_live: date, blackouts: tuple[Blackout, ...], today: date
) -> list[Conflict]:
    found = conflicts(
        plan.network,
        plan.calendar,
        dates,
        go_live=go_live,
        today=today,
        windows=plan.windows(go_live, today),
        blackouts=blackouts,
    )
    rows = plan.rows
    beyond = [
        Conflict("beyond", key, f"{row} would be due after go-live, which needs it.")
        for key, row in rows.items()
        if row.open and plan.needed(row) and dates[key] > go_live
    ]
    return found + beyond
