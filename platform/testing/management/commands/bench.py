"""`bin/bench`: what starting a deployment, completing an item, the checklist and the portfolio cost."""

import os
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bench import operations
from bench.ground import Ground, stand
from bench.operations import Line
from testing import databases
from testing.management.commands.isolation import own_database
from web.memory import settle_memory

NAMES = ["complete", "start", "checklist", "portfolio"]  # completing counts the deployments that stand beside it
SMALL, LARGE = [10, 100], [10, 100, 2000]
HEAD = ("operation", "SQL", "CPU ms", "of it DB", "wall ms", "raw CPU ms", "ratio", "slope")


class Command(BaseCommand):
    """Measure on a database of its own and print a table. Nothing of the instance is touched."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Choose what and how large."""
        parser.add_argument("names", nargs="*", choices=[[], *NAMES], help=f"of {', '.join(NAMES)}; all by default")
        parser.add_argument(
            "--large", action="store_true", help="portfolio over 2,000 organizations; its database is kept and resumed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        if "DATABASE_ADMIN_URL" not in os.environ:
            raise CommandError("DATABASE_ADMIN_URL is not set: the benchmark makes a database of its own.")
        with own_database(kept=databases.kept("bench") if options["large"] else "") as database:
            ground = stand()
            settle_memory()  # as a web process does
            chosen: dict[str, Callable[[], Iterator[Line]]] = {
                "start": lambda: operations.start_a_deployment(ground),
                "complete": lambda: operations.complete_an_item(ground),
                "checklist": lambda: operations.checklist_page(ground),
                "portfolio": lambda: operations.portfolio_page(ground, database, LARGE if options["large"] else SMALL),
            }
            self._print(chosen, options["names"] or NAMES, ground)

    def _print(self, chosen: dict[str, Callable[[], Iterator[Line]]], names: list[str], ground: Ground) -> None:
        self.stdout.write(f"{HEAD[0]:62}" + "".join(f"{title:>12}" for title in HEAD[1:]))
        for name in names:
            for line in chosen[name]():
                cells = (
                    f"{line.cost.sql}", _ms(line.cost.cpu_ms), _ms(line.cost.database_ms), _ms(line.cost.wall_ms),
                    _ms(line.raw.cpu_ms if line.raw else None), _ms(line.ratio), _ms(line.slope, 2),
                )  # fmt: skip
                self.stdout.write(f"{line.name:62}" + "".join(f"{cell:>12}" for cell in cells) + f"  {line.note}")


def _ms(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
