"""Where things lie: the project's root, its environment, and the folder of everything made at run time."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
STATE = Path(os.environ.get("CAUSEWAY_HOME") or ROOT / ".causeway")


def shown(path: Path) -> str:
    """A path as the person at the terminal would write it: from the root where it lies there."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def interpreter() -> Path:
    """The Python of the project's own environment."""
    return ENVIRONMENT / "bin" / "python"


def source_path(inherited: str | None = None) -> str:
    """The `PYTHONPATH` of every child: the root and the source root `platform/`, then what was there.

    `platform/` holds no `__init__.py`, so the standard library's module of that name still wins.
    """
    ours = [str(ROOT), str(ROOT / "platform")]
    kept = [entry for entry in (inherited or "").split(os.pathsep) if entry and entry not in ours]
    return os.pathsep.join([*ours, *kept])
