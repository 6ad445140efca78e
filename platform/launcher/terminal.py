"""What the launcher says on the terminal: one line a step, with the time it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class LauncherError(Exception):
    """Something the person at the terminal can put right; its text says what and how."""


def say(text: str = "") -> None:
    """Print one line at once, on the error stream: the output stream belongs to the command that is run."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step while it runs, and how long it took; on a plain log only the finished line."""
    live = sys.stderr.isatty()
    if live:
        print(f"  ·  {title} ...", end="", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"{_rewind(live)}  x  {title}")
        raise
    say(f"{_rewind(live)}  ok {title} ({time.monotonic() - start:.1f} s)")


def _rewind(live: bool) -> str:
    return "\r\033[K" if live else ""
