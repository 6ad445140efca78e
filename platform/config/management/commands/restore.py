"""`bin/manage restore FOLDER`: bring a backup back into an empty database and an empty state, and prove it equal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.backup import take


class Command(BaseCommand):
    """Restore. It refuses where anything would be overwritten."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Restore, compare, and bring the server's transaction counter to where the log is."""
        try:
            manifest = take.restore(folder, settings.STATE_DIR)
        except (take.NotEmpty, take.NotEqual, RuntimeError, LookupError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{len(manifest['tables'])} tables and {len(manifest['files'])} files of {manifest['taken_at']} are back, equal"
        )
        call_command("audit", "advance", stdout=self.stdout)
