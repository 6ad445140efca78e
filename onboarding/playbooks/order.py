"""The dependency graph of a playbook: no way round in a circle, no item due before what it waits for."""

from collections.abc import Mapping, Sequence


def find_cycle(depends_on: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Give one circle as a path whose last key is its first, or None.

    Iterative, since a recursive walk would fail on a long chain; keys that are not in the mapping are ignored.
    """
    finished: set[str] = set()
    for start in depends_on:
        if start in finished:
            continue
        path: list[str] = [start]
        on_path = {start}
        waiting = [iter(depends_on[start])]
        while waiting:
            following = next((key for key in waiting[-1] if key in depends_on and key not in finished), None)
            if following is None:
                waiting.pop()
                left = path.pop()
                on_path.discard(left)
                finished.add(left)
            elif following in on_path:
                return [*path[path.index(following) :], following]
            else:
                path.append(following)
                on_path.add(following)
                waiting.append(iter(depends_on[following]))
    return None


def calendar_days(working_days: int) -> int:
    """Give the fewest calendar days in which so many working days can lie (Monday to Friday)."""
    return working_days + 2 * (working_days // 5)
