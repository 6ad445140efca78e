"""The due dates that a playbook version gives at a site, and what the dates of an upgrade carry with them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate

from onboarding.deployments.models import Deployment
from onboarding.playbooks.models import PlaybookItem
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from onboarding.scheduling.plan import plan
from onboarding.scheduling.tasks import Anchor, Link, Network, Task
from onboarding.upgrades.merge import ACCEPTED, OPEN, WAIVED, Change, Checklist, Standing
from tenancy.working_days import WorkingCalendar

ANCHORS = {GO_LIVE: Anchor.GO_LIVE, KICK_OFF: Anchor.KICK_OFF}


def version_dates(
    deployment: Deployment,
    calendar: WorkingCalendar,
    items: Iterable[PlaybookItem],
    ours: Checklist,
    left_out: Collection[str],
) -> dict[str, date]:
    """Return the due date that a version gives each of its items here (`scheduling.plan`), as a new plan would get it.

    What is done holds what waits for it to the day it was done, what was set by hand to that day; the version's own day
    is given for these all the same. Items of `left_out` and those that were waived here hold nothing up.
    """
    waived = {key for key, one in ours.items() if one.state == WAIVED}
    tasks = [_task(item, {*left_out, *waived}) for item in items]
    free = _planned(Network(tasks), deployment, calendar)
    standing = {key: day for key, one in ours.items() if (day := _stays(one))}
    if not standing:
        return free
    held = Network(replace(one, fixed=standing.get(str(one.key))) for one in tasks)
    dates = _planned(held, deployment, calendar)
    return {key: free[key] if key in standing else day for key, day in dates.items()}


def carried(before: Checklist, after: Checklist, calendar: WorkingCalendar) -> list[Change]:
    """Return the dates that move later because what they wait for was moved, added or put before them by an upgrade.

    Nothing moves that is done or was set by hand, and nothing that the upgrade does not touch.
    """
    plan_of = {key: one for key, one in after.items() if one.state in (*OPEN, ACCEPTED)}
    network = Network(_standing_task(key, one) for key, one in plan_of.items())
    found, settled, touched = [], {}, set()
    for key in map(str, network.order):
        one, links = plan_of[key], network[key].after
        settled[key] = due = network[key].stays or date.fromisoformat(one.fields["due"])
        if _differs(before.get(key), one):
            touched.add(key)
        if network[key].stays or not (key in touched or any(link.before in touched for link in links)):
            continue
        settled[key] = max(due, *(calendar.shift(settled[str(link.before)], link.lag) for link in links), date.min)
        if settled[key] > due:
            touched.add(key)
            found.append(Change(key, "due", due.isoformat(), settled[key].isoformat()))
    return found


def _planned(network: Network, deployment: Deployment, calendar: WorkingCalendar) -> dict[str, date]:
    found = plan(
        network,
        calendar,
        go_live=deployment.go_live_on,
        kick_off=deployment.kick_off_on,
        planned_on=deployment.planned_on,
    )
    return {str(key): day for key, day in found.items()}


def _task(item: PlaybookItem, holding_nothing: Collection[str]) -> Task:
    return Task(
        key=item.key,
        offset=item.offset_days if item.until_days is None else item.until_days,
        anchor=ANCHORS.get(item.offset_from, item.offset_from),
        after=tuple(
            Link(one["item"], one["lag_days"]) for one in item.depends_on if one["item"] not in holding_nothing
        ),
    )


def _standing_task(key: str, one: Standing) -> Task:
    links = tuple(Link(wait["item"], wait["lag_days"]) for wait in one.fields["depends_on"])
    return Task(key=key, offset=0, after=links, fixed=_stays(one))


def _stays(one: Standing) -> date | None:
    """The day that no plan moves: when it was done, else the one set by hand."""
    done = parse_datetime(one.record.get("done_at") or "")
    if done:
        return localdate(done)
    return date.fromisoformat(one.fields["due"]) if one.fields.get("due_fixed") else None


def _differs(before: Standing | None, after: Standing) -> bool:
    return before is None or any(before.fields[name] != after.fields[name] for name in ("due", "depends_on"))
