"""Brings a database up to the source: roles, schema, starter content and demo, each by the Django command that owns it."""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from launcher.instance import Instance
from launcher.places import ROOT
from launcher.supervisor import Supervisor
from launcher.terminal import LauncherError, step

STAMP = "content.json"
ROOMS = ("platform", "onboarding", "training", "billing")
TITLES = {
    "ensure_roles": "Database roles",
    "migrate": "Database schema",
    "load_reference": "Reference data",
    "load_starter": "Starter content",
    "load_demo": "Demo",
}


def bring_up_to_date(instance: Instance, supervisor: Supervisor, *, demo: bool) -> None:
    """Run the commands that are there; all of them are idempotent. Skipped while nothing in the source has changed."""
    stamp = instance.folder / STAMP
    # The month as well: migrating makes the partitions of the next ones.
    wanted = {"source": fingerprint(), "demo": demo, "month": f"{datetime.now(UTC):%Y-%m}"}
    if instance.is_embedded and _read(stamp) == wanted:
        return
    stamp.unlink(missing_ok=True)
    for command, title in TITLES.items():
        if not _exists(command) or (command == "load_demo" and not demo):
            continue
        if command == "ensure_roles" and "DATABASE_ADMIN_URL" not in instance.environment:
            continue  # a server of somebody else's, whose roles are made by its administrator
        with step(title):
            _run(instance, supervisor, command)
    stamp.write_text(json.dumps(wanted))


def ensure_roles(instance: Instance, supervisor: Supervisor) -> None:
    """Make the roles and an empty database, for commands that look at a connection but at no table."""
    if "DATABASE_ADMIN_URL" in instance.environment:
        _run(instance, supervisor, "ensure_roles")


def forget(instance: Instance) -> None:
    """Make the next start look at the database again."""
    (instance.folder / STAMP).unlink(missing_ok=True)


def had_demo(instance: Instance) -> bool:
    """Whether the demo was wanted when the instance was last brought up to date; yes for a new one."""
    before = _read(instance.folder / STAMP)
    return bool(before.get("demo", True)) if isinstance(before, dict) else True


def fingerprint() -> str:
    """A digest that changes when a source or content file does; it looks at names, sizes and times only."""
    digest = hashlib.sha256()
    files = [ROOT / "manage.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*"))]
    for path in sorted(files):
        if "__pycache__" in path.parts or "tests" in path.parts or not path.is_file():
            continue
        found = path.stat()
        digest.update(f"{path.relative_to(ROOT)}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_text())
    except (OSError, ValueError):
        return None


def _exists(command: str) -> bool:
    """Whether one of our apps brings this command; looked up in the source, because asking Django takes seconds."""
    return any(path for room in ROOMS for path in (ROOT / room).rglob(f"management/commands/{command}.py"))


def _run(instance: Instance, supervisor: Supervisor, command: str) -> None:
    log = instance.logs / "content.log"
    with log.open("ab") as file:
        start = file.tell()
        status = supervisor.run([sys.executable, ROOT / "manage.py", command], instance.environment, ROOT, output=file)
    if status != 0:
        with log.open("rb") as file:
            file.seek(start)
            words = file.read().decode(errors="replace").strip()
        raise LauncherError(f"manage.py {command} ended with status {status}:\n{words[-4000:]}")
