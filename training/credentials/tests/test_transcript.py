"""The transcript, and what is reported of it with a person's leave."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Event, RowImage
from tenancy.scope import scope
from training.courses.shape import Course, Credit
from training.credentials.models import CreditDetails
from training.credentials.transcript import hours_of, transcript, transcript_pdf
from training.learning.actions.answer_quiz import attest
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]
PLACE = "/o/host/certificates/"
DETAILS = {
    "first_name": "Ann", "last_name": "Rivera", "birth_month": "2", "birth_day": "29", "licensing_state": "NY",
    "license_id": "123456",
}  # fmt: skip


@pytest.fixture
def credited(classroom: Classroom, prescriber_course: Course) -> Classroom:
    """The prescriber has passed a version that gives half an hour."""
    with scope(classroom.world.host.pk):
        credit = Credit("ama-pra-1", "AMA PRA Category 1", "0.50")
        adopt_course(
            replace(prescriber_course, version="1.1", change="minor", credits=(credit,)),
            by=classroom.manager,
            source="t",
        )
        assignment = Assignment.objects.select_related("version", "course", "user", "learner").get()
        classroom.pass_lessons(assignment)
        attest(assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
    return classroom


def test_a_transcript_lists_what_was_passed_with_its_hours_as_page_and_as_tagged_pdf(
    credited: Classroom, client_of: ClientOf
) -> None:
    client = client_of(credited.world.learner)
    page = client.get(f"{PLACE}transcript/").content.decode()
    assert "0.50 AMA PRA Category 1" in page
    made = client.get(f"{PLACE}transcript.pdf")
    assert made["Content-Type"] == "application/pdf"
    assert b"/Marked true" in made.content
    assert b"pdfuaid" in made.content
    with scope(credited.world.host.pk):
        assert {kind: str(hours) for kind, hours in hours_of(transcript(credited.world.learner.pk)).items()} == {
            "AMA PRA Category 1": "0.50"
        }
    assert "Nothing passed yet" in client_of(credited.world.contributor).get(f"{PLACE}transcript/").content.decode()


def test_a_transcript_is_one_file_to_the_byte_all_day(credited: Classroom) -> None:
    made = []
    for at in ("2026-12-01T09:00:00Z", "2026-12-01T15:30:07Z", "2026-12-02T09:00:00Z"):
        with scope(credited.world.host.pk), time_machine.travel(at, tick=False):
            made.append(transcript_pdf(credited.world.host, credited.world.learner))
    assert made[0] == made[1] != made[2]
    assert b"/CreationDate(D:20261201000000Z)" in made[0]


def test_nothing_is_reported_without_leave_and_each_download_is_logged(
    credited: Classroom, client_of: ClientOf
) -> None:
    learner, manager = client_of(credited.world.learner), client_of(credited.world.manager)
    assert learner.post(f"{PLACE}credit/", DETAILS).status_code == 302
    assert "Nothing to report" in manager.get(f"{PLACE}report/").content.decode()
    learner.post(f"{PLACE}credit/", {**DETAILS, "may_report": "on"})
    answer = manager.get(f"{PLACE}report/?as=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("Ann,Rivera,2,29,NY,123456,")
    with scope(credited.world.host.pk):
        assert Event.objects.filter(action="credit_details.exported").count() == 1
    assert learner.get(f"{PLACE}report/").status_code == 403


def test_a_day_that_the_month_does_not_have_is_refused(credited: Classroom, client_of: ClientOf) -> None:
    refused = client_of(credited.world.learner).post(f"{PLACE}credit/", {**DETAILS, "birth_day": "30"})
    assert refused.status_code == 422
    with scope(credited.world.host.pk):
        assert not CreditDetails.objects.exists()


def test_a_birthday_and_a_license_stand_in_no_history_that_cannot_be_erased(
    credited: Classroom, client_of: ClientOf
) -> None:
    assert client_of(credited.world.learner).post(f"{PLACE}credit/", DETAILS).status_code == 302
    with scope(credited.world.host.pk):
        saved = CreditDetails.objects.get()
        assert Event.objects.about(saved.pk).count() == 1
        assert not RowImage.objects.filter(row_id=saved.pk).exists()
