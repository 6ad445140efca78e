"""`migrate`, then the walls: Django's own command followed by the schema that the models ask for."""

from typing import Any

from django.core.management.commands import migrate

from tenancy import schema
from tenancy.migrating import rendering_only_what_points_here


class Command(migrate.Command):
    """Migrate, then bring policies, composite keys, history triggers and grants up to date."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run both in order; the second is skipped for a partial or planned migration."""
        with rendering_only_what_points_here():
            super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied") or options.get("app_label"):
            return
        statements = schema.sync()
        if options["verbosity"] > 1:
            self.stdout.write(f"  Walls: {len(statements)} statements.")
