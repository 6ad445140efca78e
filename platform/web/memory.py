"""How a process that serves for long treats its memory."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 100
"""Allocations between collections. With Python's own 700 a page of a hundred rows spent a seventh of its CPU on them."""


def settle_memory() -> None:
    """Leave what was imported out of every later collection, and collect less often; once, when everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
