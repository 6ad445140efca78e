"""Legal holds: what is kept for whose sake, placing one, releasing one."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import can, require
from audit import retention, timeline
from audit.models import LegalHold
from audit.models.legal_hold import SHORTEST_REASON, HoldRefused
from web.forms import Form
from web.render import page, redirect_or_refresh, toast


class PlaceForm(Form):
    """What for, and why."""

    matter = forms.CharField(label="Matter", max_length=120, help_text="What the lawyers call it")
    reason = forms.CharField(
        label="Reason", min_length=SHORTEST_REASON, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the log for good: no names of patients.",
    )  # fmt: skip


class ReleaseForm(Form):
    """Why it may end."""

    reason = forms.CharField(label="Reason", min_length=SHORTEST_REASON, max_length=500)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.AUDIT_READ)
def holds(request: HttpRequest, org: str) -> HttpResponse:
    """List the holds; place one."""
    form = PlaceForm(request.POST or None)
    may = can(request, Permission.POLICY_MANAGE)
    if request.method == "POST" and may and form.is_valid():
        hold = LegalHold.place(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        toast(request, f"Everything is kept for {hold.matter}")
        return redirect_or_refresh(request, reverse("org:audit:holds", kwargs={"org": org}))
    status = 200 if request.method != "POST" else 422 if may else 403
    return _page(request, form, status)


@require_POST
@require(Permission.POLICY_MANAGE)
def release(request: HttpRequest, org: str, hold: UUID) -> HttpResponse:
    """Release one."""
    found = LegalHold.objects.filter(pk=hold).first()
    if found is None:
        raise Http404
    try:
        found.release(reason=request.POST.get("reason", "")[:500], by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"The hold {found.matter} is released")
    except HoldRefused as refusal:
        toast(request, str(refusal))
    return redirect_or_refresh(request, reverse("org:audit:holds", kwargs={"org": org}))


def _page(request: HttpRequest, form: PlaceForm, status: int) -> HttpResponse:
    listed = list(LegalHold.objects.order_by("-placed_at", "-pk"))
    context = {
        "form": form,
        "holds": listed,
        "names": timeline.names([person for hold in listed for person in hold.people]),
        "may": can(request, Permission.POLICY_MANAGE),
        "years": settings.AUDIT_RETENTION_YEARS,
        "expired": retention.expired_through(),
    }
    return page(request, "audit/holds.html", context, status=status)
