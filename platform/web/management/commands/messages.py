"""Bring the catalogs up to date with the marked words, and compile them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from web.catalogs import DOMAIN, compiled, folder, languages, missing, text_of, updated


class Command(BaseCommand):
    """`bin/manage messages`: gather and compile; `--check`: change nothing, fail where something is out of date or missing."""

    help = "Bring the catalogs up to date with the marked words, and compile them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, or compare."""
        wrong = []
        for language in languages():
            catalog, place = updated(language), folder(language)
            lacking = missing(catalog)
            for sentence in lacking:
                self.stdout.write(f"{language}: no words for {sentence}")
            self.stdout.write(f"{language}: {len(catalog)} sentences, {len(lacking)} without words")
            for name, content in ((f"{DOMAIN}.po", text_of(catalog)), (f"{DOMAIN}.mo", compiled(catalog))):
                path = place / name
                if options["check"]:
                    if not path.exists() or path.read_bytes() != content:
                        wrong.append(f"{language}/{name}")
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            if options["check"] and lacking:
                wrong.append(f"{language}: {len(lacking)} sentences without words")
        if wrong:
            raise CommandError(f"Out of date: {', '.join(wrong)}. Run bin/manage messages.")
