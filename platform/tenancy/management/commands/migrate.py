"""`migrate`, then the walls and the months: Django's own command followed by the schema that the models ask for."""

from typing import Any

from django.core.management.commands import migrate
from django.utils import timezone

from tenancy import months, schema
from tenancy.migrating import rendering_only_what_points_here


class Command(migrate.Command):
    """Migrate, then bring policies, composite keys, history triggers and grants up to date, and make the months ahead."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them in order; only the first for a partial or planned migration."""
        with rendering_only_what_points_here():
            super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied") or options.get("app_label"):
            return
        statements = schema.sync()
        made = months.make_ahead(timezone.now())
        if options["verbosity"] > 1:
            self.stdout.write(f"  Walls: {len(statements)} statements. Months: {len(made)}.")
