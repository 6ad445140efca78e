"""Waivers and equivalences that wait for a second person."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import require
from accounts.models import User
from training.learning.actions.decide_exemption import decide_exemption
from training.learning.models import Exemption
from training.learning.models.exemption import ExemptionRefused
from web.render import page, toast


@require_safe
@require(Permission.WAIVER_GRANT)
def waiting(request: HttpRequest, org: str) -> HttpResponse:
    """List what is asked for."""
    rows = list(
        Exemption.objects.open()
        .select_related("assignment__course", "assignment__user", "assignment__learner", "assignment__site")
        .order_by("asked_at")
    )
    askers = User.objects.in_bulk({row.asked_by_id for row in rows})
    context = {"exemptions": rows, "askers": {key: str(user) for key, user in askers.items()}, "me": request.user.pk}
    return page(request, "training/exemptions.html", context)


@require_POST
@require(Permission.WAIVER_GRANT)
def decide(request: HttpRequest, org: str, exemption: UUID) -> HttpResponse:
    """Grant or refuse."""
    found = Exemption.objects.filter(pk=exemption).select_related("assignment").first()
    if found is None or request.POST.get("decision") not in ("grant", "refuse"):
        raise Http404
    granted = request.POST["decision"] == "grant"
    try:
        decide_exemption(found, granted=granted, by=request.actor)  # type: ignore[attr-defined]
        toast(request, "Granted" if granted else "Refused")
    except ExemptionRefused as refused:
        toast(request, str(refused))
    return HttpResponseRedirect(reverse("org:training:exemptions", kwargs={"org": org}))
