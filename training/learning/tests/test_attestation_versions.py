"""Which wording was signed, and when another one is signed again."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import User
from tenancy.scope import scope
from training.courses.shape import Course
from training.learning.actions.answer_quiz import attest
from training.learning.actions.settle import missing
from training.learning.actions.take_up_version import adopt_course
from training.learning.coverage import Figure, coverage_of
from training.learning.models import Assignment, Attestation, Completion
from training.learning.models.attestation import wording
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]
NEW = "I act within five minutes, and I never leave it for the next visit."


def passed(classroom: Classroom) -> None:
    classroom.pass_lessons()
    attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)


def worded(classroom: Classroom, course: Course, version: str, change: str, text: str = NEW) -> Assignment:
    assert course.attestation
    changed = replace(course, version=version, change=change, attestation=replace(course.attestation, text=text))
    adopt_course(changed, by=classroom.manager, source="test")
    return Assignment.objects.select_related("version", "course", "user", "learner").get()


def trained(classroom: Classroom) -> Figure:
    return coverage_of([classroom.rollout.pk])[classroom.rollout.pk].total


def test_another_wording_is_signed_again_after_a_material_change_and_nothing_else(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        passed(classroom)
        assignment = worded(classroom, prescriber_course, "1.1", "material")
        wanted = missing(assignment)
        assert (wanted.lessons, wanted.attestation) == ([], True)
        assert trained(classroom) == Figure(0, 1)
        attest(assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        assert trained(classroom) == Figure(1, 1)
        first, second = Attestation.objects.order_by("signed_at")
        assert (second.text, second.version_id) == (NEW, assignment.version_id)
        assert first.wording != second.wording
        assert first.sha256 == first.digest()
        # The round's date stays: a signature does not renew what was learned.
        assert len({row.expires_on for row in Completion.objects.all()}) == 1


@pytest.mark.parametrize(("version", "change"), [("1.1", "minor"), ("1.1", "material")])
def test_a_minor_change_of_the_wording_or_the_same_wording_asks_nobody(
    classroom: Classroom, prescriber_course: Course, version: str, change: str
) -> None:
    with scope(classroom.world.host.pk):
        passed(classroom)
        assert prescriber_course.attestation
        text = NEW if change == "minor" else prescriber_course.attestation.text
        assignment = worded(classroom, prescriber_course, version, change, text)
        assert not missing(assignment)
        assert trained(classroom) == Figure(1, 1)
        assert assignment.due_on == classroom.assignment.due_on


def test_who_did_not_sign_again_is_not_covered_by_a_later_minor_version(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        passed(classroom)
        worded(classroom, prescriber_course, "1.1", "material")
        assignment = worded(classroom, prescriber_course, "1.2", "minor")
        assert missing(assignment).attestation
        assert trained(classroom) == Figure(0, 1)


def test_a_text_that_changed_since_it_was_opened_is_shown_anew_and_not_signed(
    classroom: Classroom, prescriber_course: Course, client_of: ClientOf
) -> None:
    client, address = client_of(classroom.world.learner), f"/o/host/learning/{classroom.assignment.pk}/attestation/"
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    opened = client.get(address).content.decode()
    with scope(classroom.world.host.pk):
        worded(classroom, prescriber_course, "1.1", "minor")
    signed = {"typed_name": "Prescriber Host", "seen": re.findall(r'name="seen" value="(\w{64})"', opened)[0]}
    refused = client.post(address, signed)
    page = refused.content.decode()
    assert (refused.status_code, NEW in opened, NEW in page) == (422, False, True)
    assert "The text has changed since you opened it" in page
    assert f'name="seen" value="{wording(NEW)}"' in page
    [swapped] = re.findall(r'hx-select-oob="#([\w-]+),#([\w-]+)"', page)
    assert [f'id="{one}"' in page for one in swapped] == [True, True]
    with scope(classroom.world.host.pk):
        assert (Attestation.objects.count(), Completion.objects.count()) == (0, 0)
