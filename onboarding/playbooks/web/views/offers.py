"""Playbooks on their way between organizations: what others offer, and what was offered to others."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from onboarding.playbooks.actions import hand_over
from onboarding.playbooks.actions.hand_over import OfferRefused
from onboarding.playbooks.models import PlaybookOffer, ReceivedPlaybook
from onboarding.playbooks.reading import PlaybookError
from onboarding.playbooks.web.views.playbooks import find, to_version
from tenancy.offers import may_receive
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

SHOWN = 200
LOOKS = {"offered": "waiting", "accepted": "accepted", "declined": "refused", "withdrawn": "not_needed"}


@require(Permission.PLAYBOOK_READ)
@require_safe
def overview(request: HttpRequest, org: str) -> HttpResponse:
    """Received and given, newest first."""
    _at_home(request)
    return page(request, "playbooks/offers.html", _offers(request))


@require(Permission.PLAYBOOK_PUBLISH)
@require_POST
def make(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Offer a version to an organization that shares a deployment with this one."""
    found = find(version)
    receivers = {str(one.pk): one for one in may_receive()}
    partner = receivers.get(request.POST.get("partner", ""))
    if partner is None:
        return _refused(request, "Choose an organization that shares a deployment with yours.")
    try:
        hand_over.offer(found, partner, by=request.actor)  # type: ignore[attr-defined]
    except OfferRefused as words:
        return _refused(request, str(words))
    toast(request, f"{found} is offered to {partner.name}")
    return redirect_or_refresh(request, to_version(org, found))


@require(Permission.PLAYBOOK_PUBLISH)
@require_POST
def withdraw(request: HttpRequest, org: str, offer: UUID) -> HttpResponse:
    """Take back an offer that was not answered."""
    found = PlaybookOffer.objects.select_related("version__playbook", "partner").filter(pk=offer).first()
    if found is None:
        raise Http404
    return _answered(request, lambda: hand_over.withdraw(found, by=request.actor), "The offer is taken back")  # type: ignore[attr-defined]


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def accept(request: HttpRequest, org: str, received: UUID) -> HttpResponse:
    """Take an own copy."""
    found = _received(received)
    return _answered(request, lambda: hand_over.accept(found, by=request.actor), f"{found} is yours")  # type: ignore[attr-defined]


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def decline(request: HttpRequest, org: str, received: UUID) -> HttpResponse:
    """Say no."""
    found = _received(received)
    return _answered(request, lambda: hand_over.decline(found, by=request.actor), f"{found} declined")  # type: ignore[attr-defined]


def _answered(request: HttpRequest, verb: Any, said: str) -> HttpResponse:
    try:
        verb()
    except (OfferRefused, PlaybookError) as words:
        return _refused(request, str(words))
    toast(request, said)
    return redirect_or_refresh(request, f"/o/{request.organization.slug}/playbooks/offers/")  # type: ignore[attr-defined]


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return page(request, "playbooks/offers.html", {**_offers(request), "refused": words}, status=422)


def _received(pk: UUID) -> ReceivedPlaybook:
    found: ReceivedPlaybook | None = ReceivedPlaybook.objects.select_related("source").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _at_home(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.PLAYBOOK_READ)


def _offers(request: HttpRequest) -> dict[str, Any]:
    received = ReceivedPlaybook.objects.select_related("source").defer("document").order_by("-received_at")
    given = PlaybookOffer.objects.select_related("version__playbook", "partner").defer("version__content")
    return {
        "received": shown_rows(request.GET, received, SHOWN),
        "given": shown_rows(request.GET, given.order_by("-offered_at"), SHOWN),
        "answers": can(request, Permission.PLAYBOOK_AUTHOR),
        "offers": can(request, Permission.PLAYBOOK_PUBLISH),
        "looks": LOOKS,
        "refused": "",
    }
