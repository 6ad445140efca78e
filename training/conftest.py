"""Fixtures of the training tests; what they need is imported when Django's apps are ready and the plugin has loaded."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from training.courses.shape import Course
    from training.learning.tests.classroom import Classroom


@pytest.fixture(scope="session")
def prescriber_course() -> "Course":
    """The prescriber's starter course as its first version, read once; what follows it in the tests counts from 1.0."""
    from training.courses.document import CONTENT, load_course

    return replace(load_course(CONTENT / "prescriber-risk-protocol"), version="1.0", change="major", earlier=())


@pytest.fixture
def classroom(world: Any, prescriber_course: "Course") -> "Classroom":
    """The host with one learner assigned."""
    from training.learning.tests.classroom import arrange

    return arrange(world, prescriber_course)
