"""`bin/manage rebuild_portfolio [--check]`: the portfolios of all organizations, from the deployments themselves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onboarding.deployments import portfolio
from tenancy.models import Organization
from tenancy.scope import scope


class Command(BaseCommand):
    """Rebuild, or only compare."""

    help = "Rebuild every organization's portfolio from its deployments, or compare them with --check."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail where a row differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the hosts one by one, each in a transaction of its own."""
        count, wrong = 0, []
        for organization in Organization.objects.order_by("slug"):
            with scope(organization.pk):
                if options["check"]:
                    wrong += list(portfolio.differences())
                else:
                    count += portfolio.rebuild()
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("Every portfolio is right." if options["check"] else f"{count} deployments carried over.")
