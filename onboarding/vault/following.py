"""What looks at a paper whenever it came into force or stopped being good."""

from collections.abc import Callable
from typing import Any

from audit.actor import Actor

AFTER_REVIEW: list[Callable[[Any, Actor], None]] = []
"""Called with (paper, by) in the transaction that changed it: what rests on papers registers itself here."""


def reviewed(paper: Any, by: Actor) -> None:
    """Let everything that rests on the paper follow."""
    for follow in AFTER_REVIEW:
        follow(paper, by)
