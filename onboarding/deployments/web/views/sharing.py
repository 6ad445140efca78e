"""Opening a deployment to a vendor, a hub or a funder, and closing it again."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Part, Permission
from access.require import require
from onboarding.deployments.lens import Lens
from onboarding.deployments.web.forms import ShareForm
from onboarding.deployments.web.frame import frame
from tenancy.models import Organization, Share
from web.render import page, redirect_or_refresh, toast

OPENS = {
    Part.VENDOR: "Items of its side and what holds them up, remarks that are not internal, evidence it gave or that is marked.",
    Part.HUB: "All items, remarks that are not internal, evidence it gave or that is marked.",
    Part.FUNDER: "Stages, gates and readiness. No items, no names.",
}


@require(Permission.DEPLOYMENT_SHARE)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Who else is in, and the form that lets somebody in."""
    found = Lens.of(request).deployment(deployment)
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        partner = form.cleaned_data["partner"]
        found.share_with(partner, part=form.cleaned_data["part"], by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"{partner.name} sees this deployment")
        return _back(request, org, deployment)
    shares = (
        Share.objects.in_force().filter(deployment_id=deployment).select_related("partner").order_by("partner__name")
    )
    context: dict[str, Any] = {
        **frame(request, found, "Sharing"),
        "shares": shares,
        "opens": {part.value: text for part, text in OPENS.items()},
        "form": form,
    }
    return page(request, "deployments/sharing.html", context, status=422 if form.is_bound else 200)


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def withdraw(request: HttpRequest, org: str, deployment: UUID, partner: UUID) -> HttpResponse:
    """Close the deployment to a partner; effective at its next request."""
    found = Lens.of(request).deployment(deployment)
    share = Share.objects.in_force().filter(deployment_id=deployment, partner_id=partner).first()
    if share is None:
        raise Http404
    other = Organization.objects.get(pk=partner)
    found.withdraw_share(other, by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{other.name} does not see this deployment any more")
    return _back(request, org, deployment)


def _back(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    return redirect_or_refresh(
        request, reverse("org:deployments:sharing", kwargs={"org": org, "deployment": deployment})
    )
