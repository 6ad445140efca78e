"""`bin/pictures`: take the pictures in docs/pictures anew from the demo of this instance."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from testing.browser import NoBrowserError
from testing.pictures.taking import NoDemoError, NotShownError, take


class Command(BaseCommand):
    """Serve the instance from this process and photograph every page, light and dark, wide and narrow."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Choose some pages."""
        parser.add_argument(
            "only", nargs="?", default="", help="pages whose name contains one of these, comma between them"
        )
        parser.add_argument("--to", type=Path, default=settings.BASE_DIR / "docs" / "pictures", help="another folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them."""
        total = 0
        try:
            for name, size in take(options["to"], options["only"]):
                total += size
                self.stdout.write(f"{size / 1000:7.0f} kB  {name}")
        except (NoBrowserError, NoDemoError, NotShownError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{total / 1e6:.1f} MB")
