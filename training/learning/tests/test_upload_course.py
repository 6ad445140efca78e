"""A course as one file: taken in with suspicion, read before it is published, given out the same."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World
from training.courses import package
from training.courses.document import CONTENT, load_course, starter_folders
from training.courses.models import CourseDraft, CourseVersion
from training.courses.package import files_of, pack_course, unpack_course
from training.courses.problems import CourseProblemsError
from training.courses.shape import Course

ClientOf = Callable[[User], Client]
PLACE = "/o/host/training/courses/"


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(CONTENT / "superuser-support")


def zipped(files: dict[str, str | bytes], prefix: str = "superuser-support/") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name if name.startswith(("/", ".", "other")) else prefix + name, text)
    return out.getvalue()


def sent(client: Client, content: bytes, address: str = f"{PLACE}upload/") -> object:
    return client.post(address, {"file": SimpleUploadedFile("course.zip", content)})


@pytest.mark.parametrize("folder", starter_folders(), ids=lambda folder: folder.name)
def test_a_course_that_is_given_out_reads_back_the_same(folder) -> None:
    whole = load_course(folder)
    packed = pack_course(whole, {file.name: (folder / "media" / file.name).read_bytes() for file in whole.media})
    read = unpack_course(packed)
    assert read.course.sha256 == whole.sha256
    assert pack_course(read.course, read.media) == packed


@pytest.mark.parametrize("prefix", ["", "another name/", "a/b/superuser-support/"])
def test_the_folder_may_be_wrapped_in_another_or_in_none(course: Course, prefix: str) -> None:
    files = {**files_of(course), "translations/es-US/course.yaml": "x"}
    assert unpack_course(zipped(files, prefix)).course.sha256 == course.sha256


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"../outside.md": "x"}, "is no name inside a folder"),
        ({"/etc/outside.md": "x"}, "is no name inside a folder"),
        ({"lessons/..\\\\outside.md": "x"}, "is no name inside a folder"),
        ({"script.py": "x"}, "script.py: is not part of a course"),
        ({"other/course.yaml": "x"}, "more than one course.yaml"),
        ({"course.yaml": "key: [superuser-support"}, "course.yaml: line 1: is not YAML"),
        ({"course.yaml": 'title: "\x01"'}, "course.yaml: is not YAML"),
        ({"questions.yaml": "- 2026-13-45"}, "questions.yaml"),
        ({"questions.yaml": "[" * 5000}, "questions.yaml|nested too deeply"),
        ({"cases.yaml": "&a [*a]"}, "cases.yaml"),
        ({"course.yaml": "a: &a [x, x]\ntitle: [*a, *a]"}, "course.yaml: is not YAML: line 2: write it out, aliases"),
        ({"lessons/01-x.md": b"\xff\xfe"}, "lessons/01-x.md: is not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_by_file(course: Course, change: dict, says: str) -> None:
    with pytest.raises(CourseProblemsError, match=says):
        unpack_course(zipped({**files_of(course), **change}))


@pytest.mark.parametrize("title", ["x" * 161, "a zero \x00 here", "half \ud800 of a pair"])
def test_what_the_database_cannot_hold_is_refused(course: Course, title: str) -> None:
    head = files_of(course)["course.yaml"].splitlines()
    escaped = title.encode("ascii", "backslashreplace").decode().replace("\x00", "\\0")
    head = [f'title: "{escaped}"' if line.startswith("title:") else line for line in head]
    with pytest.raises(CourseProblemsError):
        unpack_course(zipped({**files_of(course), "course.yaml": "\n".join(head)}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"no zip at all"])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(CourseProblemsError, match=r"no \.zip"):
        unpack_course(content)


def test_a_bomb_is_stopped_while_it_unpacks(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "UNPACKED", 100_000)
    with pytest.raises(CourseProblemsError, match="unpacks to more"):
        unpack_course(zipped({**files_of(course), "lessons/99-bomb.md": "0" * 10_000_000}))
    monkeypatch.setattr(package, "ENTRIES", 3)
    with pytest.raises(CourseProblemsError, match="at most 3"):
        unpack_course(zipped(files_of(course)))


def test_a_link_in_the_file_is_refused(course: Course) -> None:
    out = io.BytesIO(zipped(files_of(course)))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("superuser-support/lessons/99-link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(CourseProblemsError, match="no name inside a folder"):
        unpack_course(out.getvalue())


def test_from_file_to_published_course(world: World, client_of: ClientOf, course: Course) -> None:
    client = client_of(world.manager)
    assert sent(client, pack_course(course)).status_code == 302
    assert sent(client, pack_course(course)).status_code == 302
    with scope(world.host.pk):
        draft = CourseDraft.objects.get()
        assert Event.objects.filter(action="course.uploaded").count() == 1
    place = f"{PLACE}drafts/{draft.pk}/"
    shown = client.get(place).content.decode()
    assert "Draft" in shown
    assert course.questions[0].prompt in shown.replace("&#39;", "'").replace("&#34;", '"')
    assert client.get(f"{place}lessons/{course.lessons[0].key}/").status_code == 200
    assert client.get(f"{place}lessons/nowhere/").status_code == 404
    assert client.post(f"{place}publication/").status_code == 302
    with scope(world.host.pk):
        version = CourseVersion.objects.get()
        assert (version.sha256, version.source, CourseDraft.objects.count()) == (course.sha256, "organization", 0)
    given = client.get(f"{PLACE}{version.pk}/file/")
    assert (given["Content-Type"], given["X-Content-Type-Options"]) == ("application/zip", "nosniff")
    assert unpack_course(given.content).course.sha256 == course.sha256
    assert client_of(world.contributor).get(f"{PLACE}upload/").status_code == 403


def test_other_words_under_a_published_version_are_refused_and_can_be_thrown_away(
    world: World, client_of: ClientOf, course: Course
) -> None:
    client = client_of(world.manager)
    sent(client, pack_course(course))
    with scope(world.host.pk):
        first = CourseDraft.objects.get()
    client.post(f"{PLACE}drafts/{first.pk}/publication/")
    sent(client, pack_course(replace(course, summary="Other words.")))
    with scope(world.host.pk):
        second = CourseDraft.objects.get()
    refused = client.post(f"{PLACE}drafts/{second.pk}/publication/")
    assert (refused.status_code, "give it a new version" in refused.content.decode()) == (409, True)
    with scope(world.host.pk):
        assert (CourseVersion.objects.count(), CourseDraft.objects.count()) == (1, 1)
    assert client.post(f"{PLACE}drafts/{second.pk}/discard/").status_code == 302
    with scope(world.host.pk):
        assert (CourseVersion.objects.count(), CourseDraft.objects.count()) == (1, 0)


def test_a_draft_whose_right_answers_are_told_by_their_length_says_so(
    world: World, client_of: ClientOf, course: Course
) -> None:
    def told(given: Course) -> bool:
        client = client_of(world.manager)
        page = client.get(sent(client, pack_course(given)).url).content.decode()
        assert f"Publish {given.version}" in page
        return "The answers can be guessed" in page

    wordy = tuple(
        replace(one, answers=tuple(
            replace(answer, text=f"{answer.text}, and much more besides, as is right") if answer.correct else answer
            for answer in one.answers
        ))
        for one in course.questions
    )  # fmt: skip
    assert told(replace(course, version="7.0", questions=wordy))
    assert not told(replace(course, version="8.0"))


def test_a_wrong_file_keeps_nothing_and_lists_every_problem(world: World, client_of: ClientOf, course: Course) -> None:
    files = files_of(course)
    files["course.yaml"] = files["course.yaml"].replace("pass_mark: 80", "pass_mark: 800")
    answer = sent(client_of(world.manager), zipped({**files, "questions.yaml": "- key: x\n"}))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "questions.yaml: x: prompt: is missing" in text
    with scope(world.host.pk):
        assert (CourseDraft.objects.count(), CourseVersion.objects.count()) == (0, 0)
        assert not Event.objects.filter(action__startswith="course.").exists()


def test_a_case_is_walked_in_the_preview_as_its_learners_will(
    world: World, client_of: ClientOf, course: Course
) -> None:
    client = client_of(world.manager)
    sent(client, pack_course(course))
    case = course.cases[0]
    cards = len(next(one for one in course.lessons if one.key == case.lesson).cards)
    with scope(world.host.pk):
        place = f"{PLACE}drafts/{CourseDraft.objects.get().pk}/lessons/{case.lesson}/?step={cards + 1}"
    first = client.get(place).content.decode()
    assert f"<h1>{case.title}</h1>" in first
    way = f"{next(n for n, one in enumerate(case.scenes) if one.key == case.start)}.0"
    assert f'href="?step={cards + 1}&amp;path={way}"' in first
    led = client.get(f"{place}&path={way}").content.decode()
    assert escape(case.scenes[0].choices[0].feedback) in led
    assert client.get(f"{place}&path=%00zz").status_code == 200
