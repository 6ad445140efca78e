"""`bin/manage catalogue`: compare the database with what the models ask of it."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenancy import catalogue


class Command(BaseCommand):
    """Print every finding of the catalogue check; fail if there is one."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the check once and say how long it took."""
        start = time.perf_counter()
        found = catalogue.findings()
        spent = (time.perf_counter() - start) * 1000
        for finding in found:
            self.stdout.write(str(finding))
        if found:
            raise CommandError(f"{len(found)} findings ({spent:.0f} ms)")
        self.stdout.write(f"0 findings ({spent:.0f} ms)")
