"""Where a learner stands in a lesson, and what the step they ask for shows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.http import Http404

from training.courses.models import SiteValue
from training.courses.models.translation import spoken
from training.courses.rendering import Shown, card_blocks, choices, choices_from, moment
from training.courses.shape import Card, Case, Question, fill
from training.learning.kinds import taught
from training.learning.models import Answer, Assignment, Attempt, AttemptResult, LessonProgress
from training.learning.models.attempt import asked, draw_of, pass_mark
from training.learning.models.reread import left_to_read
from training.learning.steps import readings
from training.learning.web.media import media_of

RESULT, WAIT, CLOSING = "result", "wait", "closing"


@dataclass(frozen=True, slots=True)
class Option:
    """An answer as `ui.answers` draws it."""

    value: int
    text: str
    chosen: bool
    right: bool


def stage_or_404(assignment: Assignment, lesson: str) -> "Stage":
    """Return the stage, or raise Http404 for a lesson that the version does not have."""
    try:
        return Stage(assignment, lesson)
    except KeyError:
        raise Http404 from None


class Stage:
    """One lesson of one assignment: its steps, and how many of them may be opened."""

    def __init__(self, assignment: Assignment, lesson: str) -> None:
        """Raises KeyError for a lesson that the version does not have."""
        self.media = media_of(assignment)
        self.assignment, self.lesson = assignment, lesson
        self.content = spoken(assignment.version).content
        self.taught = taught(self.content, lesson)
        mark = assignment.version.marks[lesson]
        self.readings = readings(self.content, lesson)
        self.progress = LessonProgress.objects.of_round(assignment).filter(lesson=lesson, mark=mark).first()
        self.attempt = Attempt.last(self.progress) if self.progress else None
        self.answers = (
            {row.question: row for row in Answer.objects.filter(attempt=self.attempt)} if self.attempt else {}
        )
        self.result = AttemptResult.objects.filter(attempt=self.attempt).first() if self.attempt else None
        self.values = SiteValue.of(self.content, assignment.site_id)

    def blocks(self, card: Card) -> list[Shown]:
        """Return what a card shows, here and when the network is gone."""
        return card_blocks(card, self.values, self.content, self.media)

    @property
    def questions(self) -> int:
        """How many questions the quiz has: those that were drawn, or will be."""
        if self.attempt:
            return len(self.attempt.questions)
        bank = len(asked(self.content, self.lesson))
        return min(draw_of(self.content, self.lesson) or bank, bank)

    @property
    def rests_until(self) -> datetime | None:
        """When the next attempt may begin; None: now."""
        return Attempt.rests_until(self.progress) if self.progress and self.result and not self.passed else None

    @cached_property
    def left_to_read(self) -> int:
        """How many cards are read again before the next attempt."""
        return len(left_to_read(self.progress)) if self.progress and self.result and not self.passed else 0

    @property
    def drawn(self) -> str:
        """Which attempt and how many cards to be read again the steps were drawn for: another one, and they are fetched anew."""
        return f"{self.attempt.pk}/{self.left_to_read}" if self.attempt else ""

    @property
    def steps(self) -> int:
        """Cards, cases and questions together."""
        return len(self.readings) + self.questions

    @property
    def passed(self) -> bool:
        """Whether the lesson is passed."""
        return bool(self.progress and self.progress.passed_at)

    @property
    def needed(self) -> int:
        """The percentage that passes."""
        return pass_mark(self.content, self.lesson)

    @property
    def place(self) -> int | str:
        """The step at which the learner goes on; 0 is the page before a test without cards."""
        read = self.progress.steps_read if self.progress else 0
        if self.passed or self.result:
            return RESULT
        if read < len(self.readings):
            return read + 1
        if self.taught.template:
            return CLOSING
        # The first without an answer, whatever their number: what a device kept may arrive out of order, or be refused.
        return next((step for step, key in self._asked.items() if key not in self.answers), 0)

    @property
    def _asked(self) -> dict[int, str]:
        """The questions of the attempt by their steps."""
        entries = self.attempt.questions if self.attempt else []
        return {step: entry["key"] for step, entry in enumerate(entries, start=len(self.readings) + 1)}

    def asked_for(self, text: str) -> int | str | None:
        """Return the step in the address if it may be opened, else None."""
        if text == RESULT:
            return RESULT if self.passed or self.result else None
        if text == CLOSING:
            return CLOSING if self.place == CLOSING else None
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= self.steps:
            return None
        step, place = int(text), self.place
        behind = place in (RESULT, CLOSING) or step <= int(place) or self._asked.get(step) in self.answers
        shown = step <= len(self.readings) or self.attempt is not None
        return step if behind and shown else None

    def show(self, step: int | str, choice: str) -> dict[str, Any]:
        """Return what the template names for a step: kind and its own values. `choice` is what led to a scene of a case."""
        if step == RESULT:
            return {"kind": "result", "wrong": [self._wrong(row) for row in self.answers.values() if not row.correct]}
        if step == CLOSING:
            shown = self.taught.last_screen(self.assignment, self.lesson)
            return {"kind": CLOSING, "closing": self.taught.template, **shown}
        number = int(step)
        if number == 0:
            return {"kind": "start"}
        if number > len(self.readings):
            return self._question(number - len(self.readings) - 1)
        found = self.readings[number - 1]
        if isinstance(found, Card):
            return {"kind": "card", "title": found.title, "blocks": self.blocks(found)}
        return self._scene(found, choice)

    def _scene(self, case: Case, choice: str) -> dict[str, Any]:
        here = moment(case, choice)
        return {
            "kind": "case",
            "title": case.title,
            "text": fill(here.scene.text, self.values),
            "facts": [(fact.label, fill(fact.value, self.values)) for fact in here.scene.facts],
            "came_by": here.came_by,
            "by_choice": choice if here.came_by else "",
            "feedback": fill(here.came_by.feedback, self.values) if here.came_by else "",
            "options": [
                {"value": name, "text": fill(way.text, self.values)} for name, way in choices_from(case, here.scene)
            ],
            "ending": here.scene.ending,
        }

    def ahead(self) -> dict[str, tuple[int | str, dict[str, Any]]]:
        """Return every step that may be shown without a network, as `show` does, each with its place in the lesson.

        All that is read, every scene of a case under the choice that leads there ("5/2.0": anybody may walk them all, as
        often as they like), and the questions that were drawn, without what is right.
        """
        shown: dict[str, tuple[int | str, dict[str, Any]]] = {WAIT: (WAIT, {"kind": WAIT})}
        asked = self.questions if self.attempt and not self.result else 0
        for step in range(1, len(self.readings) + asked + 1):
            shown[str(step)] = step, self.show(step, "")
            found = self.readings[step - 1] if step <= len(self.readings) else None
            if isinstance(found, Case):
                shown |= {f"{step}/{name}": (step, self._scene(found, name)) for name, _ in choices(found)}
        return shown

    def _question(self, index: int) -> dict[str, Any]:
        assert self.attempt is not None
        entry = self.attempt.questions[index]
        question = self._words(entry["key"])
        answer = self.answers.get(question.key)
        return {
            "kind": "question",
            "question": question,
            "prompt": fill(question.prompt, self.values),
            "options": [self._option(question, number, answer) for number in entry["answers"]],
            "answer": answer,
            "feedback": self._feedback(question, answer) if answer else [],
            "token": uuid4(),
        }

    def _words(self, key: str) -> Question:
        """Return a question of the attempt in the learner's language, as it stood in the attempt's own version."""
        assert self.attempt is not None
        same = self.attempt.version_id == self.assignment.version_id
        content = self.content if same else spoken(self.attempt.version).content
        return next(one for one in content.questions if one.key == key)

    def _option(self, question: Question, number: int, answer: Answer | None) -> Option:
        option = question.answers[number]
        return Option(
            number,
            fill(option.text, self.values),
            bool(answer and number in answer.chosen),
            bool(answer) and option.correct,
        )

    def _feedback(self, question: Question, answer: Answer) -> list[str]:
        """What each chosen answer teaches, and each right one that was missed."""
        shown = [
            option.feedback
            for number, option in enumerate(question.answers)
            if number in answer.chosen or (question.kind == "multiple" and option.correct)
        ]
        return [fill(text, self.values) for text in shown]

    def _wrong(self, answer: Answer) -> dict[str, Any]:
        assert self.attempt is not None
        question = self._words(answer.question)
        return {"prompt": fill(question.prompt, self.values), "critical": question.critical, "lesson": question.lesson}
