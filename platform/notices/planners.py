"""Everything that is planned: each app names what is open, the planner and the preview go through the same.

    @planner(ITEM_DUE)
    def open_items() -> Iterable[Plan]: ...

It runs in the organization's scope and yields a plan for each open subject that may have a step within the horizon.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from audit.actor import Actor
from notices.jobs import job
from notices.kinds import Kind
from notices.ladder import Plan, plan_many
from notices.models import ReminderPolicy
from tenancy.models import Organization

Plans = Callable[[], Iterable[Plan]]
PLANNER = Actor.system("reminders")
AT_ONCE = 500
_tried: ContextVar[ReminderPolicy | None] = ContextVar("the policy under which is planned", default=None)


@dataclass(frozen=True, slots=True)
class Planner:
    """The kinds that an app plans together, and where their plans come from."""

    kinds: tuple[Kind, ...]
    plans: Plans


_planners: list[Planner] = []
SAYINGS: list[Callable[[], Iterable[tuple[str, Mapping[str, Any]]]]] = []
"""What the playbooks in use say about reminders, each with its title; the app that keeps them registers itself."""


def planner(*kinds: Kind) -> Callable[[Plans], Plans]:
    """Declare where the plans of these kinds come from; raise ValueError for a kind that has a planner."""

    def declare(plans: Plans) -> Plans:
        taken = planned_kinds() & {kind.name for kind in kinds}
        if taken:
            raise ValueError(f"The kind {min(taken)} has two planners.")
        _planners.append(Planner(kinds, plans))
        return plans

    return declare


def planned_kinds() -> frozenset[str]:
    """Return the names of the kinds that some planner knows."""
    return frozenset(kind.name for each in _planners for kind in each.kinds)


def everything() -> Iterator[Plan]:
    """Yield every plan of the organization in scope."""
    for each in _planners:
        yield from each.plans()


@contextmanager
def under(policy: ReminderPolicy) -> Iterator[None]:
    """Let planners plan by another policy than the one in force: a what-if."""
    token = _tried.set(policy)
    try:
        yield
    finally:
        _tried.reset(token)


def policy() -> ReminderPolicy:
    """Return the policy under which planners plan."""
    return _tried.get() or ReminderPolicy.current()


def farthest_ahead() -> int:
    """Return how many working days before its due date something may be said, by the policy or a playbook in use."""
    ladders: list[Sequence[int]] = [
        policy().ladder,
        *(terms["ladder"] for say in SAYINGS for _title, terms in say() if "ladder" in terms),
    ]
    return max(0, *(-min(ladder) for ladder in ladders))


def plan_everything(*, by: Actor = PLANNER) -> int:
    """Bring all reminders in line with what is open and with the policy; return how many subjects were planned."""
    policy, waiting, count = ReminderPolicy.current(), [], 0
    for plan in everything():
        waiting.append(plan)
        count += 1
        if len(waiting) == AT_ONCE:
            plan_many(waiting, by=by, policy=policy)
            waiting = []
    if waiting:
        plan_many(waiting, by=by, policy=policy)
    return count


@job("reminder_plan", "Reminders: everything open planned anew", hour=4)
def reminder_plan(organization: Organization) -> dict[str, int]:
    """Bring the steps within the horizon that time has brought near."""
    return {"planned": plan_everything()}
