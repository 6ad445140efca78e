"""A lesson as its learners will see it, read by whoever wrote or adopts it: cards, cases, questions with what they teach."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from training.courses.models import SiteValue
from training.courses.rendering import Address, card_blocks, choices_from, moment
from training.courses.shape import Card, Case, Course, Question, fill
from training.learning.models.attempt import asked
from training.learning.steps import readings
from web.render import page


def show_lesson(request: HttpRequest, content: Course, lesson: str, back: str, media: Address) -> HttpResponse:
    """Show one step of a lesson as a learner sees it, and what its answers teach; nothing is kept. `back` leads out."""
    try:
        steps: list[Card | Case | Question] = [*readings(content, lesson), *asked(content, lesson)]
    except KeyError:
        raise Http404 from None
    if not steps:
        raise Http404
    text = request.GET.get("step", "1")
    step = min(max(int(text), 1), len(steps)) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    shown, values = steps[step - 1], SiteValue.of(content, None)
    title = next((one.title for one in content.lessons if one.key == lesson), "Final test")
    context: dict[str, Any] = {
        "back": back, "lesson_title": title, "step": step, "steps": len(steps), "blocks": [], "answers": [],
        "critical": False, "case": None,
    }  # fmt: skip
    if isinstance(shown, Card):
        context |= {"title": shown.title, "blocks": card_blocks(shown, values, content, media)}
    elif isinstance(shown, Case):
        context |= {"title": shown.title, "case": _scene(shown, request.GET.get("path", ""), values)}
    else:
        context |= {
            "title": fill(shown.prompt, values),
            "critical": shown.critical,
            "answers": [(one.correct, fill(one.text, values), fill(one.feedback, values)) for one in shown.answers],
        }
    return page(request, "training/preview.html", context)


def _scene(case: Case, choice: str, values: dict[str, str]) -> dict[str, Any]:
    """Where a choice leads, and the choices from there."""
    here = moment(case, choice)
    return {
        "text": fill(here.scene.text, values),
        "facts": [(fact.label, fill(fact.value, values)) for fact in here.scene.facts],
        "led": fill(here.came_by.feedback, values) if here.came_by else "",
        "choices": [(name, fill(one.text, values)) for name, one in choices_from(case, here.scene)],
        "ending": here.scene.ending,
    }
