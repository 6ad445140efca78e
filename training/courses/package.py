"""A course as one .zip file: taken in with suspicion, given out so that it reads back the same."""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from web.uploads import FileRefused

from .document import load_course
from .kinds import READING
from .media import cleaned
from .problems import CourseProblemsError
from .shape import Block, Course, Lesson

LARGEST = 50 * 1024 * 1024
UNPACKED = 60 * 1024 * 1024
WORDS = 20 * 1024 * 1024
"""Unpacked, of which so much may be text."""
ENTRIES = 300
LENGTHS = {"title": 160, "key": 80, "version": 20}
PART = re.compile(r"course\.yaml|questions\.yaml|cases\.yaml|lessons/[^/]+\.md|media/[^/]+")
IGNORED = re.compile(r"(^|/)(__MACOSX|\.DS_Store|translations|\.git)(/|$)")
UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
SYMLINK = 0o120000
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """What a .zip held: the course, and the bytes of its media files by name."""

    course: Course
    media: dict[str, bytes]


def unpack_course(content: bytes) -> Package:
    """Read and check a course from a .zip of its folder; raise CourseProblemsError naming file, key and field.

    Nothing outside a folder of its own is written, whatever the names in the file say, and no more than a course weighs.
    Pictures lose their metadata before anything is hashed.
    """
    parts = _without_metadata(_parts(content))
    with tempfile.TemporaryDirectory(prefix="course-") as place:
        folder = Path(place) / _key(parts)
        for name, text in parts.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        try:
            course = load_course(folder)
        except RecursionError as error:
            raise CourseProblemsError(["course.yaml: is nested too deeply"]) from error
    problems = [
        f"course.yaml: {course.key}: {name}: is longer than {longest} characters"
        for name, longest in LENGTHS.items()
        if len(getattr(course, name)) > longest
    ]
    if any(UNSTORABLE.search(text) for text in _texts(asdict(course))):
        problems.append("a text holds a character that cannot be stored (zero, or half of a pair)")
    if problems:
        raise CourseProblemsError(problems)
    return Package(course, {file.name: parts[f"media/{file.name}"] for file in course.media})


def pack_course(course: Course, media: Mapping[str, bytes] | None = None) -> bytes:
    """Return the course as a .zip of its folder; reading it back gives the same hash, byte for byte the same file.

    `media` holds the bytes of every file of `course.media` by name.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files_of(course).items():
            archive.writestr(zipfile.ZipInfo(f"{course.key}/{name}", EPOCH), text, zipfile.ZIP_DEFLATED)
        for file in course.media:  # packed already
            assert media is not None
            archive.writestr(zipfile.ZipInfo(f"{course.key}/media/{file.name}", EPOCH), media[file.name])
    return out.getvalue()


def files_of(course: Course) -> dict[str, str]:
    """Return the course's files as docs/course-format.md describes them."""
    document = asdict(course)
    lessons, questions, cases = (document.pop(name) for name in ("lessons", "questions", "cases"))
    del document["media"]
    files = {"course.yaml": _yaml(_without_nothing(document))}
    for number, lesson in enumerate(course.lessons, start=1):
        files[f"lessons/{number:02}-{lesson.key}.md"] = _lesson(lesson)
    assert len(lessons) == len(course.lessons)
    files["questions.yaml"] = _yaml([_without_nothing(row) for row in questions])
    if cases:
        files["cases.yaml"] = _yaml([_without_nothing(row) for row in cases])
    return files


def _parts(content: bytes) -> dict[str, bytes]:
    """Return the course's files by their place in its folder."""
    if len(content) > LARGEST:
        raise CourseProblemsError([f"the file is larger than {LARGEST // 1024 // 1024} MB"])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, CourseProblemsError):
            raise
        raise CourseProblemsError(["the file is no .zip that can be read"]) from error


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not IGNORED.search(entry.filename)]
    if len(entries) > ENTRIES:
        raise CourseProblemsError([f"the file holds {len(entries)} files; a course has at most {ENTRIES}"])
    problems = [
        f"{entry.filename!r}: is no name inside a folder"
        for entry in entries
        if _leads_out(entry.filename) or (entry.external_attr >> 16) & 0o170000 == SYMLINK
    ]
    heads = [entry.filename for entry in entries if PurePosixPath(entry.filename).name == "course.yaml"]
    if not problems and len(heads) != 1:
        problems.append("course.yaml: is missing" if not heads else "the file holds more than one course.yaml")
    if problems:
        raise CourseProblemsError(problems)
    prefix = heads[0].removesuffix("course.yaml")
    found: dict[str, bytes] = {}
    left, words = UNPACKED, WORDS
    for entry in entries:
        name = entry.filename.removeprefix(prefix)
        if not entry.filename.startswith(prefix) or not PART.fullmatch(name):
            problems.append(f"{entry.filename}: is not part of a course")
            continue
        with archive.open(entry) as packed:
            text = packed.read(
                (left if name.startswith("media/") else min(left, words)) + 1
            )  # never more than is left, whatever the entry claims
        left -= len(text)
        words -= 0 if name.startswith("media/") else len(text)
        if left < 0 or words < 0:
            raise CourseProblemsError(
                [f"the file unpacks to more than {UNPACKED // 1024 // 1024} MB, {WORDS // 1024 // 1024} of it text"]
            )
        found[name] = text
    if problems:
        raise CourseProblemsError(problems)
    return found


def _without_metadata(parts: dict[str, bytes]) -> dict[str, bytes]:
    found, problems = {}, []
    for name, content in parts.items():
        try:
            found[name] = cleaned(name, content) if name.startswith("media/") else content
        except FileRefused as refused:
            problems.append(f"{name}: {refused}")
    if problems:
        raise CourseProblemsError(problems)
    return found


def _leads_out(name: str) -> bool:
    return "\\" in name or name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts


def _key(parts: dict[str, bytes]) -> str:
    """The folder is named as the course says: a .zip often wraps it in a folder of another name."""
    found = re.search(rb"^key:[ \t]*[\"']?([a-z0-9-]{1,80})", parts["course.yaml"], re.MULTILINE)
    return found[1].decode() if found else "course"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def _lesson(lesson: Lesson) -> str:
    head: dict[str, Any] = {
        "key": lesson.key,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "sources": list(lesson.sources),
    }
    if lesson.kind != READING:
        head["kind"] = lesson.kind
    cards = "\n".join(
        f"## {card.title}\n\n" + "\n\n".join(_block(block) for block in card.blocks) + "\n" for card in lesson.cards
    )
    return f"---\n{_yaml(head)}---\n{cards}"


def _block(block: Block) -> str:
    if block.kind == "text":
        return block.markdown
    if block.kind == "picture":
        caption = f' "{block.title}"' if block.title else ""
        return f"![{block.markdown}](media/{block.file}{caption})"
    lines = [f"[!{block.kind}] {block.title}".rstrip()]
    if block.kind == "video":
        captions = ", ".join(f"{one.language} {one.file}" for one in block.captions)
        lines += [f"file: {block.file}", f"poster: {block.poster}", f"captions: {captions}", ""]
    lines += block.markdown.split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _without_nothing(value: Any) -> Any:
    """Leave out what the format leaves out: parts and texts that are not there."""
    if isinstance(value, dict):
        return {name: _without_nothing(part) for name, part in value.items() if part not in (None, "", (), [])}
    return [_without_nothing(part) for part in value] if isinstance(value, (list, tuple)) else value


def _yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110)
    return text
