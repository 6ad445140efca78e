"""A course in another language: what a learner reads, and what becomes of it when the original changes."""

from collections.abc import Callable
from dataclasses import replace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from tenancy.scope import scope
from training.courses.models import CourseTranslation
from training.courses.package import pack_course, unpack_course
from training.courses.shape import Course
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Attestation
from training.learning.tests.classroom import Classroom, shipped_media

ClientOf = Callable[[User], Client]
PLACE = "/o/host/training/courses/"


def arabic(course: Course) -> Course:
    """The prescriber's course with Arabic words in a few places."""
    first = course.lessons[0]
    card = replace(first.cards[0], title="ابدأ من الملصق")
    lesson = replace(first, title="من يستفيد ومن لا", cards=(card, *first.cards[1:]))
    question = replace(course.questions[0], prompt="ماذا تقرأ أولاً؟")
    return replace(
        course, language="ar", translation_of=course.sha256, title="بروتوكول المخاطر",
        lessons=(lesson, *course.lessons[1:]), questions=(question, *course.questions[1:]),
        attestation=replace(course.attestation, text="أعرف البروتوكول."),
    )  # fmt: skip


def upload(client: Client, course: Course) -> object:
    return client.post(
        f"{PLACE}upload/", {"file": SimpleUploadedFile("ar.zip", pack_course(course, shipped_media(course)))}
    )


def reading(client: Client, classroom: Classroom) -> str:
    return client.get(f"/o/host/learning/{classroom.assignment.pk}/lessons/who-it-helps/").content.decode()


def speaker(classroom: Classroom, client_of: ClientOf) -> Client:
    classroom.world.learner.language = "ar"
    classroom.world.learner.save(update_fields=["language"])
    return client_of(classroom.world.learner)


def test_a_learner_reads_their_language_right_to_left_and_others_the_original(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    client = speaker(classroom, client_of)
    assert "Start from the label" in reading(client, classroom)
    taken = upload(client_of(classroom.world.manager), arabic(prescriber_course))
    assert taken.status_code == 302
    page = reading(client, classroom)
    assert "ابدأ من الملصق" in page
    assert 'lang="ar" dir="rtl"' in page
    classroom.world.learner.language = "es"
    classroom.world.learner.save(update_fields=["language"])
    assert "Start from the label" in reading(client, classroom)


def test_what_is_signed_is_what_was_read_and_answers_count_the_same(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    upload(client_of(classroom.world.manager), arabic(prescriber_course))
    client = speaker(classroom, client_of)
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    signed = client.post(f"/o/host/learning/{classroom.assignment.pk}/attestation/", {"typed_name": "Prescriber Host"})
    assert signed.status_code == 302
    with scope(classroom.world.host.pk):
        row = Attestation.objects.get()
        assert row.text == "أعرف البروتوكول."
        assert Attestation.of(classroom.assignment).pk == row.pk


def test_a_minor_change_keeps_the_translation_with_a_mark_and_a_material_one_falls_back(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    manager = client_of(classroom.world.manager)
    upload(manager, arabic(prescriber_course))
    client = speaker(classroom, client_of)
    with scope(classroom.world.host.pk):
        minor = adopt_course(
            replace(prescriber_course, version="1.1", change="minor", summary="Shorter."), by=classroom.manager, source="t"
        )  # fmt: skip
    assert "ابدأ من الملصق" in reading(client, classroom)
    course = client.get(f"/o/host/learning/{classroom.assignment.pk}/").content.decode()
    assert "1.0" in course
    assert "Stale, still shown: made for version 1.0" in manager.get(f"{PLACE}{minor.pk}/").content.decode()
    changed = replace(prescriber_course.lessons[0], title="Who it helps now")
    with scope(classroom.world.host.pk):
        material = adopt_course(
            replace(prescriber_course, version="1.2", change="material", lessons=(changed, *prescriber_course.lessons[1:])),
            by=classroom.manager, source="t",
        )  # fmt: skip
    assert "Start from the label" in reading(client, classroom)
    assert "Stale, not shown: made for version 1.0" in manager.get(f"{PLACE}{material.pk}/").content.decode()


def test_a_translation_of_nothing_here_or_of_other_answers_is_refused(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    manager = client_of(classroom.world.manager)
    strange = upload(manager, replace(arabic(prescriber_course), translation_of="0" * 64))
    assert strange.status_code == 422
    assert "is the SHA-256 of no version of this course here" in strange.content.decode()
    other = upload(manager, replace(arabic(prescriber_course), pass_mark=50))
    assert "pass_mark: differs from the original" in other.content.decode()
    with scope(classroom.world.host.pk):
        assert not CourseTranslation.objects.exists()


def test_the_folder_for_translating_names_its_original(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    manager = client_of(classroom.world.manager)
    given = manager.get(f"{PLACE}{classroom.version.pk}/file/?into=ar")
    course = unpack_course(given.content).course
    assert (course.language, course.translation_of) == ("ar", prescriber_course.sha256)
    assert manager.get(f"{PLACE}{classroom.version.pk}/file/?into=en-US").status_code == 400
    assert manager.get(f"{PLACE}{classroom.version.pk}/file/?into=../ar").status_code == 400
