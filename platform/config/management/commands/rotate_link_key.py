"""`bin/manage rotate_link_key`: a new key for everything that is signed, with the old one kept for what was mailed."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

OCTETS = 64


class Command(BaseCommand):
    """Say what goes into the environment; nothing changes before that."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print both variables, the newest former key first."""
        former = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        self.stdout.write(f"CAUSEWAY_SECRET_KEY={secrets.token_urlsafe(OCTETS)}")
        self.stdout.write(f"CAUSEWAY_FORMER_SECRET_KEYS={','.join(former)}")
        self.stderr.write(
            "Put both into the environment of every process and start them again; nothing has changed yet."
        )
