"""The layout guard: what `platform/` may hold, what a file may be called, and how long it may be.

`platform/` is a source root and no package. With an `__init__.py` in it the standard library's `platform` is shadowed, and
pytest, Celery and Django break in ways that do not name the cause.
"""

import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

ROOMS = ("onboarding", "training", "billing")
VAGUE = {"utils", "util", "common", "core", "helpers", "services", "signals", "misc"}
LONGEST_FILE = 400


def findings(root: Path) -> list[str]:
    """Everything that breaks the layout, each with the place and the reason."""
    return [
        *_loose_files(root), *_shadows(root), *_unshipped(root), *_vague_names(root), *_long_files(root),
    ]  # fmt: skip


def packages(root: Path) -> list[str]:
    """The names of the packages in the source root `platform/`."""
    return sorted(path.parent.name for path in (root / "platform").glob("*/__init__.py"))


def _loose_files(root: Path) -> Iterator[str]:
    for entry in sorted((root / "platform").iterdir()):
        if entry.name == "__pycache__":
            continue
        if entry.is_file():
            yield f"platform/{entry.name}: platform/ is a source root and holds packages only"
        elif not (entry / "__init__.py").exists() and any(entry.rglob("*.py")):
            yield f"platform/{entry.name}: has no __init__.py"


def _shadows(root: Path) -> Iterator[str]:
    for name in [*packages(root), *ROOMS]:
        if name in sys.stdlib_module_names:
            yield f"{name}: the standard library has a module of this name"
        installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
        if (spec := PathFinder.find_spec(name, installed)) is not None and spec.origin is not None:
            yield f"{name}: shadows the installed package {spec.origin}"


def _unshipped(root: Path) -> Iterator[str]:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    shipped = set(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    known = set(settings["tool"]["ruff"]["lint"]["isort"]["known-first-party"])
    for name in packages(root):
        if f"platform/{name}" not in shipped:
            yield f"platform/{name}: missing in pyproject.toml, tool.hatch.build.targets.wheel.packages"
        if name not in known:
            yield f"platform/{name}: missing in pyproject.toml, tool.ruff.lint.isort.known-first-party"


def _sources(root: Path) -> Iterator[Path]:
    for room in ("platform", *ROOMS):
        yield from sorted((root / room).rglob("*.py"))


def _vague_names(root: Path) -> Iterator[str]:
    for path in _sources(root):
        name = path.parent.name if path.name == "__init__.py" else path.stem
        if name in VAGUE:
            yield f"{path.relative_to(root)}: {name!r} names no subject"


def _long_files(root: Path) -> Iterator[str]:
    for path in _sources(root):
        if "migrations" in path.parts:
            continue
        lines = len(path.read_text().splitlines())
        if lines > LONGEST_FILE:
            yield f"{path.relative_to(root)}: {lines} lines, the limit is {LONGEST_FILE}; a file has one subject"
