"""No playbook goes round in a circle, and working days take room in the calendar."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.playbooks.order import calendar_days, find_cycle


@given(st.integers(2, 12).flatmap(lambda size: st.tuples(st.just(size), st.permutations(range(size)), st.data())))
def test_a_graph_that_only_looks_back_has_no_circle(drawn: tuple[int, list[int], st.DataObject]) -> None:
    size, order, data = drawn
    graph = {
        f"item-{order[place]}": [
            f"item-{order[earlier]}" for earlier in range(place) if data.draw(st.booleans(), label="edge")
        ]
        for place in range(size)
    }

    assert find_cycle(graph) is None


@given(
    st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=10),
)
def test_a_circle_is_found_exactly_where_one_can_be_walked(edges: dict[int, list[int]]) -> None:
    graph = {str(key): [str(other) for other in others] for key, others in edges.items()}

    path = find_cycle(graph)

    reachable = {key: {other for other in others if other in graph} for key, others in graph.items()}
    for middle in graph:
        for start in graph:
            if middle in reachable[start]:
                reachable[start] |= reachable[middle]
    if path is None:
        assert not any(key in reachable[key] for key in graph)
    else:
        assert path[0] == path[-1]
        assert len(set(path)) == len(path) - 1
        assert all(after in graph[before] for before, after in pairwise(path))


def test_a_chain_of_ten_thousand_items_needs_no_recursion() -> None:
    graph = {str(number): [str(number + 1)] for number in range(10_000)}

    assert find_cycle(graph) is None
    graph["10000"] = ["0"]
    path = find_cycle(graph)
    assert path is not None
    assert len(path) == 10_002


@pytest.mark.parametrize(("working", "calendar"), [(0, 0), (1, 1), (4, 4), (5, 7), (10, 14), (12, 16)])
def test_working_days_need_at_least_so_many_calendar_days(working: int, calendar: int) -> None:
    assert calendar_days(working) == calendar
