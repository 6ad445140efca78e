"""`bin/bench`: what the busiest verbs, pages and background work cost, each beside its yardstick and its goal."""

import os
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from bench import background, data, pages, plans, training, verbs, views
from bench.ground import Ground, stand
from bench.lines import Line, slope
from testing import databases
from testing.management.commands.isolation import own_database
from web.memory import settle_memory

OPERATIONS: dict[str, Callable[[Ground], Iterator[Line]]] = {
    "complete": verbs.complete_an_item,  # first: it counts the deployments that stand beside it
    "start": verbs.start_a_deployment,
    "organization": verbs.make_an_organization,
    "checklist": pages.checklist_page,
    "preview": plans.preview_a_move,
    "portfolio": pages.portfolio_page,
    "find": pages.find_page,
    "api": pages.api_list,
    "log": pages.log_page,
    "due": background.due_scan,
    "wave": plans.preview_a_wave,
    "training": training.coverage,
    "views": views.views,
    "memory": pages.memory,
    "verify": background.verification_speed,  # last: its yardstick holds the whole log
}
GROWING = ("portfolio", "checklist", "api", "due")
"""Measured again on the full data set."""
FULL_PAGE = 6
"""Organizations whose deployments fill the first page of every list: what stands beside them is what slopes tell of."""
SMALL, LARGE = 100, 2000
"""Organizations of data set S (a twentieth) and L."""
HEAD = ("operation", "SQL", "CPU ms", "of it DB", "wall ms", "raw CPU", "ratio", "slope", "goal")


class Command(BaseCommand):
    """Measure on a database of its own and print a table. Nothing of the instance is touched."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Choose what and how large."""
        parser.add_argument(
            "names", nargs="*", choices=[[], *OPERATIONS], help=f"of {', '.join(OPERATIONS)}; all by default"
        )
        parser.add_argument(
            "--large", action="store_true", help="then fill data set L, kept and resumed, and measure again"
        )
        parser.add_argument(
            "--events", type=int, default=0, help="then that many events in one organization, and nothing else"
        )
        parser.add_argument("--organizations", type=int, help=f"how many instead of {SMALL}, or {LARGE} with --large")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if "DATABASE_ADMIN_URL" not in os.environ:
            raise CommandError("DATABASE_ADMIN_URL is not set: the benchmark makes a database of its own.")
        names = options["names"] or list(OPERATIONS)
        with own_database(kept=databases.kept("bench") if options["large"] else "") as database:
            ground = stand()
            settle_memory()  # as a web process does
            if options["events"]:
                data.make_months(database)
            self._print(HEAD)
            small = self._fill(database, ground, FULL_PAGE)
            before = {
                line.name.split(",")[0]: line for name in names if name in GROWING for line in OPERATIONS[name](ground)
            }
            wanted = options["organizations"] or (LARGE if options["large"] else SMALL)
            connection.close()
            if options["events"]:
                data.fill_log(database, host=ground.host.pk, template=ground.deployment.pk, count=options["events"])
                wanted = 0
            size = self._fill(database, ground, wanted)
            self._say(", ".join(f"{getattr(size, name):,} {name}" for name in size.__slots__))
            for name in names:
                for line in OPERATIONS[name](ground):
                    self._show(line, before.get(line.name.split(",")[0]), size.deployments / small.deployments)

    def _fill(self, database: str, ground: Ground, organizations: int) -> data.Size:
        viewer, template = ground.funder.pk, ground.deployment.pk
        return data.fill(database, template=template, viewer=viewer, organizations=organizations, say=self._say)

    def _show(self, line: Line, smaller: Line | None, factor: float) -> None:
        grown = line.slope
        if grown is None and smaller and smaller.cost and line.cost and factor > 1:  # a kept set has no smaller one
            grown = slope(smaller.cost, line.cost, factor)
        cost, raw = line.cost, line.raw
        cells = (
            str(cost.sql) if cost else "–", _ms(cost.cpu_ms if cost else None), _ms(cost.database_ms if cost else None),
            _ms(cost.wall_ms if cost else None), _ms(raw.cpu_ms if raw else None), _ms(line.ratio), _ms(grown, 2),
        )  # fmt: skip
        self._print((line.name if not line.figure else f"{line.name}: {line.figure}", *cells, line.goal), line.note)

    def _print(self, cells: tuple[str, ...], note: str = "") -> None:
        name, *figures, goal = cells
        self.stdout.write(f"{name:56}" + "".join(f"{cell:>10}" for cell in figures) + f"  {goal:26}{note}".rstrip())
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _ms(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
