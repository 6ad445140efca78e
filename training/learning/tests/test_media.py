"""Pictures and videos in lessons: with words for all of them, kept as evidence is, shown to whom the course is shown."""

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from tenancy.scope import scope
from testing.cast import World
from training.courses import media as kinds
from training.courses import media_store
from training.courses.document import load_course
from training.courses.jobs import drop_left_behind
from training.courses.media import cleaned, described
from training.courses.models import CourseDraft, CourseVersion
from training.courses.package import pack_course, unpack_course
from training.courses.problems import CourseProblemsError
from training.courses.shape import Course
from training.courses.tests.test_document import head, question
from training.learning.actions.publish_draft import publish_draft
from training.learning.models import Assignment
from training.learning.tests.classroom import Classroom, shipped_media
from training.learning.tests.filming import CAPTIONS, SILENT, filmed
from web.uploads import FileRefused
from web.uploads.kept import path_of

ClientOf = Callable[[User], Client]
PICTURE = "six-questions.png"
PLACE = "/o/host/training/courses/"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = (
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0))
    + chunk(b"tEXt", b"Comment\x00Taken at 12 Elm Street") + chunk(b"IDAT", zlib.compress(b"\x00\xff\xff\xff" * 2)) + chunk(b"IEND", b"")
)  # fmt: skip
GOOD_VIDEO = (
    "> [!video] Hello\n> file: hello.webm\n> poster: hello.png\n> captions: en-US hello.vtt\n>\n> Good morning.\n"
)


def folder(tmp_path: Path, body: str, media: dict[str, bytes]) -> Path:
    """The small course of the document's tests, with another body and media."""
    place = tmp_path / "small"
    (place / "lessons").mkdir(parents=True)
    (place / "media").mkdir()
    front = {"key": "greet", "title": "Greet", "minutes": 3, "sources": ["lifeline"]}
    words = f"---\n{yaml.safe_dump(front)}---\n## Say hello\n\nCall [[desk-phone]].\n\n{body}"
    (place / "lessons" / "01-greet.md").write_text(words)
    (place / "course.yaml").write_text(yaml.safe_dump(head()))
    (place / "questions.yaml").write_text(yaml.safe_dump([question(), question("final", quiz="final")]))
    for name, content in media.items():
        (place / "media" / name).write_bytes(content)
    return place


def test_a_picture_and_a_video_stand_in_the_course_with_what_stands_for_them(tmp_path: Path) -> None:
    media = {"hello.webm": SILENT, "hello.png": PNG, "hello.vtt": CAPTIONS, "desk.png": PNG}
    body = f'![A desk, seen from the door](media/desk.png "The desk")\n\n{GOOD_VIDEO}'
    course = load_course(folder(tmp_path, body, media))
    [_, picture, video] = course.lessons[0].cards[0].blocks
    assert (picture.kind, picture.title, picture.markdown) == ("picture", "The desk", "A desk, seen from the door")
    assert (video.title, video.markdown, video.captions[0].language) == ("Hello", "Good morning.", "en-US")
    measures = {file.name: (file.width, file.height) for file in course.media}
    assert measures == {"hello.webm": (0, 0), "hello.png": (3, 2), "hello.vtt": (0, 0), "desk.png": (3, 2)}
    packed = pack_course(course, media)
    read = unpack_course(packed)
    assert "Elm Street" not in repr(read.media)
    assert pack_course(read.course, read.media) == pack_course(unpack_course(packed).course, read.media)


