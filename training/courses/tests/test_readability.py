"""The measure of readability itself."""

import pytest

from training.courses.tests.readability import grade, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [("suicide", 3), ("time", 1), ("asked", 1), ("protocol", 3), ("PHQ", 3), ("people", 2), ("video", 3)],
)
def test_syllables_are_counted(word, count):
    assert syllables(word) == count


def test_the_grade_of_a_known_text():
    assert round(grade("The cat sat on the mat. The dog ran to the man."), 1) == -1.4
    assert grade("Organizational accountability necessitates interdisciplinary communication.") > 20
