"""What was given up in this organization, why, and trying it again; beside it, how the platform's engine is."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from notices import kinds, watch
from notices import retry as again
from notices.web.dead_rows import dead_rows
from web.render import page, redirect_or_refresh, toast


@require_safe
@require(Permission.LEDGER_READ)
def engine(request: HttpRequest, org: str) -> HttpResponse:
    """List messages, jobs and follow-ups that need somebody, and when the engine last did its rounds."""
    context = {
        "dead": dead_rows(),
        "kind_titles": {each.name: each.title for each in kinds.every()},
        "last": watch.moved(),
        "values": watch.readings(),
        "may_retry": can(request, Permission.POLICY_MANAGE),
    }
    return page(request, "notices/engine.html", context)


@require_POST
@require(Permission.POLICY_MANAGE)
def retry(request: HttpRequest, org: str, kind: str) -> HttpResponse:
    """Try everything of a kind again that was given up."""
    if kind not in again.KINDS:
        raise Http404
    count = again.KINDS[kind](by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{count} {kind} are tried again" if count else f"There are no {kind} to try again")
    return redirect_or_refresh(request, reverse("org:notices:engine", kwargs={"org": org}))


@require_POST
@require(Permission.POLICY_MANAGE)
def retry_reaction(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Try one follow-up now."""
    if not again.retry_reaction(pk, by=request.actor):  # type: ignore[attr-defined]
        raise Http404
    toast(request, "It is tried again within a minute")
    return redirect_or_refresh(request, reverse("org:notices:engine", kwargs={"org": org}))
