"""Following an item or a deployment, and the names that an @ can be completed to."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import TeamRole, Watch
from onboarding.deployments.people import everyone
from onboarding.deployments.web.views.checklist import answer
from web.render import page, redirect_or_refresh, toast

MOST = 8


@require(Permission.ITEM_READ)
@require_POST
def item(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
    """Follow the item, or (`follow=no`) not any more."""
    lens = Lens.of(request)
    found, whole = lens.item(deployment, item), lens.deployment(deployment)
    wants = request.POST.get("follow") != "no"
    (Watch.follow if wants else Watch.unfollow)(whole, found, by=request.actor)  # type: ignore[attr-defined]
    said = f"You follow #{found.number}" if wants else f"You do not follow #{found.number} any more"
    return answer(request, deployment, str(found.number), said=said)


@require(Permission.ITEM_READ)
@require_POST
def deployment(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Follow everything on the deployment, or (`follow=no`) not any more; for the host's own people."""
    lens = Lens.of(request)
    if not lens.of_host:
        raise NotAllowed(Permission.ITEM_READ)
    whole = lens.deployment(deployment)
    wants = request.POST.get("follow") != "no"
    (Watch.follow if wants else Watch.unfollow)(whole, by=request.actor)  # type: ignore[attr-defined]
    toast(request, "You follow this deployment" if wants else "You do not follow this deployment any more")
    place = reverse("org:deployments:checklist", kwargs={"org": org, "deployment": deployment})
    return redirect_or_refresh(request, place)


@require(Permission.ITEM_READ)
@require_safe
def names(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Who an @ may name: people and team roles that begin with the letters typed."""
    lens = Lens.of(request)
    lens.items(deployment)  # a funder reads no items, and names nobody on them
    whole = lens.deployment(deployment)
    wanted = request.GET.get("q", "").strip().casefold()[:60]
    people = [(one.name, one.title or one.organization) for one in everyone(whole.pk)]
    roles = TeamRole.objects.filter(deployment_id=whole.pk).order_by("code").values_list("code", "title")
    found = [(name, text) for name, text in [*people, *roles] if _begins(wanted, name, text)]
    return page(request, "deployments/names.html", {"names": found[:MOST]})


def _begins(wanted: str, name: str, text: str) -> bool:
    said = f"{name} {text}".casefold()
    return said.startswith(wanted) or any(word.startswith(wanted) for word in said.split())
