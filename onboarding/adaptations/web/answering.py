"""How the pages of adaptations and proposals answer a verb: a word at the foot of the list, or the refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from onboarding.adaptations.models.adaptation import CannotMove
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.models.draft import DraftRefused
from web.render import redirect_or_refresh, toast


def answered(request: HttpRequest, to: str, verb: Callable[[], object], said: str) -> HttpResponse:
    """Do it and say so on the page at `to`, or say there why not."""
    try:
        verb()
    except (CannotMove, DraftRefused) as refusal:
        said = str(refusal)
    toast(request, said)
    return redirect_or_refresh(request, to)


def taken_into_draft(request: HttpRequest, to: str, take: Callable[[PlaybookDraft], object]) -> HttpResponse:
    """Take something into the open draft that the form names."""
    drafts = {str(one.pk): one for one in PlaybookDraft.objects.open()}
    asked = request.POST.get("draft", "")
    if asked not in drafts:
        toast(request, "Choose an open draft: there is none yet, or it was published.")
        return redirect_or_refresh(request, to)
    return answered(request, to, lambda: take(drafts[asked]), f"Taken into {drafts[asked]}")
