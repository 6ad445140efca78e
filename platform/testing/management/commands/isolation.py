"""`bin/manage isolation`: ask every address as everybody, for every tenant's objects, with one wall and with both."""

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core import mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.test.utils import override_settings, setup_test_environment

from audit.sealing import seal
from testing import databases
from testing.isolation import faults, homes, registry
from testing.isolation.answers import Result
from testing.isolation.modes import BOTH, DATABASE, PYTHON, mode
from testing.isolation.suite import ENOUGH, Suite
from testing.settling import settle

FEWEST = 5000
SAY_EVERY = 20
SHOWN = 40


class Command(BaseCommand):
    """Run the cross-tenant suite in its three modes on a database of its own; fail on a leak."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Narrow the run, or plant faults."""
        parser.add_argument(
            "--only",
            default="",
            help="addresses whose name contains this, or one of these, with commas; no least number of requests",
        )
        parser.add_argument("--mode", choices=["both", "python", "database"], help="one of the three modes")
        parser.add_argument("--all", action="store_true", help="every combination of role, method and tenant; slow")
        parser.add_argument("--faults", action="store_true", help="plant faults one by one; each must be caught")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build two tenants, then run."""
        if "DATABASE_ADMIN_URL" not in os.environ:
            raise CommandError("DATABASE_ADMIN_URL is not set: the suite makes a database of its own.")
        registry.load()
        if missing := registry.unregistered():
            self.stdout.write("\n".join(f"not filled in: {name}" for name in missing))
        with own_database() as database:
            start = time.monotonic()
            tenants = [homes.build("alder"), homes.build("birch")]
            settle()
            for home in tenants:
                while seal(home.organization.pk):
                    pass
            planted = sum(homes.plant_canaries(home, database) for home in tenants)
            reach = {home.slug: homes.ids_by_reach(home, database) for home in tenants}
            rows = sum(len(found["all"]) for found in reach.values())
            self.stdout.write(
                f"two tenants, {rows:,} rows, {planted:,} canaries, {len(registry.operations())} addresses"
                f" ({time.monotonic() - start:.0f} s)"
            )
            if options["faults"]:
                self._faults(tenants, reach, database)
                return
            chosen = {"both": [BOTH], "python": [PYTHON], "database": [DATABASE]}.get(
                options["mode"], [BOTH, PYTHON, DATABASE]
            )
            most = sys.maxsize if options["all"] else 0 if options["only"] else ENOUGH
            bad = [name for name in chosen if not self._mode(name, tenants, reach, database, options["only"], most)]
        if bad or missing:
            words = [*bad, *(f"{len(missing)} addresses not filled in" for _ in missing[:1])]
            raise CommandError("; ".join(words))

    def _mode(self, name: str, tenants: list[homes.Home], reach: Any, database: str, only: str, most: int) -> bool:
        start = time.monotonic()
        with mode(name, database):
            result = Suite(tenants, reach, only, most, self._progress(name), self._leak).run()
        self.stdout.write(
            f"{name}: {result.requests:,} requests, {result.leaks.total():,} leaks, {result.errors.total():,} server errors"
            f" ({time.monotonic() - start:.0f} s)"
        )
        self._details(result)
        few = not only and result.requests < FEWEST
        if few:
            self.stdout.write(f"  fewer than {FEWEST:,} requests")
        return result.good and not few

    def _progress(self, name: str) -> Callable[[int], None]:
        """Say every few seconds how far a mode is."""
        said = time.monotonic()

        def progress(requests: int) -> None:
            nonlocal said
            if time.monotonic() - said >= SAY_EVERY:
                said = time.monotonic()
                self.stdout.write(f"  {name}: {requests:,} requests so far")
                self.stdout.flush()

        return progress

    def _leak(self, leak: str) -> None:
        self.stdout.write(f"  leak: {leak}")
        self.stdout.flush()

    def _details(self, result: Result) -> None:
        for title, lines in (("leak, in all", result.leaks), ("error", result.errors)):
            for line, count in lines.most_common(SHOWN):
                self.stdout.write(f"  {title}: {line}{f' ({count} times)' if count > 1 else ''}")
        for line in result.vacuous:
            self.stdout.write(f"  vacuous: {line}")

    def _faults(self, tenants: list[homes.Home], reach: Any, database: str) -> None:
        missed = []
        for fault in faults.FAULTS:
            caught = fault.caught(tenants, reach, database)
            self.stdout.write(f"{'caught' if caught else 'MISSED'}: {fault.name}{f' ({caught})' if caught else ''}")
            if not caught:
                missed.append(fault.name)
        if missed:
            raise CommandError(f"{len(missed)} planted faults were not caught: {', '.join(missed)}")


@contextmanager
def own_database(kept: str = "") -> Iterator[str]:
    """Work on a clone of the migrated template, with caches, mail and files that nobody else uses.

    The clone is dropped at the end, unless a database that is to be kept is named.
    """
    name = kept or databases.clone_for("isolation")
    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    if not hasattr(mail, "outbox"):  # under pytest it is there already
        setup_test_environment(debug=False)
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are what is looked for
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
            "STATE_DIR": Path(folder),
            "DEVELOPMENT_SIGN_IN": True,
            "API_REQUESTS_A_MINUTE": 1_000_000,
        }
        try:
            with override_settings(**own):
                yield name
        finally:
            for alias, was in before.items():
                connections[alias].close()
                connections[alias].settings_dict["NAME"] = was
            if not kept:
                databases.drop(name)
