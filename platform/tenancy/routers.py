"""The steward reads what the app wrote: one schema, migrated through the default connection only."""

from typing import Any


class OneSchema:
    """Migrate only through `default`."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Whether this connection may run the migration."""
        return db == "default"

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        """Rows read through either connection are rows of the same database."""
        return True
