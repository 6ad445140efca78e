"""A site's change on its way to the playbook's author in another organization, and what came from others."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from onboarding.adaptations.actions import propose as verbs
from onboarding.adaptations.frame import Fidelity, Goal, Kind, Reason
from onboarding.adaptations.models import Proposal, SentChange
from onboarding.adaptations.web.answering import answered, taken_into_draft
from onboarding.adaptations.web.forms import ProposeForm
from onboarding.adaptations.web.views.adaptations import changes, find, to_report
from onboarding.playbooks.models import PlaybookDraft
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

SHOWN = 200
LOOKS = {"offered": "waiting", "accepted": "accepted", "declined": "refused", "withdrawn": "not_needed"}
TABLE: list[Column] = [
    ("Item", "number"), ("Title", "title"), ("What", lambda one: Kind(one.kind).label), ("From", "source.name"),
    ("Fields", lambda one: "; ".join(f"{name}: {before} → {after}" for name, before, after in changes(one.fields))),
    ("Why", lambda one: Reason(one.reason).label), ("What for", lambda one: Goal(one.goal).label),
    ("Core", lambda one: Fidelity(one.fidelity).label), ("Said with it", "words"), ("Received", "received_at"),
    ("Answer", "get_state_display"),
]  # fmt: skip


@require(Permission.DEPLOYMENT_SHARE)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, org: str, adaptation: UUID) -> HttpResponse:
    """Everything that the author would see, and the words that go with it."""
    found = find(adaptation)
    copy = verbs.author_of(found)
    if copy is None or copy.giver is None:
        raise Http404
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verbs.propose(found, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"#{found.item.number} is proposed to {copy.giver.name}")
        return redirect_or_refresh(request, to_report(org))
    sent = verbs.carried(found)
    context = {
        "adaptation": found,
        "author": copy.giver,
        "playbook": copy,
        "form": form,
        "changes": changes(sent["fields"]) or changes({"field": name, "before": None, "after": value} for name, value in sent["item"].items() if name != "key"),
    }  # fmt: skip
    return page(request, "adaptations/propose.html", context, status=422 if form.is_bound else 200)


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def withdraw(request: HttpRequest, org: str, sent: UUID) -> HttpResponse:
    """Take back a change that the author has not answered."""
    found = SentChange.objects.select_related("adaptation__item", "author").filter(pk=sent).first()
    if found is None:
        raise Http404
    by = request.actor  # type: ignore[attr-defined]
    return answered(request, to_report(org), lambda: verbs.withdraw(found, by=by), "The proposal is taken back")


@require(Permission.PLAYBOOK_READ)
@require_safe
def received(request: HttpRequest, org: str) -> HttpResponseBase:
    """What other organizations propose, newest first."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.PLAYBOOK_READ)
    rows = Proposal.objects.select_related("source", "draft", "version__playbook").defer(
        "version__content", "draft__head"
    )
    rows = rows.order_by("-received_at", "-pk")
    if file := table_file(request, "proposals", TABLE, rows):
        return file
    authors = can(request, Permission.PLAYBOOK_AUTHOR)
    context = {
        "rows": [{"one": one, "changes": changes(one.fields)} for one in rows[:SHOWN]],
        "drafts": list(PlaybookDraft.objects.open().defer("head")) if authors else [],
        "authors": authors,
        "looks": LOOKS,
    }
    return page(request, "adaptations/proposals.html", context)


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def take(request: HttpRequest, org: str, proposal: UUID) -> HttpResponse:
    """Take it into an open draft of one's own."""
    found = _proposal(proposal)
    by = request.actor  # type: ignore[attr-defined]
    return taken_into_draft(request, _to_received(org), lambda draft: verbs.take_proposal(found, draft, by=by))


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def decline(request: HttpRequest, org: str, proposal: UUID) -> HttpResponse:
    """Say no."""
    found, by = _proposal(proposal), request.actor  # type: ignore[attr-defined]
    return answered(request, _to_received(org), lambda: verbs.decline_proposal(found, by=by), f"{found} is declined")


def _proposal(pk: UUID) -> Proposal:
    found: Proposal | None = Proposal.objects.select_related("source").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _to_received(org: str) -> str:
    return reverse("org:adaptations:proposals", kwargs={"org": org})
