"""A learner's pages over HTTP, without a line of script."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.test import Client

from accounts.models import User
from audit.models import Event
from tenancy.scope import scope
from training.learning.models import Answer, Attempt, Completion, LessonProgress
from training.learning.notices import describe_assignments
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]


def lesson_address(classroom: Classroom, lesson: str, tail: str = "") -> str:
    return f"/o/host/learning/{classroom.assignment.pk}/lessons/{lesson}/{tail}"


def heading(response) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", response.content.decode())[1]


def test_my_learning_names_the_one_next_thing(classroom: Classroom, client_of: ClientOf) -> None:
    page = client_of(classroom.world.learner).get("/o/host/learning/").content.decode()
    assert "0 of 6 lessons passed" in page
    assert "Next, about 7 minutes" in page or "Who it helps, and who not" in page
    assert "to use Stillwater CBT with patients" in page


def test_it_resumes_at_the_very_card_and_question(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.learner)
    address = lesson_address(classroom, "who-it-helps")
    first = heading(client.get(address))
    client.post(address + "read/", {"step": "1"})
    assert heading(client.get(address)) != first
    with scope(classroom.world.host.pk):
        attempt = Attempt.running(classroom.read("who-it-helps"))
        key = attempt.questions[0]["key"]
    values = {"attempt": attempt.pk, "question": key, "choice": "0", "token": str(uuid4())}
    shown = client.post(address + "answers/", values)
    client.post(address + "answers/", values)
    feedback = client.get(shown.url).content.decode()
    assert ">Right</h2>" in feedback or ">Not right</h2>" in feedback
    with scope(classroom.world.host.pk):
        assert Answer.objects.count() == 1
        cards = LessonProgress.objects.get().steps_read
    page = client_of(classroom.world.learner).get(address).content.decode()
    assert f"{cards + 2} of {cards + 3}" in page


def test_a_question_left_out_is_come_back_to_and_the_quiz_ends(classroom: Classroom, client_of: ClientOf) -> None:
    """What waited on a device may arrive in another order, or not at all."""
    client = client_of(classroom.world.learner)
    address = lesson_address(classroom, "who-it-helps")
    with scope(classroom.world.host.pk):
        attempt = Attempt.running(classroom.read("who-it-helps"))
        cards = LessonProgress.objects.get().steps_read
    first, *others = [entry["key"] for entry in attempt.questions]
    for key in [*others, first]:
        shown = client.get(address).content.decode()
        assert f'name="question" value="{first}"' in shown
        assert f"{cards + 1} of {cards + 3}" in shown
        values = {"attempt": attempt.pk, "question": key, "choice": "0", "token": str(uuid4())}
        feedback = client.get(client.post(address + "answers/", values).url).content.decode()
        assert ">Right</h2>" in feedback or ">Not right</h2>" in feedback
    assert " right</h2>" in client.get(address).content.decode()
    with scope(classroom.world.host.pk):
        assert (Answer.objects.count(), Attempt.objects.count()) == (3, 1)


def test_a_step_that_lies_ahead_leads_back_to_the_place(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.learner)
    address = lesson_address(classroom, "who-it-helps")
    assert client.get(address + "?step=4").url == address
    assert client.get(address + "?step=result").url == address
    assert client.get(address + "?step=x").url == address
    client.post(address + "read/", {"step": "5"})
    with scope(classroom.world.host.pk):
        assert not LessonProgress.objects.filter(steps_read__gt=0).exists()


def test_no_choice_is_asked_for_again_and_nothing_is_kept(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.learner)
    with scope(classroom.world.host.pk):
        attempt = Attempt.running(classroom.read("who-it-helps"))
    values = {"attempt": attempt.pk, "question": attempt.questions[0]["key"], "token": str(uuid4())}
    response = client.post(lesson_address(classroom, "who-it-helps", "answers/"), values)
    assert response.status_code == 422
    assert "Choose an answer, then check it." in response.content.decode()
    with scope(classroom.world.host.pk):
        assert not Answer.objects.exists()


def test_the_final_test_waits_for_the_lessons(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.learner)
    assert client.get(lesson_address(classroom, "final")).url == f"/o/host/learning/{classroom.assignment.pk}/"
    client.post(lesson_address(classroom, "final", "read/"), {"step": "0"})
    with scope(classroom.world.host.pk):
        assert not Attempt.objects.exists()


def test_signing_ends_the_course_and_the_finished_page_stays(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.learner)
    address = f"/o/host/learning/{classroom.assignment.pk}/"
    assert client.get(address + "attestation/").url == address
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    refused = client.post(address + "attestation/", {"typed_name": "Somebody Else"})
    assert refused.status_code == 422
    assert "Type your name as it stands in your account: Prescriber Host." in refused.content.decode()
    assert client.post(address + "attestation/", {"typed_name": "Prescriber Host"}).url == address
    with scope(classroom.world.host.pk):
        assert Completion.objects.count() == 1
    assert "You passed on" in client.get(address).content.decode()
    assert "Nothing to learn today" in client.get("/o/host/learning/").content.decode()


def test_everybody_else_gets_the_same_404(classroom: Classroom, client_of: ClientOf) -> None:
    world = classroom.world
    address = lesson_address(classroom, "who-it-helps")
    missing = lesson_address(classroom, "who-it-helps").replace(str(classroom.assignment.pk), str(uuid4()))
    for user in (world.manager, world.owner, world.stranger):
        client = client_of(user)
        theirs, none = client.get(address), client.get(missing)
        assert (theirs.status_code, theirs.content) == (404, none.content)
        assert client.post(address + "read/", {"step": "1"}).status_code == 404
    with scope(world.host.pk):
        assert not LessonProgress.objects.exists()
        assert not Event.objects.filter(action__startswith="lesson.").exists()


def test_a_partner_in_the_hosts_scope_learns_nothing(classroom: Classroom, client_of: ClientOf) -> None:
    from access.permissions import Part
    from tenancy.models import Share
    from training.learning.tests.classroom import DEPLOYMENT

    world = classroom.world
    with scope(world.host.pk):
        from django.utils import timezone

        Share(deployment_id=DEPLOYMENT, partner=world.vendor, part=Part.VENDOR, granted_at=timezone.now()).save()
    client = client_of(world.vendor_manager)
    assert client.get("/o/host/learning/").status_code == 403
    assert client.get(lesson_address(classroom, "who-it-helps")).status_code == 403


def test_the_link_of_a_mail_opens_the_lesson_itself_where_the_learner_stopped(
    classroom: Classroom, client_of: ClientOf
) -> None:
    client = client_of(classroom.world.learner)
    with scope(classroom.world.host.pk):
        [told] = describe_assignments([classroom.assignment.pk]).values()
    assert client.get(told.path).url == lesson_address(classroom, "who-it-helps")
    with scope(classroom.world.host.pk):
        classroom.read("who-it-helps")
    page = client.get(told.path, follow=True).content.decode()
    assert 'name="question"' in page
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    assert client.get(told.path).url.endswith("/attestation/")
    assert client_of(classroom.world.contributor).get(told.path).status_code == 404
