"""Rivals over one decision, each with a connection of their own. The full contest is `bin/manage faults decisions`."""

import pytest

from testing.faults.decisions import contest, stage


@pytest.mark.transactional
@pytest.mark.django_db(transaction=True)
def test_of_twelve_rivals_one_decides_and_the_others_are_told_so() -> None:
    result = contest(stage(12), 4, say=lambda words: None)
    assert result.good, (result.wrong, result.errors)
    assert (result.rounds, result.winners, result.refused) == (4, 4, 44)
    assert result.connections >= 12
