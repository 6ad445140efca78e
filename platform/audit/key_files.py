"""Keys of the instance's own: 32 bytes in base64, given by the environment or made on first use beside its files."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

OCTETS = 32
Key = TypeVar("Key")


def folder() -> Path:
    """Return the folder of the keys, closed to other users."""
    path: Path = settings.STATE_DIR / "keys"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def read(words: str, name: str, make: Callable[[bytes], Key]) -> Key:
    """Return what `make` makes of a key in base64; raise ImproperlyConfigured, naming the key, if it is none."""
    try:
        raw = base64.b64decode(words.strip(), validate=True)
        if len(raw) != OCTETS:
            raise ValueError
        return make(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}: expected {OCTETS} bytes in base64") from None


def standing(name: str, fresh: Callable[[], bytes]) -> tuple[Path, bool]:
    """Return the file of a key and whether it was made just now.

    Two processes may come at once: whoever links the complete file first has made it.
    """
    path = folder() / name
    if path.exists():
        return path, False
    draft = _draft(name, fresh())
    try:
        os.link(draft, path)
    except FileExistsError:
        return path, False
    finally:
        draft.unlink()
    return path, True


def replace(name: str, secret: bytes) -> None:
    """Put another key in the place of one."""
    _draft(name, secret).replace(folder() / name)


def _draft(name: str, secret: bytes) -> Path:
    draft = folder() / f"{name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secret))
    return draft
