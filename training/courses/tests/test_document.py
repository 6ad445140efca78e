"""A course folder is read whole or refused with every problem named."""

from pathlib import Path

import pytest
import yaml

from training.courses.document import load_course
from training.courses.problems import CourseProblemsError
from training.courses.shape import Course, fill
from training.courses.translation import load_translation


def head() -> dict:
    return {
        "schema": 1,
        "key": "small",
        "title": "A small course",
        "version": "1.0",
        "change": "major",
        "language": "en-US",
        "roles": ["front-desk"],
        "summary": "Enough to be read.",
        "minutes": 5,
        "final_minutes": 2,
        "pass_mark": 80,
        "expires_months": 12,
        "site_values": [{"key": "desk-phone", "label": "Phone of the desk", "default": "the desk"}],
        "sources": [{"key": "lifeline", "title": "988 Suicide & Crisis Lifeline", "url": "https://988lifeline.org/"}],
        "modules": [{"key": "all", "title": "All of it", "lessons": ["greet"]}],
    }


class Plain(yaml.SafeDumper):
    """Writes out what stands twice, as people do."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def plainly(data: object, **how: bool) -> str:
    return yaml.dump(data, Dumper=Plain, **how)


def lesson(**front: object) -> str:
    front = {"key": "greet", "title": "Greet", "minutes": 3, "sources": ["lifeline"], **front}
    body = '## Say hello\n\nLook up. Call [[desk-phone]].\n\n> [!say] Words\n> "Good morning."\n'
    return f"---\n{plainly(front)}---\n{body}"


def question(key: str = "hello", **fields: object) -> dict:
    return {
        "key": key,
        "lesson": "greet",
        "kind": "single",
        "prompt": "What comes first?",
        "answers": [
            {"text": "A greeting", "correct": True, "feedback": "Right."},
            {"text": "A form", "correct": False, "feedback": "The person comes first."},
        ],
        **fields,
    }


def case(**fields: object) -> dict:
    return {
        "key": "visit",
        "lesson": "greet",
        "title": "A visit",
        "start": "door",
        "scenes": [
            {
                "key": "door",
                "text": "Someone comes in.",
                "choices": [
                    {"text": "Look up", "next": "seen", "feedback": "Good."},
                    {"text": "Type on", "next": "ignored", "feedback": "They leave."},
                ],
            },
            {"key": "seen", "text": "They smile.", "ending": "safe"},
            {"key": "ignored", "text": "They go.", "ending": "unsafe"},
        ],
        **fields,
    }


def write(folder: Path, *, course=None, lessons=None, questions=None, cases=None) -> Path:
    (folder / "lessons").mkdir(parents=True)
    (folder / "course.yaml").write_text(plainly(course or head(), allow_unicode=True))
    for name, text in (lessons or {"01-greet.md": lesson()}).items():
        (folder / "lessons" / name).write_text(text)
    (folder / "questions.yaml").write_text(plainly(questions or [question()]))
    (folder / "cases.yaml").write_text(plainly(cases or [case()]))
    return folder


def problems_of(folder: Path, *, starter: bool = False) -> list[str]:
    with pytest.raises(CourseProblemsError) as refused:
        load_course(folder, starter=starter)
    return refused.value.problems


def test_a_small_course_is_read_whole(tmp_path):
    course = load_course(write(tmp_path / "small"))
    assert (course.key, course.version, course.modules[0].pass_mark) == ("small", "1.0", 80)
    assert [(block.kind, block.title, block.markdown) for block in course.lessons[0].cards[0].blocks] == [
        ("text", "", "Look up. Call [[desk-phone]]."),
        ("say", "Words", '"Good morning."'),
    ]
    assert [scene.ending for scene in course.cases[0].scenes] == ["", "safe", "unsafe"]
    assert (course.questions[0].quiz, course.questions[0].critical) == ("lesson", False)


def test_the_hash_follows_the_content_and_not_the_layout_of_the_files(tmp_path):
    first = load_course(write(tmp_path / "a" / "small"))
    shuffled = dict(reversed(head().items()))
    same = load_course(write(tmp_path / "b" / "small", course=shuffled))
    other = load_course(write(tmp_path / "c" / "small", course=head() | {"pass_mark": 81}))
    assert first.sha256 == same.sha256
    assert first.sha256 != other.sha256
    assert len(first.sha256) == 64


def test_site_values_are_put_in_and_a_missing_one_raises():
    assert fill("Call [[desk-phone]] now.", {"desk-phone": "x 12"}) == "Call x 12 now."
    with pytest.raises(KeyError, match="desk-phone"):
        fill("Call [[desk-phone]] now.", {})


ANSWERS = question()["answers"]
SCENES = case()["scenes"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"schema": 2}, "course.yaml: small: schema: must be a whole number from 1 to 1, is 2"),
        ({"modules": [{"key": "All of it", "title": "All", "lessons": ["greet"]}]}, "course.yaml: All of it: modules.key: is not well formed: 'All of it'"),
        ({"key": "other"}, "course.yaml: other: key: must be the name of the folder, small"),
        ({"title": " "}, "course.yaml: small: title: is empty"),
        ({"version": 1.0}, "course.yaml: small: version: must be text, is 1.0"),
        ({"change": "huge"}, "course.yaml: small: change: must be one of major, material, minor, is 'huge'"),
        ({"language": "English"}, "course.yaml: small: language: is not well formed: 'English'"),
        ({"roles": []}, "course.yaml: small: roles: must be a list with at least one entry"),
        ({"pass_mark": 0}, "course.yaml: small: pass_mark: must be a whole number from 1 to 100, is 0"),
        ({"pass_mark": 101}, "course.yaml: small: pass_mark: must be a whole number from 1 to 100, is 101"),
        ({"pass_mark": True}, "course.yaml: small: pass_mark: must be a whole number from 1 to 100, is True"),
        ({"expires_months": 61}, "course.yaml: small: expires_months: must be a whole number from 1 to 60, is 61"),
        ({"minutes": 9}, "course.yaml: small: minutes: must be the sum of lessons and final test, 5, is 9"),
        ({"color": "red"}, "course.yaml: small: color: is not a field of the format"),
        ({"attestation": {"title": "I know"}}, "course.yaml: small: attestation.text: is missing"),
        ({"observation": {"title": "Seen", "items": []}}, "course.yaml: small: observation.items: must be a list with at least one entry"),
        ({"sources": head()["sources"] * 2}, "course.yaml: sources: key lifeline stands 2 times"),
        ({"sources": [*head()["sources"], {"key": "spare", "title": "Not used"}]}, "course.yaml: small: sources: spare is named by no lesson"),
        ({"site_values": []}, "lessons/01-greet.md: [[desk-phone]] is not one of site_values in course.yaml"),
        ({"site_values": [*head()["site_values"], {"key": "spare", "label": "Spare", "default": "x"}]}, "course.yaml: small: site_values: spare is used nowhere"),
        ({"modules": [{"key": "all", "title": "All", "lessons": ["greet", "part"]}]}, "course.yaml: small: modules: lesson part has no file"),
        ({"modules": [{"key": "all", "title": "All", "lessons": ["greet", "greet"]}]}, "course.yaml: small: modules: lesson greet must stand in one module, stands in 2"),
        ({"modules": [{"key": "all", "title": "All", "pass_mark": 100, "lessons": ["greet"]}]}, "questions.yaml: hello: critical: must be true, its module has pass mark 100"),
    ],
)  # fmt: skip
def test_a_wrong_course_field_is_named(tmp_path, change, problem):
    assert problems_of(write(tmp_path / "small", course=head() | change)) == [problem]


def test_an_unknown_role_is_named(tmp_path):
    (problem,) = problems_of(write(tmp_path / "small", course=head() | {"roles": ["pilot"]}))
    assert problem.startswith("course.yaml: small: roles: pilot is not one of prescriber, ")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("01-greet.md", lesson(minutes=16), "lessons/01-greet.md: greet: minutes: must be a whole number from 1 to 15, is 16"),
        ("01-greet.md", lesson(sources=["lifeline", "rumor"]), "lessons: greet: sources: rumor is not a source in course.yaml"),
        ("greet.md", lesson(), "lessons/greet.md: greet: key: must be the file's name after its number, is 'greet'"),
        ("01-greet.md", lesson() + "\n> A quote.\n", "lessons/01-greet.md: greet: body: in card 'Say hello' a quote does not begin with > [!kind]"),
        ("01-greet.md", lesson() + "\n> [!alarm] Now\n> Run.\n", "lessons/01-greet.md: greet: body: in card 'Say hello' [!alarm] must be one of note, risk, say, case, reveal, video"),
        ("01-greet.md", lesson() + "\n> [!note]\n", "lessons/01-greet.md: greet: body: in card 'Say hello' [!note] is empty"),
        ("01-greet.md", lesson() + "\n> [!reveal]\n> Yes.\n", "lessons/01-greet.md: greet: body: in card 'Say hello' [!reveal] needs the words of its button"),
        ("01-greet.md", lesson() + "\n<b>Now</b>\n", "lessons/01-greet.md: greet: body: in card 'Say hello' HTML is not allowed: <b>"),
        ("01-greet.md", lesson() + "\n## Later\n", "lessons/01-greet.md: greet: body: card 'Later' is empty"),
        ("01-greet.md", lesson().replace("## Say", "Hi.\n\n## Say"), "lessons/01-greet.md: greet: body: text stands before the first ## heading"),
    ],
)  # fmt: skip
def test_a_wrong_lesson_is_named(tmp_path, name, text, problem):
    folder = write(tmp_path / "small", lessons={name: text})
    expected = [problem]
    if "minutes" in problem:
        expected.append("course.yaml: small: minutes: must be the sum of lessons and final test, 3, is 5")
    assert problems_of(folder) == expected


def test_a_lesson_without_front_matter_is_named(tmp_path):
    folder = write(tmp_path / "small", lessons={"01-greet.md": "## Say hello\n\nLook up. Call [[desk-phone]].\n"})
    assert problems_of(folder)[0] == "lessons/01-greet.md: must begin with front matter between two lines of ---"


def test_lessons_out_of_order_are_named(tmp_path):
    course = head() | {"minutes": 8, "modules": [{"key": "all", "title": "All", "lessons": ["part", "greet"]}]}
    folder = write(
        tmp_path / "small", course=course, lessons={"01-greet.md": lesson(), "02-part.md": lesson(key="part")}
    )
    assert problems_of(folder) == ["course.yaml: small: modules: order part, greet differs from the files, greet, part"]


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ([question(), question()], "questions.yaml: key hello stands 2 times"),
        ([question(lesson="part")], "questions.yaml: hello: lesson: part is not a lesson of this course"),
        ([question(kind="open")], "questions.yaml: hello: kind: must be one of single, multiple, is 'open'"),
        ([question(quiz="exam")], "questions.yaml: hello: quiz: must be one of lesson, final, is 'exam'"),
        ([question(critical="yes")], "questions.yaml: hello: critical: must be true or false, is 'yes'"),
        ([question(prompt="")], "questions.yaml: hello: prompt: is empty"),
        ([question(answers=ANSWERS[:1])], "questions.yaml: hello: answers: must be 2 to 6, this has 1"),
        ([question(answers=[ANSWERS[0] | {"text": "Hi"}, ANSWERS[0]])], "questions.yaml: hello: answers: a single choice has exactly one right answer, this has 2"),
        ([question(answers=[ANSWERS[1] | {"text": "Hi"}, ANSWERS[1]])], "questions.yaml: hello: answers: a single choice has exactly one right answer, this has 0"),
        ([question(kind="multiple")], "questions.yaml: hello: answers: a multiple choice has two or more right answers and a wrong one, this has 1"),
        ([question(answers=[ANSWERS[0], ANSWERS[1] | {"feedback": ""}])], "questions.yaml: hello: answers[2].feedback: is empty"),
        ([question(answers=[ANSWERS[0], {"text": "No", "correct": False}])], "questions.yaml: hello: answers[2].feedback: is missing"),
        ([question(answers=[ANSWERS[0], ANSWERS[1] | {"text": "A greeting"}])], "questions.yaml: hello: answers: two answers read the same"),
        ({"hello": 1}, "questions.yaml: must be a list"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_named(tmp_path, questions, problem):
    assert problems_of(write(tmp_path / "small", questions=questions)) == [problem]


def test_final_questions_need_minutes(tmp_path):
    course = head() | {"final_minutes": 0, "minutes": 3}
    folder = write(tmp_path / "small", course=course, questions=[question(quiz="final")])
    assert problems_of(folder) == ["course.yaml: small: final_minutes: must be above 0, there are final questions"]


@pytest.mark.parametrize(
    ("cases", "problem"),
    [
        ([case(), case()], "cases.yaml: key visit stands 2 times"),
        ([case(lesson="part")], "cases.yaml: visit: lesson: part is not a lesson of this course"),
        ([case(scenes=[*SCENES, SCENES[1]])], "cases.yaml: visit: scenes: key seen stands 2 times"),
        ([case(scenes=SCENES[:2])], "cases.yaml: visit: scenes: door leads to ignored, which is no scene"),
        ([case(scenes=[*SCENES, {"key": "attic", "text": "Dust.", "ending": "safe"}])], "cases.yaml: visit: scenes: attic is never reached from 'door'"),
        ([case(scenes=[SCENES[0], SCENES[1] | {"ending": ""}, SCENES[2]])], "cases.yaml: visit: scenes: seen needs either choices or an ending"),
        ([case(scenes=[SCENES[0], SCENES[1] | {"ending": "unsafe"}, SCENES[2]])], "cases.yaml: visit: scenes: from door no safe ending can be reached"),
        ([case(scenes=[SCENES[0] | {"facts": [{"label": "Time"}]}, *SCENES[1:]])], "cases.yaml: visit: scenes[1].facts[1].value: is missing"),
    ],
)  # fmt: skip
def test_a_wrong_case_is_named(tmp_path, cases, problem):
    assert problem in problems_of(write(tmp_path / "small", cases=cases))


def test_broken_yaml_is_named_with_its_line(tmp_path):
    folder = write(tmp_path / "small")
    (folder / "questions.yaml").write_text("- key: a\n  prompt: [b\n")
    assert problems_of(folder) == ["questions.yaml: line 3: is not YAML: expected ',' or ']', but got '<stream end>'"]


def test_a_missing_file_is_named(tmp_path):
    folder = write(tmp_path / "small")
    (folder / "questions.yaml").unlink()
    assert problems_of(folder) == ["questions.yaml: is missing"]
    (folder / "course.yaml").unlink()
    assert problems_of(folder) == ["course.yaml: is missing"]


def test_all_problems_are_reported_at_once(tmp_path):
    folder = write(tmp_path / "small", course=head() | {"title": "", "pass_mark": 0}, questions=[question(prompt="")])
    assert len(problems_of(folder)) == 3


def test_a_starter_needs_four_lessons_and_fifteen_questions(tmp_path):
    folder = write(tmp_path / "small")
    load_course(folder)
    assert problems_of(folder, starter=True) == [
        "course.yaml: small: modules: a starter has at least 4 lessons, this has 1",
        "course.yaml: small: questions: a starter has at least 15 questions, this has 1",
    ]


def translated(source: Course, **changes: object) -> dict:
    return head() | {"language": "es-US", "translation_of": source.sha256, "title": "Un curso pequeño", **changes}


def test_a_translation_changes_words_only(tmp_path):
    source = load_course(write(tmp_path / "small"))
    folder = write(tmp_path / "small" / "translations" / "es-US", course=translated(source))
    assert load_translation(source, folder).title == "Un curso pequeño"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"pass_mark": 70}, "course.yaml: small: pass_mark: differs from the original"),
        ({"language": "en-US"}, "course.yaml: small: language: is en-US, the language of the original"),
    ],
)
def test_a_translation_that_changes_more_is_refused(tmp_path, change, problem):
    source = load_course(write(tmp_path / "small"))
    folder = write(tmp_path / "small" / "translations" / "es-US", course=translated(source, **change))
    with pytest.raises(CourseProblemsError) as refused:
        load_translation(source, folder)
    assert refused.value.problems == [problem]


def test_a_translation_with_another_right_answer_is_refused(tmp_path):
    source = load_course(write(tmp_path / "small"))
    swapped = question(answers=[ANSWERS[0] | {"correct": False}, ANSWERS[1] | {"correct": True}])
    folder = write(tmp_path / "small" / "translations" / "es-US", course=translated(source), questions=[swapped])
    with pytest.raises(CourseProblemsError) as refused:
        load_translation(source, folder)
    assert refused.value.problems == ["course.yaml: small: questions[1].answers[1].correct: differs from the original"]


def test_a_translation_of_an_older_text_is_refused(tmp_path):
    source = load_course(write(tmp_path / "small"))
    folder = write(tmp_path / "small" / "translations" / "es-US", course=translated(source, translation_of="0" * 64))
    with pytest.raises(CourseProblemsError) as refused:
        load_translation(source, folder)
    assert refused.value.problems == [
        f"course.yaml: small: translation_of: is not the SHA-256 of version 1.0, {source.sha256}"
    ]
