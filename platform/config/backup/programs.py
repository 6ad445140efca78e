"""PostgreSQL's own programs: those of the wheel beside us, or the installed ones."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


class NoProgram(LookupError):
    """pg_dump or pg_restore is not on this machine."""


def run(name: str, arguments: Sequence[str | Path], address: str) -> None:
    """Run a program of PostgreSQL on the database at the address; raise RuntimeError with its words if it fails."""
    command = [_find(name), *arguments, f"--dbname={address}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-2000:]}")


def address(database: str | None = None) -> str:
    """Return how the administrator reaches the product's database; raise KeyError where nobody may."""
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    name = database or urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
    return urlunsplit(parts._replace(path=f"/{name}"))


def _find(name: str) -> str:
    beside = os.environ.get("CAUSEWAY_POSTGRES_PROGRAMS")  # the launcher's own server brings its programs
    found = shutil.which(name, path=beside) if beside else shutil.which(name)
    if found is None:
        raise NoProgram(f"{name} is not installed: install PostgreSQL's client programs of the server's version.")
    return found
