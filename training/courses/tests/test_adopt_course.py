"""Adopting a course from the library."""

from dataclasses import replace

import pytest

from audit.actor import Actor
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World
from training.courses.document import load_course, starter_folders
from training.courses.models import Course, CourseVersion
from training.courses.shape import Course as Document
from training.courses.shape import Earlier
from training.courses.thaw import thaw

BY = Actor.system("test")


@pytest.fixture
def document(prescriber_course: Document) -> Document:
    return prescriber_course


def retitled(document: Document, version: str, change: str, lesson: str) -> Document:
    """The next version, with one lesson's title changed."""
    lessons = tuple(replace(one, title="Changed") if one.key == lesson else one for one in document.lessons)
    return replace(document, version=version, change=change, lessons=lessons)


def test_the_copy_is_the_organizations_own_with_source_and_hash(world: World, document: Document) -> None:
    with scope(world.host.pk):
        version = CourseVersion.adopt(document, by=BY, source="library")
        version = CourseVersion.objects.get(pk=version.pk)
        assert (version.sha256, version.source, version.version) == (document.sha256, "library", "1.0")
        assert version.content == document
        assert Event.objects.get(action="course.adopted").subject_id == version.pk
    with scope(world.elsewhere.pk):
        assert not CourseVersion.objects.exists()


@pytest.mark.parametrize("folder", starter_folders(), ids=lambda folder: folder.name)
def test_every_starter_survives_its_way_through_json(folder) -> None:
    import json
    from dataclasses import asdict

    course = load_course(folder)
    assert thaw(json.loads(json.dumps(asdict(course)))).sha256 == course.sha256


def test_adopting_it_again_changes_nothing(world: World, document: Document) -> None:
    with scope(world.host.pk):
        first = CourseVersion.adopt(document, by=BY, source="library")
        assert CourseVersion.adopt(document, by=BY, source="library").pk == first.pk
        assert Event.objects.filter(action="course.adopted").count() == 1


def test_other_content_under_the_same_version_is_refused(world: World, document: Document) -> None:
    with scope(world.host.pk):
        CourseVersion.adopt(document, by=BY, source="library")
        with pytest.raises(ValueError, match=r"1\.0 is published with other content"):
            CourseVersion.adopt(replace(document, summary="Other."), by=BY, source="library")
        assert CourseVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("minor", {"who-it-helps": "1.0", "order-and-read": "1.0"}),
        ("material", {"who-it-helps": "1.1", "order-and-read": "1.0"}),
        ("major", {"who-it-helps": "1.1", "order-and-read": "1.1"}),
    ],
)
def test_a_new_version_asks_again_for_what_its_change_says(
    world: World, document: Document, change: str, expected: dict[str, str]
) -> None:
    with scope(world.host.pk):
        first = CourseVersion.adopt(document, by=BY, source="library")
        second = CourseVersion.adopt(retitled(document, "1.1", change, "who-it-helps"), by=BY, source="library")
        assert {key: second.marks[key] for key in expected} == expected
        assert second.satisfied_by(first.marks) is (change == "minor")
        assert Course.objects.get().current.pk == second.pk


@pytest.mark.parametrize(
    ("earlier", "asked", "who_it_helps"),
    [
        ([("1.2", "material"), ("1.1", "minor"), ("1.0", "major")], "material", "1.3"),
        ([("1.2", "minor"), ("1.1", "minor"), ("1.0", "major")], "minor", "1.0"),
        ([("1.2", "minor"), ("1.1", "major"), ("1.0", "major")], "major", "1.3"),
        ([("1.2", "material"), ("1.1", "major")], "minor", "1.0"),  # its 1.0 is not among them: it says what it says
        ([], "minor", "1.0"),
    ],
)
def test_a_version_that_passes_others_over_asks_for_the_gravest_of_their_changes(
    world: World, document: Document, earlier: list[tuple[str, str]], asked: str, who_it_helps: str
) -> None:
    told = tuple(Earlier(*one) for one in earlier)
    with scope(world.host.pk):
        CourseVersion.adopt(replace(document, earlier=()), by=BY, source="library")
        later = replace(retitled(document, "1.3", "minor", "who-it-helps"), earlier=told)
        taken = CourseVersion.adopt(later, by=BY, source="library")
        assert (taken.change, taken.marks["who-it-helps"]) == (asked, who_it_helps)
        assert taken.marks["order-and-read"] == ("1.3" if asked == "major" else "1.0")
        assert taken.content == later


def test_a_minor_version_after_the_one_before_it_asks_nothing(world: World, document: Document) -> None:
    told = (Earlier("1.2", "material"), Earlier("1.1", "minor"))
    with scope(world.host.pk):
        CourseVersion.adopt(replace(document, version="1.2"), by=BY, source="library")
        later = replace(retitled(document, "1.3", "minor", "who-it-helps"), earlier=told)
        assert CourseVersion.adopt(later, by=BY, source="library").change == "minor"
