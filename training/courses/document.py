"""A course as files: read, checked and frozen.

The format is described in ``docs/course-format.md``. Nothing here touches the database: a loader writes what this
module returns. Every problem names file, key and field, and all problems of a course are reported at once.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from web.uploads import FileRefused, strict_yaml

from . import kinds
from .cards import read_cards
from .checks import check_media, check_order, check_references
from .fields import Fields
from .media import described
from .problems import CourseProblemsError
from .shape import (
    CHANGES,
    SITE_VALUE,
    Answer,
    Attestation,
    Case,
    CaseFact,
    Choice,
    Course,
    Credit,
    Earlier,
    Lesson,
    MediaFile,
    Module,
    Observation,
    ObservedItem,
    Question,
    Scene,
    SiteValue,
    Source,
)

T = TypeVar("T")

CONTENT = Path(__file__).parent / "content"
KINDS = ("single", "multiple")
QUIZZES = ("lesson", "final")
ENDINGS = ("safe", "unsafe")
LONGEST_LESSON = 15
FEWEST_LESSONS = 4
FEWEST_QUESTIONS = 15
FEWEST_ANSWERS, MOST_ANSWERS = 2, 6
MOST_CARDS = 60

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VERSION = re.compile(r"[0-9]+\.[0-9]+")
HOURS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def starter_folders() -> list[Path]:
    """The folders of the courses that ship with the product."""
    return sorted(path.parent for path in CONTENT.glob("*/course.yaml"))


def load_course(folder: Path, *, starter: bool = False) -> Course:
    """Read and check one course; a starter must also have enough lessons and questions."""
    return _Reading(folder).course(starter=starter)


class _Reading:
    """One pass over a course folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.used: dict[str, str] = {}

    def course(self, *, starter: bool) -> Course:
        raw = self.yaml("course.yaml")
        if raw is None:
            raise CourseProblemsError(self.problems)
        head = Fields(self.problems, "course.yaml", raw)
        course = self.head(head, self.lessons())
        head.done()
        if course.key != self.folder.name and not course.translation_of:
            head.problem("key", f"must be the name of the folder, {self.folder.name}")
        self.unique("course.yaml", "modules", (module.key for module in course.modules))
        self.unique("course.yaml", "sources", (source.key for source in course.sources))
        self.unique("course.yaml", "earlier", (course.version, *(one.version for one in course.earlier)))
        self.unique("course.yaml", "site_values", (value.key for value in course.site_values))
        self.unique("lessons", "", (lesson.key for lesson in course.lessons))
        self.unique("questions.yaml", "", (question.key for question in course.questions))
        self.unique("cases.yaml", "", (case.key for case in course.cases))
        check_order(head, course)
        check_references(head, course, self.used)
        check_media(head, course)
        if starter and len(course.lessons) < FEWEST_LESSONS:
            head.problem("modules", f"a starter has at least {FEWEST_LESSONS} lessons, this has {len(course.lessons)}")
        if starter and len(course.questions) < FEWEST_QUESTIONS:
            count = len(course.questions)
            head.problem("questions", f"a starter has at least {FEWEST_QUESTIONS} questions, this has {count}")
        if self.problems:
            raise CourseProblemsError(self.problems)
        return course

    def head(self, head: Fields, lessons: tuple[Lesson, ...]) -> Course:
        pass_mark = head.whole("pass_mark", 1, 100)
        attestation, observation = head.part("attestation"), head.part("observation")
        return Course(
            schema=head.whole("schema", 1, 1),
            key=head.text("key", like=KEY),
            title=head.text("title"),
            version=head.text("version", like=VERSION),
            change=head.one_of("change", CHANGES),
            language=head.text("language", like=LANGUAGE),
            translation_of=head.text("translation_of", ""),
            roles=head.texts("roles"),
            summary=head.text("summary"),
            minutes=head.whole("minutes", 1, 600),
            final_minutes=head.whole("final_minutes", 0, 60, 0),
            pass_mark=pass_mark,
            expires_months=head.whole("expires_months", 1, 60),
            attestation=self.finish(attestation, Attestation(attestation.text("title"), attestation.text("text")))
            if attestation
            else None,
            observation=self.finish(
                observation,
                Observation(
                    observation.text("title"),
                    tuple(
                        self.finish(row, ObservedItem(row.text("key", like=KEY), row.text("text")))
                        for row in observation.rows("items")
                    ),
                    observation.flag("live", False),
                ),
            )
            if observation
            else None,
            site_values=tuple(
                self.finish(row, SiteValue(row.text("key", like=KEY), row.text("label"), row.text("default")))
                for row in head.rows("site_values", [], keyed=True)
            ),
            sources=tuple(
                self.finish(row, Source(row.text("key", like=KEY), row.text("title"), row.text("url", "")))
                for row in head.rows("sources", keyed=True)
            ),
            modules=tuple(
                self.finish(
                    row,
                    Module(
                        row.text("key", like=KEY),
                        row.text("title"),
                        row.whole("pass_mark", 1, 100, pass_mark),
                        row.texts("lessons"),
                        row.whole("draw", 0, 50, 0),
                    ),
                )
                for row in head.rows("modules", keyed=True)
            ),
            lessons=lessons,
            questions=self.questions(),
            cases=self.cases(),
            final_draw=head.whole("final_draw", 0, 100, 0),
            cool_down_minutes=head.whole("cool_down_minutes", 0, 7 * 24 * 60, 0),
            credits=tuple(
                self.finish(row, Credit(row.text("key", like=KEY), row.text("title"), row.text("hours", like=HOURS)))
                for row in head.rows("credits", [], keyed=True)
            ),
            remediate=head.flag("remediate", False),
            media=self.media(),
            earlier=tuple(
                self.finish(row, Earlier(row.text("version", like=VERSION), row.one_of("change", CHANGES)))
                for row in head.rows("earlier", [])
            ),
        )

    def lessons(self) -> tuple[Lesson, ...]:
        paths = sorted((self.folder / "lessons").glob("*.md"))
        texts = [(f"lessons/{path.name}", self.read(f"lessons/{path.name}")) for path in paths]
        return tuple(self.lesson(file, text) for file, text in texts if text is not None)

    def lesson(self, file: str, text: str) -> Lesson:
        parts = re.split(r"^---[ \t]*$\n?", text, maxsplit=2, flags=re.MULTILINE)
        if len(parts) != 3 or parts[0].strip():
            self.problems.append(f"{file}: must begin with front matter between two lines of ---")
            parts = ["", "", text]
        row = Fields(self.problems, file, self.parse(file, parts[1]) if parts[1] else {})
        lesson = Lesson(
            row.text("key", like=KEY),
            row.text("title"),
            row.whole("minutes", 1, LONGEST_LESSON),
            row.texts("sources"),
            read_cards(row, parts[2]),
            row.one_of("kind", kinds.names(), kinds.READING),
        )
        if not re.fullmatch(rf"lessons/[0-9]{{2}}-{re.escape(lesson.key)}\.md", file):
            row.problem("key", f"must be the file's name after its number, is {lesson.key!r}")
        return self.finish(row, lesson)

    def media(self) -> tuple[MediaFile, ...]:
        found = []
        for path in sorted((self.folder / "media").glob("*")):
            try:
                found.append(described(path.name, path.read_bytes()))
            except FileRefused as refused:
                self.problems.append(f"media/{path.name}: {refused}")
        return tuple(found)

    def questions(self) -> tuple[Question, ...]:
        return tuple(self.question(row) for row in self.keyed_rows("questions.yaml"))

    def question(self, row: Fields) -> Question:
        question = Question(
            key=row.text("key", like=KEY),
            lesson=row.text("lesson"),
            quiz=row.one_of("quiz", QUIZZES, "lesson"),
            kind=row.one_of("kind", KINDS),
            critical=row.flag("critical", False),
            prompt=row.text("prompt"),
            answers=tuple(
                self.finish(answer, Answer(answer.text("text"), answer.flag("correct"), answer.text("feedback")))
                for answer in row.rows("answers")
            ),
            cards=row.wholes("cards", 1, MOST_CARDS),
        )
        right = sum(answer.correct for answer in question.answers)
        if not FEWEST_ANSWERS <= len(question.answers) <= MOST_ANSWERS:
            count = len(question.answers)
            row.problem("answers", f"must be {FEWEST_ANSWERS} to {MOST_ANSWERS}, this has {count}")
        elif question.kind == "single" and right != 1:
            row.problem("answers", f"a single choice has exactly one right answer, this has {right}")
        elif question.kind == "multiple" and not 2 <= right < len(question.answers):
            row.problem("answers", f"a multiple choice has two or more right answers and a wrong one, this has {right}")
        if len({answer.text for answer in question.answers}) < len(question.answers):
            row.problem("answers", "two answers read the same")
        return self.finish(row, question)

    def cases(self) -> tuple[Case, ...]:
        if not (self.folder / "cases.yaml").exists():
            return ()
        return tuple(self.case(row) for row in self.keyed_rows("cases.yaml"))

    def case(self, row: Fields) -> Case:
        case = Case(
            key=row.text("key", like=KEY),
            lesson=row.text("lesson"),
            title=row.text("title"),
            start=row.text("start"),
            scenes=tuple(self.scene(scene) for scene in row.rows("scenes")),
        )
        self.unique("cases.yaml", f"{case.key}: scenes", (scene.key for scene in case.scenes))
        ways = {scene.key: [choice.next for choice in scene.choices] for scene in case.scenes}
        for scene in case.scenes:
            for target in ways[scene.key]:
                if target not in ways:
                    row.problem("scenes", f"{scene.key} leads to {target}, which is no scene")
            if bool(scene.choices) == bool(scene.ending):
                row.problem("scenes", f"{scene.key} needs either choices or an ending")
        reached, todo = set(), [case.start]
        while todo:
            key = todo.pop()
            if key in ways and key not in reached:
                reached.add(key)
                todo += ways[key]
        for key in ways:
            if key not in reached:
                row.problem("scenes", f"{key} is never reached from {case.start!r}")
        safe = {scene.key for scene in case.scenes if scene.ending == "safe"}
        while more := {key for key in ways if key not in safe and safe.intersection(ways[key])}:
            safe |= more
        for scene in case.scenes:
            if scene.choices and scene.key not in safe:
                row.problem("scenes", f"from {scene.key} no safe ending can be reached")
        return self.finish(row, case)

    def scene(self, row: Fields) -> Scene:
        scene = Scene(
            key=row.text("key", like=KEY),
            text=row.text("text"),
            facts=tuple(
                self.finish(fact, CaseFact(fact.text("label"), fact.text("value"))) for fact in row.rows("facts", [])
            ),
            choices=tuple(
                self.finish(choice, Choice(choice.text("text"), choice.text("next"), choice.text("feedback")))
                for choice in row.rows("choices", [])
            ),
            ending=row.one_of("ending", ENDINGS, ""),
        )
        return self.finish(row, scene)

    def unique(self, file: str, field: str, keys: Iterable[str]) -> None:
        for key, count in Counter(keys).items():
            if count > 1:
                place = f"{file}: {field}" if field else file
                self.problems.append(f"{place}: key {key} stands {count} times")

    def keyed_rows(self, file: str) -> list[Fields]:
        rows = self.yaml(file)
        if not isinstance(rows, list):
            if rows is not None:
                self.problems.append(f"{file}: must be a list")
            return []
        return [Fields(self.problems, file, raw) for raw in rows]

    def yaml(self, file: str) -> Any:
        text = self.read(file)
        return None if text is None else self.parse(file, text)

    def parse(self, file: str, text: str) -> Any:
        try:
            return strict_yaml.read(text) or {}
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else "?"
            self.problems.append(f"{file}: line {line}: is not YAML: {error.problem}")
            return None
        except yaml.YAMLError as error:
            self.problems.append(f"{file}: is not YAML: {error}")
            return None

    def read(self, file: str) -> str | None:
        path = self.folder / file
        try:
            text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        except FileNotFoundError:
            self.problems.append(f"{file}: is missing")
            return None
        except UnicodeDecodeError:
            self.problems.append(f"{file}: is not UTF-8")
            return None
        for key in SITE_VALUE.findall(text):
            self.used.setdefault(key, file)
        return text

    def finish(self, row: Fields, value: T) -> T:
        row.done()
        return value
