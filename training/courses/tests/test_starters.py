"""The courses that ship: one for each role, short enough, plain enough, and with questions that cannot be passed by guessing."""

import shutil
from collections import Counter
from dataclasses import replace

import pytest

from training.courses.document import load_course, starter_folders
from training.courses.guessing import FEWEST, Lengths, lengths
from training.courses.roles import ROLES
from training.courses.shape import Answer, Course, SiteValue
from training.courses.tests.readability import grade, prose

STARTERS = [folder.name for folder in starter_folders()]


@pytest.fixture(params=STARTERS)
def starter(request) -> Course:
    folder = next(folder for folder in starter_folders() if folder.name == request.param)
    return load_course(folder, starter=True)


def test_a_starter_ships_for_each_of_the_nine_roles():
    found = [load_course(folder, starter=True) for folder in starter_folders()]
    assert sorted(role for course in found for role in course.roles) == sorted(ROLES)
    assert len(STARTERS) == 9


def test_a_copy_of_a_starter_has_the_same_hash(starter, tmp_path):
    original = next(folder for folder in starter_folders() if folder.name == starter.key)
    assert load_course(shutil.copytree(original, tmp_path / starter.key), starter=True).sha256 == starter.sha256


def test_every_lesson_of_a_starter_reads_at_grade_eight_or_below(starter):
    values = {value.key: value.default for value in starter.site_values}
    grades = {lesson.key: round(grade(prose(lesson, values)), 1) for lesson in starter.lessons}
    assert {key: value for key, value in grades.items() if value > 8} == {}


def test_every_lesson_of_a_starter_can_be_read_and_checked_in_its_minutes(starter):
    values = {value.key: value.default for value in starter.site_values}
    for lesson in starter.lessons:
        asked = [q for q in starter.questions if q.lesson == lesson.key and q.quiz == "lesson"]
        texts = [prose(lesson, values), *(q.prompt + " ".join(a.text for a in q.answers) for q in asked)]
        texts += [scene.text for case in starter.cases if case.lesson == lesson.key for scene in case.scenes]
        assert sum(len(text.split()) for text in texts) / lesson.minutes <= 200, lesson.key


def test_every_lesson_of_a_starter_is_asked_about_and_the_final_test_covers_them_all(starter):
    for lesson in starter.lessons:
        counts = Counter(question.quiz for question in starter.questions if question.lesson == lesson.key)
        assert 3 <= counts["lesson"] <= 5, lesson.key
        assert counts["final"] >= 1, lesson.key
    assert all(3 <= len(question.answers) <= 4 for question in starter.questions)
    assert len(starter.cases) == 1


def test_the_right_answer_of_a_starter_is_not_found_by_its_place(starter):
    places = Counter(
        [answer.correct for answer in question.answers].index(True)
        for question in starter.questions
        if question.kind == "single"
    )
    assert max(places.values()) <= 0.5 * sum(places.values())


def test_the_right_answer_of_a_starter_is_not_found_by_its_length(starter):
    assert lengths(starter).each >= FEWEST
    assert lengths(starter).tell == ""


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ((10, 2, 20), "In 10 of 20 questions the right answer is the longest."),
        ((9, 2, 20), ""),
        ((5, 10, 20), "In 10 of 20 questions the right answer is the shortest."),
        ((2, 5, 20), "In only 2 of 20 questions is the right answer the longest."),
        ((3, 5, 20), ""),
        ((11, 0, 11), ""),
    ],
)
def test_what_tells_the_right_answer_is_said_where_there_are_questions_enough(found, says):
    assert Lengths(*found).tell == says


def test_lengths_are_measured_with_the_values_filled_in(starter):
    short = replace(starter.questions[0], kind="single", answers=(
        Answer(text="Call now", correct=True, feedback="-"), Answer(text="Call in an hour", correct=False, feedback="-"),
    ))  # fmt: skip
    named = replace(short, answers=(replace(short.answers[0], text="Call [[who]] now"), short.answers[1]))
    values = (SiteValue(key="who", label="Who", default="the clinician on call"),)
    both = replace(starter, questions=(short, named), site_values=values)
    assert lengths(both) == Lengths(1, 1, 2)


def test_every_answer_of_a_starter_teaches_something_when_it_is_chosen(starter):
    bare = [
        f"{question.key}: {answer.text}"
        for question in starter.questions
        for answer in question.answers
        if len(answer.feedback.removeprefix("Right.").split()) < 2
    ]
    assert bare == []


def test_no_two_questions_of_the_starters_ask_the_same():
    courses = [load_course(folder, starter=True) for folder in starter_folders()]
    prompts = Counter(question.prompt.casefold() for course in courses for question in course.questions)
    assert [prompt for prompt, count in prompts.items() if count > 1] == []


def test_the_risk_module_of_the_prescriber_must_be_all_right():
    folder = next(folder for folder in starter_folders() if folder.name == "prescriber-risk-protocol")
    course = load_course(folder)
    assert {module.key: module.pass_mark for module in course.modules} == {"everyday-use": 80, "risk-and-crisis": 100}
    assert course.expires_months == 12
    assert course.attestation
    assert course.attestation.title == "I will follow the risk protocol"


@pytest.mark.parametrize(
    ("key", "pass_mark", "months", "observed"),
    [
        ("front-desk-enrollment-consent", 80, 24, 0),
        ("prescriber-risk-protocol", 80, 12, 0),
        ("superuser-support", 90, 12, 9),
        ("care-manager-registry", 80, 12, 0),
        ("digital-navigator-core", 80, 12, 8),
        ("manager-gates-equity", 80, 24, 0),
        ("it-integration-runbook", 80, 12, 0),
        ("billing-codes-denials", 85, 12, 0),
        ("crisis-responder-drill", 100, 6, 8),
    ],
)
def test_the_starters_ask_what_their_role_needs(key, pass_mark, months, observed):
    course = load_course(next(folder for folder in starter_folders() if folder.name == key))
    seen = course.observation.items if course.observation else ()
    assert (course.pass_mark, course.expires_months, len(seen)) == (pass_mark, months, observed)
