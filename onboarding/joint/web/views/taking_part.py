"""Joint waves as an organization sees them first: those it leads, and the places it has in others'."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.joint.actions import take_places
from onboarding.joint.models import JointProgram, OwnPlace
from onboarding.joint.models.place import IN_FORCE
from onboarding.plans.models.staged import WaveRefused
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

ANSWERS = {
    "offered": "waiting",
    "accepted": "accepted",
    "declined": "refused",
    "left": "not_needed",
    "withdrawn": "not_needed",
}
SHOWN = 200


@require(Permission.DEPLOYMENT_PLAN)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """The programs led from here with their counts, and the own deployments' places."""
    at_home(request)
    inside = Q(waves__places__answer__in=IN_FORCE)
    programs = JointProgram.objects.annotate(
        sites=Count("waves__places", filter=inside, distinct=True),
        hosts=Count("waves__places__host", filter=inside, distinct=True),
        stops=Count("waves", filter=Q(waves__state="halted"), distinct=True),
    )
    places = OwnPlace.objects.select_related("leader", "deployment__site", "deployment__program")
    context = {
        "programs": shown_rows(request.GET, programs.order_by("title"), SHOWN),
        "places": shown_rows(request.GET, places.order_by("-received_at"), SHOWN),
        "answers": ANSWERS,
    }
    return page(request, "joint/index.html", context)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def accept(request: HttpRequest, org: str, place: UUID) -> HttpResponse:
    """Take part."""
    return _answer(request, org, place, lambda own: take_places.accept(own, by=_by(request)), "You take part in {}")


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def decline(request: HttpRequest, org: str, place: UUID) -> HttpResponse:
    """Say no."""
    return _answer(request, org, place, lambda own: take_places.decline(own, by=_by(request)), "You declined {}")


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def leave(request: HttpRequest, org: str, place: UUID) -> HttpResponse:
    """Take part no longer."""
    reason = request.POST.get("reason", "").replace("\0", "")[:500]
    return _answer(request, org, place, lambda own: take_places.leave(own, reason, by=_by(request)), "You left {}")


def at_home(request: HttpRequest) -> None:
    """Refuse a partner inside a host's organization: everybody leads and answers from their own."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)


def _answer(request: HttpRequest, org: str, place: UUID, verb: Callable[[OwnPlace], None], says: str) -> HttpResponse:
    at_home(request)
    own: OwnPlace | None = OwnPlace.objects.select_related("leader").filter(pk=place).first()
    if own is None:
        raise Http404
    try:
        verb(own)
    except WaveRefused as refusal:
        toast(request, f"Nothing was changed. {refusal}")
    else:
        toast(request, says.format(own.title))
    return redirect_or_refresh(request, reverse("org:joint:index", kwargs={"org": org}))


def _by(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
