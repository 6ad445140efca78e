"""What a new version asks of people who passed the one before.

Every lesson carries a mark: the version in which it last changed so much that it must be learned again. A pass holds as
long as its mark is the lesson's mark in the current version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from training.courses.shape import Course

FINAL = "final"
"""The key of the final test among the lessons; no lesson may be called so."""
ATTESTATION = "attestation"
"""The key of the text that is signed, once a version has changed it for those who signed before; no lesson may be called so."""


def marks(course: Course, before: Course | None, marks_before: Mapping[str, str]) -> dict[str, str]:
    """Return lesson key to mark for a version that follows `before` (None: the first one).

    A major change sets every mark anew, a material one those of lessons whose text or questions differ, a minor one none.
    Another text to sign is signed again after a major or a material change; it has a mark of its own from then on.
    """
    keys = [lesson.key for lesson in course.lessons] + ([FINAL] if has_final(course) else [])
    signed = _text_to_sign(course, before, marks_before)
    if before is None or course.change == "major":
        return dict.fromkeys(keys, course.version) | signed
    kept = {
        key: marks_before[key]
        for key in keys
        if key in marks_before and (course.change == "minor" or digest(course, key) == digest(before, key))
    }
    return {key: kept.get(key, course.version) for key in keys} | signed


def _text_to_sign(course: Course, before: Course | None, marks_before: Mapping[str, str]) -> dict[str, str]:
    if before is None or course.attestation is None:
        return {}
    if course.change != "minor" and course.attestation != before.attestation:
        return {ATTESTATION: course.version}
    return {ATTESTATION: marks_before[ATTESTATION]} if ATTESTATION in marks_before else {}


def has_final(course: Course) -> bool:
    """Whether the course ends in a test of its own."""
    return any(question.quiz == "final" for question in course.questions)


def digest(course: Course, key: str) -> str:
    """Return the SHA-256 of everything a learner meets in that lesson."""
    if key == FINAL:
        parts: list[object] = [question for question in course.questions if question.quiz == "final"]
    else:
        parts = [lesson for lesson in course.lessons if lesson.key == key]
        parts += [question for question in course.questions if question.quiz == "lesson" and question.lesson == key]
        parts += [case for case in course.cases if case.lesson == key]
        shown = {name for lesson in course.lessons if lesson.key == key for card in lesson.cards for block in card.blocks for name in block.files}  # fmt: skip
        parts += [file for file in course.media if file.name in shown]
    text = json.dumps([asdict(part) for part in parts], sort_keys=True, ensure_ascii=False)  # type: ignore[call-overload]
    return hashlib.sha256(text.encode()).hexdigest()
