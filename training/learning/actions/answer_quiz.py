"""The learner's own steps: reading on, answering, signing. Each ends in `settle`."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actor import Actor
from training.courses.marks import FINAL
from training.courses.models import SiteValue
from training.courses.models.translation import spoken
from training.courses.shape import fill
from training.learning.actions.settle import missing, settle
from training.learning.calendar import organization_today
from training.learning.kinds import taught
from training.learning.models import Answer, Assignment, Attempt, Attestation, LessonProgress, Reread
from training.learning.models.attempt import AnswerRefused, asked
from training.learning.models.attestation import NotSigned, wording
from training.learning.steps import readings


@transaction.atomic
def read_on(assignment: Assignment, lesson: str, step: int, *, by: Actor) -> LessonProgress:
    """Put the first `step` cards and cases behind the learner; at the last one begin the quiz, or pass without one.

    Raises ValueError for a step the lesson does not have or that skips one, and (NotOpen) before the window opens.
    """
    assignment.demand_open(organization_today())
    if lesson == FINAL and set(missing(assignment).lessons) - {FINAL}:
        raise ValueError("The final test opens when the lessons are passed.")
    progress = LessonProgress.open(assignment, lesson, by=by)
    count = len(readings(assignment.version.content, lesson))
    if not 0 <= step <= count or step > progress.steps_read + 1:
        raise ValueError("This step cannot be reached from here.")
    progress.reach(step, by=by)
    questions = asked(assignment.version.content, lesson)
    # The questions are drawn with the first step, so that the whole lesson is at hand when the network goes.
    if progress.passed_at is None and questions and (step == count or (step and Attempt.last(progress) is None)):
        Attempt.start(progress, by=by)
    elif step == count and progress.passed_at is None and not questions:
        taught(assignment.version.content, lesson).read_to_the_end(progress, by)
    return progress


@transaction.atomic
def answer_question(
    assignment: Assignment, attempt: Attempt, question: str, chosen: list[int], *, token: UUID, by: Actor
) -> Answer:
    """Take an answer (see `Attempt.answer`), and complete the assignment if that was the last thing missing."""
    assignment.demand_own(by)
    answer = attempt.answer(question, chosen, token=token, by=by)
    settle(assignment, by=by)
    return answer


@transaction.atomic
def try_again(assignment: Assignment, lesson: str, *, by: Actor) -> Attempt:
    """Begin a new attempt after one that did not pass; a running one is returned."""
    if not Attempt.objects.filter(progress__assignment=assignment, progress__lesson=lesson).exists():
        raise AnswerRefused(_("Read the lesson first."))
    return Attempt.start(LessonProgress.open(assignment, lesson, by=by), by=by)


@transaction.atomic
def read_again(assignment: Assignment, quiz: str, place: tuple[str, int], *, by: Actor) -> None:
    """Put a card behind the learner that a quiz sent them back to (see `Reread.note`)."""
    Reread.note(LessonProgress.open(assignment, quiz, by=by), place, by=by)


@transaction.atomic
def attest(
    assignment: Assignment, *, typed_name: str, address: str | None, device: str, seen: str | None = None, by: Actor
) -> Attestation:
    """Sign the course's text as it stands at the learner's site; a signature that stands is returned.

    A signature may have waited on a device for the network. `seen` is the `wording` of the text that was on screen
    then; NotSigned where the text is another one now.
    """
    text = text_to_sign(assignment)
    if seen not in (None, wording(text)) and Attestation.of(assignment) is None:
        raise NotSigned(_("The text has changed since you opened it. Read it again, then sign."))
    signed = Attestation.sign(assignment, typed_name=typed_name, text=text, address=address, device=device, by=by)
    settle(assignment, by=by)
    return signed


def text_to_sign(assignment: Assignment) -> str:
    """Return the text in the learner's language with the site's values in place; empty where nothing is signed."""
    content = spoken(assignment.version).content
    return fill(content.attestation.text, SiteValue.of(content, assignment.site_id)) if content.attestation else ""
