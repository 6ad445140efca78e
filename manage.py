#!/usr/bin/env python3
"""Django's command line. `bin/manage` runs it in the right environment with the servers up."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run a Django command; schema commands act as the migrator role."""
    sys.path.append(str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if len(sys.argv) > 1 and sys.argv[1] in {"migrate", "sync_schema"}:
        os.environ["CAUSEWAY_DATABASE_ROLE"] = "migrator"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
