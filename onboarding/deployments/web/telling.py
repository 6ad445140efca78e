"""Says at the foot of the next page what a bulk change did, with the way back."""

from django.http import HttpRequest
from django.urls import reverse

from onboarding.deployments.models import Change
from web.render import toast


def tell_of(request: HttpRequest, change: Change | None) -> None:
    """Name the change and offer to undo it; say nothing where nothing changed."""
    if change:
        place = {"org": request.organization.slug, "change": change.pk}  # type: ignore[attr-defined]
        toast(request, change.title, reverse("org:deployments:change_undo", kwargs=place))
