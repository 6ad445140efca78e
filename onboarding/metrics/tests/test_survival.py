"""Kaplan and Meier: against published results, and against a computation written from the definition alone."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from onboarding.metrics.survival import Observation, median, survival

# Freireich EJ et al. Blood. 1963;21:699-716: weeks of remission in acute leukemia, as in every textbook since. + is censored.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def read(text: str) -> list[Observation]:
    return [Observation(int(word.rstrip("+")), not word.endswith("+")) for word in text.split()]


def test_the_published_medians_of_freireich_are_found() -> None:
    assert median(read(TREATED)) == 23
    assert median(read(PLACEBO)) == 8


def test_the_published_curve_of_freireich_is_found() -> None:
    """Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, table 1.2: .857 .807 .753 .690 .627 .538 .448."""
    shares = [(day, round(float(share), 3)) for day, share in survival(read(TREATED))]
    assert shares == [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.69), (16, 0.627), (22, 0.538), (23, 0.448)]


def test_where_more_than_half_still_run_there_is_no_median() -> None:
    assert median(read("5 9+ 9+ 9+")) is None
    assert median([]) is None


def test_an_average_of_completed_sites_would_have_been_too_fast() -> None:
    observed = read("10 12 90+ 120+ 150+ 160")
    finished = sorted(one.days for one in observed if one.ended)
    assert finished[len(finished) // 2] == 12
    assert median(observed) == 160


def test_an_end_comes_before_a_censoring_of_the_same_day() -> None:
    assert survival(read("4 4+ 8")) == [(4, Fraction(2, 3)), (8, Fraction(0))]


def redistribute(observed: list[Observation]) -> dict[int, Fraction]:
    """Efron's way (1967): each censored one hands its weight to all that lie to its right. No product, no risk set."""
    ranked = sorted(observed, key=lambda one: (one.days, not one.ended))
    weight = [Fraction(1, len(ranked))] * len(ranked)
    for place, one in enumerate(ranked):
        right = range(place + 1, len(ranked))
        if not one.ended and right:
            share, weight[place] = weight[place] / len(right), Fraction(0)
            for other in right:
                weight[other] += share
    days = sorted({one.days for one in ranked if one.ended})
    return {
        day: 1 - sum(w for w, one in zip(weight, ranked, strict=True) if one.ended and one.days <= day) for day in days
    }


OBSERVED = st.lists(st.builds(Observation, st.integers(0, 30), st.booleans()), min_size=1, max_size=25)


@given(OBSERVED)
def test_it_is_what_redistribution_to_the_right_gives(observed: list[Observation]) -> None:
    independent = redistribute(observed)
    assert dict(survival(observed)) == independent
    assert median(observed) == next((day for day, share in independent.items() if share <= Fraction(1, 2)), None)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=25))
def test_without_censoring_it_is_the_plain_lower_median(days: list[int]) -> None:
    assert median([Observation(day, True) for day in days]) == sorted(days)[(len(days) - 1) // 2]


@given(OBSERVED, st.integers(0, 24))
def test_a_site_that_still_runs_and_is_known_for_longer_never_brings_the_median_nearer(
    observed: list[Observation], which: int
) -> None:
    # Not so for one that ended: past a site that left the sample its end weighs more than before.
    running = [place for place, one in enumerate(observed) if not one.ended]
    assume(running)
    place = running[which % len(running)]
    later = [*observed]
    later[place] = Observation(observed[place].days + 7, False)
    before, after = median(observed), median(later)
    assert after is None or (before is not None and after >= before) or before is None


@pytest.mark.parametrize(("text", "days"), [("7", 7), ("0", 0), ("7+", None)])
def test_one_site_alone(text: str, days: int | None) -> None:
    assert median(read(text)) == days
