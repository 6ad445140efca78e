"""`bin/manage load_demo`: a health organization with its history, a vendor, a hub and a funder."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo.load import load


class Command(BaseCommand):
    """Load the demo once; a second run changes nothing."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run in one transaction: the demo is there whole, or not at all."""
        loaded = load(lambda text: self.stdout.write(f"  {text}", ending="\n"))
        self.stdout.write("The demo is loaded." if loaded else "The demo is there already.")
