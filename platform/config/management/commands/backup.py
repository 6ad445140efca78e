"""`bin/manage backup FOLDER`: the database, the evidence, the keys and the heads of the log, with the hash of everything."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.models import Cursor
from config.backup import take


class Command(BaseCommand):
    """Take a backup while everything runs."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Take it, and note when: the operators' alert on backups reads that."""
        try:
            manifest = take.take(folder, settings.STATE_DIR)
        except (take.NotEmpty, RuntimeError, LookupError) as error:
            raise CommandError(str(error)) from None
        with transaction.atomic():
            if cursor := Cursor.take("backup"):
                cursor.move()
        self.stdout.write(f"{len(manifest['tables'])} tables and {len(manifest['files'])} files are in {folder}")
