"""Makes the project's own environment from the hashed locks; does nothing when the lock is the one installed."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from launcher.places import ENVIRONMENT, ROOT, STATE, interpreter, source_path
from launcher.terminal import LauncherError, step

Lock = Literal["run", "develop"]
STAMP = ENVIRONMENT / "causeway-lock.json"


def ensure(lock: Lock) -> None:
    """Install what a lock names, unless it is there already. `develop` holds everything `run` does."""
    if _is_installed(lock):
        return
    with _alone():
        if _is_installed(lock):  # another command was faster
            return
        STAMP.unlink(missing_ok=True)
        uv = shutil.which("uv")
        if not _works(interpreter()):
            with step("Making the environment .venv"):
                _make(uv)
        with step(f"Installing the packages of requirements/{lock}.txt with {'uv' if uv else 'pip'}"):
            _install(uv, _lock_file(lock))
        _link_sources()
        STAMP.write_text(json.dumps({"lock": lock, "sha256": _digest(lock)}))


def enter(arguments: list[str]) -> None:
    """Go on as the environment's own Python, unless we are that already."""
    if Path(sys.prefix) == ENVIRONMENT:
        return
    environment = {**os.environ, "PYTHONPATH": source_path(os.environ.get("PYTHONPATH"))}
    program = str(interpreter())
    os.execve(program, [program, "-m", "launcher", *arguments], environment)  # noqa: S606 - no shell is wanted


def _is_installed(lock: Lock) -> bool:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    accepted: tuple[Lock, ...] = ("develop",) if lock == "develop" else ("run", "develop")
    installed = stamp.get("lock")
    return installed in accepted and stamp.get("sha256") == _digest(installed) and _works(interpreter())


def _lock_file(lock: Lock) -> Path:
    return ROOT / "requirements" / f"{lock}.txt"


def _digest(lock: Lock) -> str:
    return hashlib.sha256(_lock_file(lock).read_bytes()).hexdigest()


def _base_python() -> str:
    """The Python an environment is made from, also when we run inside one: only that one has pip."""
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(base) if base.exists() else sys.executable


def _works(python: Path) -> bool:
    """Whether this Python runs for us: one made by root with a Python in root's home does not run for anybody else."""
    try:
        return os.access(python.resolve(strict=True), os.X_OK)
    except OSError:
        return False


@contextmanager
def _alone() -> Iterator[None]:
    STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (STATE / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(uv: str | None) -> None:
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if ENVIRONMENT.exists():
        raise LauncherError(
            f"{ENVIRONMENT} does not run for this user and cannot be replaced: remove it, then start again."
        )
    if uv:
        _do([uv, "venv", "--quiet", "--python", _base_python(), str(ENVIRONMENT)])
    else:
        # Without pip of its own: Debian keeps ensurepip in a package that may be missing.
        _do([_base_python(), "-m", "venv", "--without-pip", str(ENVIRONMENT)])


def _install(uv: str | None, lock: Path) -> None:
    if uv:
        _do([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(interpreter()), str(lock)])
        return
    if subprocess.run([_base_python(), "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        raise LauncherError(f"{_base_python()} has no pip. Install pip (Debian: apt install python3-pip) or uv.")
    _do(
        [_base_python(), "-m", "pip", "--python", str(interpreter()), "install", "--quiet", "--no-deps",
         "--disable-pip-version-check", "--require-hashes", "--requirement", str(lock)]
    )  # fmt: skip


def _link_sources() -> None:
    """Name the two source roots in the environment, as hatchling's `dev-mode-dirs` would, without building anything."""
    packages = sysconfig.get_path("purelib", "venv", vars={"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)})
    (Path(packages) / "causeway.pth").write_text(f"{ROOT}\n{ROOT / 'platform'}\n")


def _do(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LauncherError(
            f"{' '.join(command)}\nended with status {done.returncode}:\n{(done.stderr or done.stdout).strip()}"
        )
