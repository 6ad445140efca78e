"""Papers on their way between organizations: what others offer, and what was offered to others."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from onboarding.vault.actions import hand_over
from onboarding.vault.models import PaperOffer, PaperRefused, ReceivedPaper
from onboarding.vault.web import reading
from onboarding.vault.web.views.papers import refused
from tenancy.models import Organization
from tenancy.offers import may_receive
from web.render import page, toast
from web.uploads import FileRefused
from web.whole_tables import shown_rows

SHOWN = 200


@require(Permission.EVIDENCE_READ)
@require_safe
def overview(request: HttpRequest, org: str) -> HttpResponse:
    """Received and given, newest first."""
    reading.at_home(request)
    return page(request, "vault/offers.html", _offers(request))


@require(Permission.ITEM_REVIEW)
@require_POST
def accept(request: HttpRequest, org: str, received: UUID) -> HttpResponse:
    """Take an own copy; the organization's own review comes next."""
    found = _received(request, received)
    try:
        paper = hand_over.accept(found, by=request.actor)  # type: ignore[attr-defined]
    except (PaperRefused, FileRefused) as words:
        return page(request, "vault/offers.html", {**_offers(request), "refused": str(words)}, status=422)
    toast(request, f"{paper.title} is in your vault and waits for your review")
    return redirect("org:vault:paper", org=org, paper=paper.pk)


@require(Permission.ITEM_REVIEW)
@require_POST
def decline(request: HttpRequest, org: str, received: UUID) -> HttpResponse:
    """Say no."""
    found = _received(request, received)
    try:
        hand_over.decline(found, by=request.actor)  # type: ignore[attr-defined]
    except PaperRefused as words:
        return page(request, "vault/offers.html", {**_offers(request), "refused": str(words)}, status=422)
    toast(request, f"{found.title} declined")
    return redirect("org:vault:offers", org=org)


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def make(request: HttpRequest, org: str, paper: UUID) -> HttpResponse:
    """Offer the version in force to an organization that shares a deployment with this one."""
    reading.at_home(request)
    found = reading.find(paper)
    receivers = {str(one.pk): one for one in may_receive()}
    partner: Organization | None = receivers.get(request.POST.get("partner", ""))
    if partner is None:
        return refused(request, found, "Choose an organization that shares a deployment with yours.")
    try:
        hand_over.offer(found, partner, by=request.actor)  # type: ignore[attr-defined]
    except PaperRefused as words:
        return refused(request, found, str(words))
    toast(request, f"{found.title} is offered to {partner.name}, and so is every later version")
    return redirect("org:vault:paper", org=org, paper=found.pk)


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def withdraw(request: HttpRequest, org: str, offer: UUID) -> HttpResponse:
    """Take back an offer that was not answered."""
    reading.at_home(request)
    found = PaperOffer.objects.select_related("paper", "partner").filter(pk=offer).first()
    if found is None:
        raise Http404
    try:
        hand_over.withdraw(found, by=request.actor)  # type: ignore[attr-defined]
    except PaperRefused as words:
        return page(request, "vault/offers.html", {**_offers(request), "refused": str(words)}, status=422)
    toast(request, f"The offer of {found.paper.title} is taken back")
    return redirect("org:vault:offers", org=org)


def _received(request: HttpRequest, pk: UUID) -> ReceivedPaper:
    reading.at_home(request)
    found: ReceivedPaper | None = ReceivedPaper.objects.select_related("source").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _offers(request: HttpRequest) -> dict[str, Any]:
    received = ReceivedPaper.objects.select_related("source").order_by("-received_at")
    given = PaperOffer.objects.select_related("paper", "partner").order_by("-offered_at")
    return {
        "received": shown_rows(request.GET, received, SHOWN),
        "given": shown_rows(request.GET, given, SHOWN),
        "answers": can(request, Permission.ITEM_REVIEW),
        "offers": can(request, Permission.DEPLOYMENT_SHARE),
        "looks": {"offered": "waiting", "accepted": "accepted", "declined": "refused", "withdrawn": "not_needed"},
        "refused": "",
    }
