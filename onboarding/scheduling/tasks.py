"""What is scheduled: tasks, the links between them, and the two dates that offsets count from."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from graphlib import CycleError, TopologicalSorter

Key = Hashable


class Anchor(Enum):
    """What an offset counts from, unless it counts from another task."""

    GO_LIVE = "go_live"
    KICK_OFF = "kick_off"


@dataclass(frozen=True, slots=True)
class Link:
    """Finish to start: `lag` working days lie between the predecessor's finish and this task's start."""

    before: Key
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work. `offset` is in calendar days from the anchor; `days` is the work in working days, 0 for a decision."""

    key: Key
    offset: int
    anchor: Anchor | Key = Anchor.GO_LIVE
    days: int = 0
    after: tuple[Link, ...] = ()
    fixed: date | None = None
    """Set by hand: it stays whatever moves around it."""
    done_on: date | None = None
    name: str = ""

    @property
    def stays(self) -> date | None:
        """The date that no schedule moves, if the task has one."""
        return self.done_on or self.fixed

    @property
    def waits_for(self) -> set[Key]:
        """The tasks whose date its own depends on, by link or by anchor."""
        waits = {link.before for link in self.after}
        return waits if isinstance(self.anchor, Anchor) else waits | {self.anchor}


class CircularPlan(ValueError):
    """Tasks wait for each other in a circle; `path` names it, the first key again at its end."""

    def __init__(self, path: list[Key], names: Mapping[Key, str]) -> None:
        """Say the circle in the tasks' names."""
        self.path = path
        super().__init__(f"These wait for each other in a circle: {' → '.join(names[key] for key in path)}.")


class Network:
    """Tasks in an order in which each comes after what it waits for and what its offset counts from."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        """Raise CircularPlan for a circle; links and anchors to tasks that are not there count for nothing."""
        self.tasks = {task.key: task for task in tasks}
        for task in list(self.tasks.values()):
            kept = tuple(link for link in task.after if link.before in self.tasks)
            anchor = task.anchor if isinstance(task.anchor, Anchor) or task.anchor in self.tasks else Anchor.GO_LIVE
            if (kept, anchor) != (task.after, task.anchor):
                self.tasks[task.key] = replace(task, after=kept, anchor=anchor)
        try:
            self.order = list(TopologicalSorter({key: one.waits_for for key, one in self.tasks.items()}).static_order())
        except CycleError as circle:
            names = {key: one.name or str(key) for key, one in self.tasks.items()}
            raise CircularPlan(list(reversed(circle.args[1])), names) from None
        self.following: dict[Key, list[tuple[Key, int]]] = {key: [] for key in self.tasks}
        for task in self.tasks.values():
            for link in task.after:
                self.following[link.before].append((task.key, link.lag))

    def __getitem__(self, key: Key) -> Task:
        return self.tasks[key]

    def after(self, key: Key) -> set[Key]:
        """Return every task that comes after this one, by link or by anchor, however far."""
        found = {key}
        for one in self.order:
            if not found.isdisjoint(self.tasks[one].waits_for):
                found.add(one)
        return found - {key}
