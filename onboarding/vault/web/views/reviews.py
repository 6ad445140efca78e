"""The reviewer loop of a paper: each verb an address."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.require import require
from audit.actor import Actor
from onboarding.vault.models import Paper, PaperRefused
from onboarding.vault.web import reading
from onboarding.vault.web.forms import ReasonForm
from onboarding.vault.web.views.papers import refused
from web.render import toast

Work = Callable[[Paper, Actor, str], str]


def verb(permission: Permission, *, reason: bool = False) -> Callable[[Work], Callable[..., HttpResponse]]:
    """Make a view of a function that does one thing to a paper and says what it did; a refusal changes nothing."""

    def make(work: Work) -> Callable[..., HttpResponse]:
        @require(permission)
        @require_POST
        def view(request: HttpRequest, org: str, paper: UUID) -> HttpResponse:
            reading.at_home(request)
            found = reading.find(paper)
            form = ReasonForm(request.POST)
            if reason and not form.is_valid():
                return refused(request, found, str(form.errors["reason"][0]))
            try:
                said = work(found, request.actor, form.cleaned_data["reason"] if reason else "")  # type: ignore[attr-defined]
            except PaperRefused as words:
                return refused(request, reading.find(paper), str(words))
            toast(request, said)
            return redirect("org:vault:paper", org=org, paper=found.pk)

        view.__name__ = view.__qualname__ = work.__name__
        view.__doc__ = work.__doc__
        return view

    return make


@verb(Permission.EVIDENCE_ADD)
def ready(paper: Paper, by: Actor, reason: str) -> str:
    """Ask for the review."""
    paper.make_ready(by=by)
    return f"{paper.title} is ready for review"


@verb(Permission.EVIDENCE_ADD)
def unready(paper: Paper, by: Actor, reason: str) -> str:
    """Take it back to work on it."""
    paper.take_back(by=by)
    return f"{paper.title} is back in work"


@verb(Permission.ITEM_REVIEW)
def approve(paper: Paper, by: Actor, reason: str) -> str:
    """Bring the newest version into force."""
    paper.approve(by=by)
    return f"{paper.title} is approved, everywhere it is used"


@verb(Permission.ITEM_REVIEW, reason=True)
def flag(paper: Paper, by: Actor, reason: str) -> str:
    """Say what is wrong."""
    paper.flag(by=by, reason=reason)
    return f"{paper.title} is flagged"


@verb(Permission.ITEM_REVIEW, reason=True)
def revoke(paper: Paper, by: Actor, reason: str) -> str:
    """End it for good."""
    paper.revoke(by=by, reason=reason)
    return f"{paper.title} is revoked; what it proved is open again"
