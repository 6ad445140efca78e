"""One lesson, one step at a time: a card, a case, a question, the result."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import require
from training.courses.marks import FINAL
from training.learning.actions.answer_quiz import answer_question, read_on, try_again
from training.learning.models import Attempt
from training.learning.models.attempt import AnswerRefused
from training.learning.web.outline import Outline
from training.learning.web.own import own_assignment
from training.learning.web.stage import Stage, stage_or_404
from training.learning.web.views.review import to_read_again
from web.language import speaks
from web.render import page, page_text


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def lesson(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Show a step; without one in the address, the one at which the learner stopped."""
    found = own_assignment(request, assignment)
    stage, outline = stage_or_404(found, lesson), Outline(found, org)
    if outline.opens_on:
        return HttpResponseRedirect(outline.address("course"))
    if lesson == FINAL and not stage.progress and outline.missing.lessons != [FINAL]:
        return HttpResponseRedirect(outline.address("course"))
    step = stage.asked_for(request.GET["step"]) if "step" in request.GET else stage.place
    if step is None:
        return HttpResponseRedirect(outline.address("lesson", lesson=lesson))
    return _page(request, stage, outline, step)


@gzip_page  # no page, so web.compression leaves it alone: five times the bytes, at each step that is opened
@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def ahead(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Give what is left of the lesson, step by step, so that it can go on without a network; no right answer is in it."""
    found = own_assignment(request, assignment)
    stage, outline = stage_or_404(found, lesson), Outline(found, org)
    steps = {
        key: page_text(request, "learning/lesson.html", _context(stage, outline, step, parts) | {"alone": True})
        for key, (step, parts) in ({} if outline.opens_on else stage.ahead()).items()
    }
    steps |= {
        f"review/{number}": page_text(request, "learning/review.html", context | {"alone": True})
        for number, context in enumerate(to_read_again(stage, outline), start=1)
    }
    whole = stage.attempt is not None or not stage.questions
    return JsonResponse({**steps, "all": whole, "attempt": stage.drawn}, headers={"Cache-Control": "private, no-store"})


@require_POST
@require(Permission.TRAINING_LEARN)
@speaks
def read(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Put a step behind the learner and go to the next."""
    found = own_assignment(request, assignment)
    stage, outline = stage_or_404(found, lesson), Outline(found, org)
    step = _number(request.POST.get("step"))
    address = outline.address("lesson", lesson=lesson)
    try:
        read_on(found, lesson, step, by=request.actor)  # type: ignore[attr-defined]
    except ValueError:
        return HttpResponseRedirect(address)  # an old page: go on where the learner really is
    last = step == len(stage.readings)
    return HttpResponseRedirect(address if last and not stage.passed else f"{address}?step={step + 1}")


@require_POST
@require(Permission.TRAINING_LEARN)
@speaks
def answer(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Take an answer and show what it teaches; sent twice, it is taken once."""
    found = own_assignment(request, assignment)
    stage, outline = stage_or_404(found, lesson), Outline(found, org)
    attempt = Attempt.objects.filter(pk=_uuid(request.POST.get("attempt")), progress=stage.progress).first()
    if attempt is None:
        return HttpResponseRedirect(outline.address("lesson", lesson=lesson))
    question = request.POST.get("question", "")
    keys = [entry["key"] for entry in attempt.questions]
    step = len(stage.readings) + (keys.index(question) if question in keys else 0) + 1
    chosen = [int(text) for text in request.POST.getlist("choice") if text.isascii() and text.isdigit()]
    try:
        answer_question(
            found,
            attempt,
            question,
            chosen,
            token=_uuid(request.POST.get("token")),
            by=request.actor,  # type: ignore[attr-defined]
        )
    except AnswerRefused as refused:
        if question not in keys:
            return HttpResponseRedirect(outline.address("lesson", lesson=lesson))
        return _page(request, stage, outline, step, refused=str(refused), status=422)
    return HttpResponseRedirect(f"{outline.address('lesson', lesson=lesson)}?step={step}")


@require_POST
@require(Permission.TRAINING_LEARN)
@speaks
def again(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Begin a new attempt after one that did not pass."""
    found = own_assignment(request, assignment)
    stage_or_404(found, lesson)
    address = Outline(found, org).address("lesson", lesson=lesson)
    try:
        try_again(found, lesson, by=request.actor)  # type: ignore[attr-defined]
    except AnswerRefused:
        return HttpResponseRedirect(address)
    return HttpResponseRedirect(address)


def _page(
    request: HttpRequest, stage: Stage, outline: Outline, step: int | str, *, refused: str = "", status: int = 200
) -> HttpResponse:
    choice = request.GET.get("path", "")
    shown = stage.show(step, choice or request.GET.get("from", ""))
    if "from" in request.GET and not choice:
        refused, status = _("Choose what you do, then go on."), 422
    return page(
        request, "learning/lesson.html", _context(stage, outline, step, shown) | {"refused": refused}, status=status
    )


def _context(stage: Stage, outline: Outline, step: int | str, parts: dict[str, Any]) -> dict[str, Any]:
    title = outline.title(stage.lesson)
    return {"stage": stage, "outline": outline, "step": step, "lesson_title": title, "refused": "", **parts}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else -1


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404 from None
