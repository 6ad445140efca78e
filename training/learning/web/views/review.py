"""What a quiz that was not passed sends back to: one card at a time, before the next attempt."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from training.courses.shape import Card
from training.learning.actions.answer_quiz import read_again
from training.learning.models.reread import left_to_read, wanted_again
from training.learning.steps import readings
from training.learning.web.outline import Outline
from training.learning.web.own import own_assignment
from training.learning.web.stage import Stage, stage_or_404
from web.language import speaks
from web.render import page


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def review(request: HttpRequest, org: str, assignment: UUID, lesson: str) -> HttpResponse:
    """Show the next card to be read again, or put one behind; back to the result when none is left."""
    found = own_assignment(request, assignment)
    stage, outline = stage_or_404(found, lesson), Outline(found, org)
    if request.method == "POST":
        read_again(found, lesson, _place(request), by=request.actor)  # type: ignore[attr-defined]
        return HttpResponseRedirect(outline.address("review", lesson=lesson))
    context = next(iter(to_read_again(stage, outline)), None)
    if context is None:
        return HttpResponseRedirect(outline.address("lesson", lesson=lesson))
    return page(request, "learning/review.html", context)


def to_read_again(stage: Stage, outline: Outline) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each card that is left to be read again, in order."""
    left = left_to_read(stage.progress) if stage.progress else []
    every = len(wanted_again(stage.progress)) if left and stage.progress else 0
    for number, (key, step) in enumerate(left, start=1):
        card = readings(stage.content, key)[step - 1]
        assert isinstance(card, Card)
        yield {
            "outline": outline,
            "stage": stage,
            "lesson_title": outline.title(key),
            "title": card.title,
            "blocks": stage.blocks(card),
            "place": f"{key}/{step}",
            "last": number == len(left),
            "next": f"review/{number + 1}" if number < len(left) else "",
            "at": every - len(left) + number,
            "every": every,
            "address": outline.address("review", lesson=stage.lesson),
        }


def _place(request: HttpRequest) -> tuple[str, int]:
    key, _, step = request.POST.get("place", "").partition("/")
    return key, int(step) if step.isascii() and step.isdigit() and len(step) < 4 else 0
