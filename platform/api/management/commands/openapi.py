"""`bin/manage openapi [--check]`: write the OpenAPI document to docs/openapi.json, or say whether it is current."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from api.schema import document


def place() -> Path:
    """Return where the committed document lies."""
    return Path(settings.BASE_DIR) / "docs" / "openapi.json"


def text() -> str:
    """Return the document as it is committed; raise CommandError for a warning of the generator or an invalid document."""
    with GENERATOR_STATS.silence():
        found = document()
    if GENERATOR_STATS:
        said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
        raise CommandError("The OpenAPI document is drawn with warnings:\n" + "\n".join(map(str, said)))
    validate_schema(found)  # type: ignore[no-untyped-call]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    """Write or check docs/openapi.json."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail if the document is not current")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document, or compare it."""
        wanted = text()
        if not options["check"]:
            place().write_text(wanted)
            self.stdout.write(f"{place().relative_to(settings.BASE_DIR)} written")
        elif not place().exists() or place().read_text() != wanted:
            raise CommandError("docs/openapi.json is not current: run bin/manage openapi")
