"""The certificate and its public check."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from tenancy.models import Organization
from tenancy.scope import scope
from training.credentials.certificate import certificate_pdf, certificate_words
from training.credentials.transcript import transcript
from training.learning.actions.answer_quiz import attest
from training.learning.models import Completion
from training.learning.records import records_csv
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]


@pytest.fixture
def completion(classroom: Classroom) -> Completion:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        return Completion.objects.select_related("version").get()


def check(code: str, org: str = "host"):
    return Client().get(f"/v/{org}/{code}/")


def test_it_is_a_tagged_pdf_of_one_page(classroom: Classroom, completion: Completion) -> None:
    made = certificate_pdf(classroom.world.host, completion)
    assert made.startswith(b"%PDF-1.7")
    assert b"/Marked true" in made
    assert b"pdfuaid" in made
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 1


def test_its_learner_and_who_sees_names_get_it_and_nobody_else(
    classroom: Classroom, completion: Completion, client_of: ClientOf
) -> None:
    world, address = classroom.world, f"/o/host/certificates/{completion.pk}/"
    for user in (world.learner, world.manager):
        answer = client_of(user).get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    missing = client_of(world.contributor).get(f"/o/host/certificates/{uuid4()}/")
    for user in (world.contributor, world.stranger):
        refused = client_of(user).get(address)
        assert (refused.status_code, refused.content) == (404, missing.content)


def test_anybody_can_check_it_and_learns_nothing_but_what_is_printed(
    classroom: Classroom, completion: Completion
) -> None:
    page = check(completion.code).content.decode()
    assert "This certificate is valid" in page
    assert "Prescriber Host" in page
    assert "prescriber@host.example" not in page
    assert "Main Street" not in page
    assert str(completion.pk) not in page


def test_it_says_expired_and_revoked(classroom: Classroom, completion: Completion) -> None:
    with time_machine.travel(datetime.combine(completion.expires_on, time(17), UTC)):
        assert "is valid" in check(completion.code).content.decode()
    with time_machine.travel(datetime.combine(completion.expires_on + timedelta(days=1), time(17), UTC)):
        assert "has expired" in check(completion.code).content.decode()
    with scope(classroom.world.host.pk):
        completion.revoke("Wrong person", by=classroom.manager)
    page = check(completion.code).content.decode()
    assert "was revoked" in page
    assert "Wrong person" not in page


def test_everything_unknown_is_the_same_404(classroom: Classroom, completion: Completion) -> None:
    answers = [check("a" * 32), check(completion.code, "elsewhere"), check(completion.code, "nowhere"), check("x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_an_equivalence_has_no_certificate(classroom: Classroom, completion: Completion, client_of: ClientOf) -> None:
    with scope(classroom.world.host.pk):
        Completion.objects.update(kind="equivalence")
    assert check(completion.code).status_code == 404
    assert client_of(classroom.world.learner).get(f"/o/host/certificates/{completion.pk}/").status_code == 404


def test_it_is_dated_by_the_day_of_the_organization_whoever_reads_it(classroom: Classroom, client_of: ClientOf) -> None:
    """Half past eleven at night in Los Angeles on 30 November is the next morning in New York and in UTC."""
    world = classroom.world
    Organization.objects.filter(pk=world.host.pk).update(time_zone="America/Los_Angeles")
    with time_machine.travel(datetime(2026, 12, 1, 7, 30, tzinfo=UTC), tick=False), scope(world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        completion = Completion.objects.select_related("version").get()
        world.host.refresh_from_db()
        assert certificate_words(world.host, completion)["passed_on"] == "30 November 2026"
        [entry] = transcript(world.learner.pk)
        assert (entry.passed_on, completion.expires_on) == (date(2026, 11, 30), date(2027, 11, 30))
        assert ",passed,passed,2026-11-30,2027-11-30" in b"".join(records_csv(date(2026, 11, 30))).decode()
    assert 'datetime="2026-11-30"' in check(completion.code).content.decode()


@pytest.mark.parametrize(
    ("tongue", "heading", "typeface"),
    [("es", "Certificado de finalización", b"LibertinusSerif"), ("ar", "شهادة إتمام", b"NotoNaskhArabic")],
)
def test_it_is_tagged_and_set_in_the_language_of_its_learner_with_letters_for_it(
    classroom: Classroom, completion: Completion, client_of: ClientOf, tongue: str, heading: str, typeface: bytes
) -> None:
    with override(tongue), scope(classroom.world.host.pk):
        assert certificate_words(classroom.world.host, completion)["heading"] == heading
    User.objects.filter(pk=classroom.world.learner.pk).update(language=tongue)
    made = client_of(classroom.world.learner).get(f"/o/host/certificates/{completion.pk}/").content
    assert f"/Lang({tongue}".encode() in made
    assert b"pdfuaid" in made
    assert typeface in made
    transcript = client_of(classroom.world.learner).get("/o/host/certificates/transcript.pdf").content
    assert f"/Lang({tongue}".encode() in transcript