@pytest.mark.parametrize(
    ("body", "media", "says"),
    [
        ("![](media/a.png)\n", {"a.png": PNG}, r"media/a\.png needs words for those who cannot see it"),
        ("![A desk](media/b.png)\n", {}, r"media/b\.png has no file"),
        ("Text.\n", {"a.png": PNG}, r"media/a\.png: is named by no lesson"),
        ("See ![A desk](media/a.png) here.\n", {"a.png": PNG}, "a picture stands on a line of its own"),
        ("![A desk](media/a.png)\n", {"a.png": b"<svg onload='x'>"}, r"media/a\.png: is no image/png file"),
        ("![A desk](media/a.svg)\n", {"a.svg": b"<svg/>"}, r"media/a\.svg: is no name of a picture"),
        ("![A desk](media/h.vtt)\n", {"h.vtt": CAPTIONS}, r"media/h\.vtt is text/vtt, not image"),
        (GOOD_VIDEO.replace("> captions: en-US hello.vtt\n", ""), {}, "needs a line captions: en-US"),
        (GOOD_VIDEO.replace("> poster: hello.png\n", ""), {}, "needs a line poster"),
        (GOOD_VIDEO.replace("> Good morning.\n", ""), {}, "needs its transcript"),
        (GOOD_VIDEO.replace("en-US", "es-US"), {}, "captions in en-US, the language of the course, are missing"),
        (GOOD_VIDEO.replace("en-US hello.vtt", "hello.vtt"), {}, "captions: must be language and file"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(tmp_path: Path, body: str, media: dict[str, bytes], says: str) -> None:
    if "[!video]" in body:
        media = {"hello.webm": SILENT, "hello.png": PNG, "hello.vtt": CAPTIONS}
    with pytest.raises(CourseProblemsError, match=says):
        load_course(folder(tmp_path, body, media))


@pytest.mark.parametrize(
    "captions",
    [
        b"", b"00:00.000 --> 00:01.000\nHi\n", b"WEBVTT\n\n", b"WEBVTT\n\n00:02.000 --> 00:01.000\nHi\n",
        b"WEBVTT\n\n00:00.000 --> 00:01.000\n\n", b"WEBVTT\n\n0:0 --> 1:1\nHi\n", b"WEBVTT\n\n\xff\xfe",
        b"WEBVTTX\n\n00:00.000 --> 00:01.000\nHi\n",
    ],
)  # fmt: skip
def test_captions_that_a_player_could_not_show_are_refused(captions: bytes) -> None:
    with pytest.raises(FileRefused, match="no text/vtt"):
        described("a.vtt", captions)


def test_a_file_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.LARGEST, kinds.PNG, 50)
    with pytest.raises(FileRefused, match="is larger than 0 KB"):
        described("a.png", PNG)
    damaged = b"\x1a\x45\xdf\xa3" + bytes(60)
    with pytest.raises(FileRefused, match="damaged"):
        cleaned("a.webm", damaged)
    monkeypatch.setitem(kinds.LARGEST, kinds.WEBM, 50)
    with pytest.raises(FileRefused, match="is larger than 0 KB"):  # before anybody reads it
        cleaned("a.webm", damaged)


def test_a_changed_picture_is_a_changed_lesson(world: World, classroom: Classroom, prescriber_course: Course) -> None:
    changed, _ = filmed(prescriber_course, change="material")
    other = replace(changed, version="1.2", media=tuple(
        replace(file, sha256=file.sha256[::-1]) if file.name == "ask.webm" else file for file in changed.media
    ))  # fmt: skip
    assert kinds_of_change(prescriber_course, changed) == kinds_of_change(changed, other) == {"who-it-helps"}
    assert len({prescriber_course.sha256, changed.sha256, other.sha256}) == 3


def kinds_of_change(before: Course, after: Course) -> set[str]:
    from training.courses.marks import digest

    return {one.key for one in after.lessons if digest(before, one.key) != digest(after, one.key)}


def test_a_course_whose_film_is_nowhere_is_not_published(classroom: Classroom, prescriber_course: Course) -> None:
    course, _ = filmed(prescriber_course)
    with scope(classroom.world.host.pk):
        with pytest.raises(ValueError, match=r"media/ask\.vtt is not there: upload the course as one \.zip"):
            CourseVersion.adopt(course, by=classroom.manager, source="test")
        assert CourseVersion.objects.count() == 1


def test_from_upload_to_the_learners_page_without_script(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    course, media = filmed(prescriber_course)
    manager = client_of(classroom.world.manager)
    sent = manager.post(f"{PLACE}upload/", {"file": SimpleUploadedFile("film.zip", pack_course(course, media))})
    assert sent.status_code == 302
    with scope(classroom.world.host.pk):
        draft = CourseDraft.objects.get()
        kept = path_of(classroom.world.host.pk, next(one.sha256 for one in course.media if one.name == "ask.webm"))
        assert kept.read_bytes() == SILENT
    shown = manager.get(f"{PLACE}drafts/{draft.pk}/lessons/who-it-helps/").content.decode()
    assert f'src="{PLACE}drafts/{draft.pk}/media/ask.webm"' in shown
    assert manager.get(f"{PLACE}drafts/{draft.pk}/media/ask.vtt").status_code == 200
    with scope(classroom.world.host.pk):
        version = publish_draft(draft, by=classroom.manager)
        assignment = Assignment.objects.get()
    place = f"/o/host/learning/{assignment.pk}/"
    page = client_of(classroom.world.learner).get(f"{place}lessons/who-it-helps/").content.decode()
    transcript, film = page.index("<strong>Nurse:</strong>"), page.index("<video")
    assert transcript < film
    assert f'<video controls preload="none" playsinline poster="{place}media/{PICTURE}">' in page
    assert f'<track kind="captions" src="{place}media/ask.vtt" srclang="en-US" label="English" default>' in page
    given = b"".join(manager.get(f"{PLACE}{version.pk}/file/"))
    assert unpack_course(given).course.sha256 == course.sha256
    assert f'src="{PLACE}{version.pk}/media/ask.webm"' in manager.get(
        f"{PLACE}{version.pk}/lessons/who-it-helps/"
    ).content.decode()  # fmt: skip


def whole(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_picture_is_given_to_its_learner_and_to_nobody_elses_eyes(
    classroom: Classroom, client_of: ClientOf, prescriber_course: Course
) -> None:
    address = f"/o/host/learning/{classroom.assignment.pk}/media/{PICTURE}"
    client = client_of(classroom.world.learner)
    answer = client.get(address)
    content = shipped_media(prescriber_course)[PICTURE]
    assert (answer.status_code, answer["Content-Type"], whole(answer)) == (200, "image/png", content)
    assert answer["Cache-Control"] == "private, max-age=86400"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    for name in ("nothing.png", "..%2f..%2fcourse.yaml", "\x00"):
        assert client.get(address.replace(PICTURE, name)).status_code == 404
    assert client_of(classroom.world.contributor).get(address).status_code == 404
    assert client_of(classroom.world.stranger).get(address).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part", "says"),
    [
        ("bytes=0-3", 206, SILENT[:4], f"bytes 0-3/{len(SILENT)}"),
        ("bytes=10000-", 206, SILENT[10000:], f"bytes 10000-{len(SILENT) - 1}/{len(SILENT)}"),
        ("bytes=-5", 206, SILENT[-5:], f"bytes {len(SILENT) - 5}-{len(SILENT) - 1}/{len(SILENT)}"),
        ("bytes=0-999999999", 206, SILENT, f"bytes 0-{len(SILENT) - 1}/{len(SILENT)}"),
        ("bytes=999999-", 416, b"", f"bytes */{len(SILENT)}"),
        ("bytes=9-3", 416, b"", f"bytes */{len(SILENT)}"),
        ("bytes=0-1,5-6", 200, SILENT, None),
        ("bytes=-", 200, SILENT, None),
        ("items=0-1", 200, SILENT, None),
    ],
)
def test_a_film_is_given_in_parts(
    classroom: Classroom,
    client_of: ClientOf,
    prescriber_course: Course,
    asked: str,
    status: int,
    part: bytes,
    says: str | None,
) -> None:
    course, media = filmed(prescriber_course)
    with scope(classroom.world.host.pk):
        publish_draft(
            CourseDraft.upload(course, media=media, file_name="x.zip", by=classroom.manager), by=classroom.manager
        )
    address = f"/o/host/learning/{classroom.assignment.pk}/media/ask.webm"
    answer = client_of(classroom.world.learner).get(address, headers={"Range": asked})
    content = whole(answer) if answer.streaming else answer.content
    assert (answer.status_code, content, answer.headers.get("Content-Range")) == (status, part, says)
    assert answer["Accept-Ranges"] == "bytes"


def test_what_a_draft_leaves_behind_is_deleted_the_night_after_and_what_is_shown_stays(
    classroom: Classroom, prescriber_course: Course
) -> None:
    course, media = filmed(prescriber_course)
    organization = classroom.world.host
    places = {file.name: path_of(organization.pk, file.sha256) for file in course.media}
    system = Actor.system("course media")
    with scope(organization.pk):
        draft = CourseDraft.upload(course, media=media, file_name="film.zip", by=classroom.manager)
        again = CourseDraft.upload(
            replace(course, version="1.2"), media=media, file_name="again.zip", by=classroom.manager
        )
        draft.discard(by=classroom.manager)
        for place in places.values():
            os.utime(place, (0, 0))
        assert drop_left_behind(organization, by=system) == []  # another draft shows them
        again.discard(by=classroom.manager)
        places["ask.vtt"].touch()
        gone = drop_left_behind(organization, by=system)
        assert gone == [next(file.sha256 for file in course.media if file.name == "ask.webm")]
        assert not places["ask.webm"].exists()
        assert places["ask.vtt"].exists()  # too fresh: an upload may want it
        assert places[PICTURE].exists()  # the published course shows it
        assert Event.objects.get(action="course.media_dropped").data["count"] == 1
        assert drop_left_behind(organization, by=system) == []


def left_behind(classroom: Classroom, course: Course) -> dict[str, Path]:
    """The places of the files of a draft that was thrown away long ago."""
    changed, media = filmed(course)
    draft = CourseDraft.upload(changed, media=media, file_name="film.zip", by=classroom.manager)
    draft.discard(by=classroom.manager)
    places = {file.name: path_of(classroom.world.host.pk, file.sha256) for file in changed.media}
    for place in places.values():
        os.utime(place, (0, 0))
    return places


def test_a_file_that_an_upload_wants_while_the_sweep_looks_is_kept(
    classroom: Classroom, prescriber_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _ = filmed(prescriber_course)
    look = media_store._named

    def upload_meanwhile(hashes: set[str]) -> set[str]:
        found = look(hashes)
        media_store.keep_media(replace(course, media=tuple(one for one in course.media if one.name == "ask.webm")), {})
        return found

    with scope(classroom.world.host.pk):
        places = left_behind(classroom, prescriber_course)
        monkeypatch.setattr(media_store, "_named", upload_meanwhile)
        gone = drop_left_behind(classroom.world.host, by=Actor.system("course media"))
        assert gone == [next(file.sha256 for file in course.media if file.name == "ask.vtt")]
        assert places["ask.webm"].read_bytes() == SILENT
        assert {one.name for one in places["ask.webm"].parent.iterdir()} == {places["ask.webm"].name, places[PICTURE].name}  # fmt: skip


def test_a_file_that_the_sweep_takes_while_an_upload_looks_is_written_anew_and_never_empty(
    classroom: Classroom, prescriber_course: Course
) -> None:
    course, media = filmed(prescriber_course)
    with scope(classroom.world.host.pk):
        places = left_behind(classroom, prescriber_course)
        drop_left_behind(classroom.world.host, by=Actor.system("course media"))
        media_store.keep_media(course, media)
        assert places["ask.webm"].read_bytes() == SILENT


def test_the_sweep_asks_as_much_for_ten_files_as_for_one(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        place = left_behind(classroom, prescriber_course)["ask.vtt"]
        others = [f"{number:064x}" for number in range(10)]
        for sha256 in others:
            place.with_name(sha256).write_bytes(b"WEBVTT")
            os.utime(place.with_name(sha256), (0, 0))
        with CaptureQueriesContext(connection) as one:
            assert media_store.drop_unused([place.name]) == [place.name]
        with CaptureQueriesContext(connection) as ten:
            assert media_store.drop_unused(others) == others
        assert len(one) == len(ten) > 1


def test_an_upload_that_is_refused_midway_leaves_nothing_that_it_wrote_itself(
    classroom: Classroom, prescriber_course: Course
) -> None:
    course, media = filmed(prescriber_course)
    organization = classroom.world.host
    places = {file.name: path_of(organization.pk, file.sha256) for file in course.media}
    with scope(organization.pk):
        before = set(places[PICTURE].parent.iterdir())
        with pytest.raises(ValueError, match=r"media/ask\.webm is not there"):
            media_store.keep_media(course, {"ask.vtt": media["ask.vtt"]})
        assert set(places[PICTURE].parent.iterdir()) == before  # the picture, which was there, stays
        media_store.keep_media(course, media)
        assert all(place.exists() for place in places.values())
