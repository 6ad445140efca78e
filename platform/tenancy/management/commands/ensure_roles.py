"""`bin/manage ensure_roles`: make the database roles and the database."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenancy import roles


class Command(BaseCommand):
    """Create or correct the roles and the database named by DATABASE_URL, through DATABASE_ADMIN_URL."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; needs DATABASE_ADMIN_URL, a superuser's connection."""
        admin = os.environ.get("DATABASE_ADMIN_URL")
        if not admin:
            raise CommandError("DATABASE_ADMIN_URL is not set: it names the connection that may create roles.")
        urls = {
            "causeway_app": os.environ.get("DATABASE_URL", ""),
            "causeway_migrator": os.environ.get("DATABASE_MIGRATOR_URL", ""),
            "causeway_steward": os.environ.get("DATABASE_STEWARD_URL", ""),
        }
        roles.ensure(admin, urls, str(settings.DATABASES["default"]["NAME"]))
