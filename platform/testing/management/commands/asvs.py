"""`bin/manage asvs`: write docs/security/asvs.md from the marks on the tests."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from testing import asvs


class Command(BaseCommand):
    """List which requirements of OWASP ASVS a test holds."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Only look, for a check."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is not current")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        """Write the page, or compare it."""
        wanted = asvs.page()
        if not check:
            asvs.PAGE.write_text(wanted)
            self.stdout.write(f"{asvs.PAGE.relative_to(asvs.ROOT)} written")
        elif not asvs.PAGE.exists() or asvs.PAGE.read_text() != wanted:
            raise CommandError("docs/security/asvs.md is not current: bin/manage asvs")
