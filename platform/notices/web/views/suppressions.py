"""Addresses that take no mail: which, why, and writing to one again."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from notices import kinds
from notices.models import Suppression
from notices.models.suppression import DIGEST, EVERYTHING, NeedsReason
from web.forms import ReasonForm
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Person", "user"), ("Address", "address"), ("Cause", lambda one: one.get_cause_display()), ("Kept back", lambda one: kept_back(one)),
    ("Server said", "words"), ("Since", "at"), ("Allowed again", "lifted_at"), ("Reason", "lifted_reason"),
]  # fmt: skip
LIFTED = 50


@require_safe
@require(Permission.LEDGER_READ)
def suppressions(request: HttpRequest, org: str) -> HttpResponseBase:
    """List the addresses to which nothing is sent, and the latest to which mail was allowed again."""
    every = Suppression.objects.select_related("user").order_by("-at", "-pk")
    if file := table_file(request, "suppressed-addresses", TABLE, every):
        return file
    return page(request, "notices/suppressions.html", _context(request))


@require_POST
@require(Permission.POLICY_MANAGE)
def lift(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Write to the address again."""
    row = Suppression.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            row.lift(form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        except NeedsReason as refusal:
            form.add_error("reason", str(refusal))
    if form.errors:
        return page(request, "notices/suppressions.html", _context(request, form, pk), status=422)
    toast(request, "Mail goes to the address again")
    return redirect_or_refresh(request, reverse("org:notices:suppressions", kwargs={"org": org}))


def kept_back(row: Suppression) -> str:
    """Return in words what is not sent."""
    if row.kind == EVERYTHING:
        return "Every message"
    if row.kind == DIGEST:
        return "The digest"
    try:
        return kinds.find(row.kind).title
    except kinds.UnknownKind:
        return row.kind


def _context(request: HttpRequest, form: ReasonForm | None = None, tried: UUID | None = None) -> dict[str, object]:
    standing = Suppression.objects.standing().select_related("user").order_by("-at", "-pk")
    lines = [
        {"row": row, "kept": kept_back(row), "form": form if row.pk == tried else ReasonForm(auto_id=f"id_{row.pk}_%s")}
        for row in standing
    ]
    lifted = Suppression.objects.filter(lifted_at__isnull=False).select_related("user").order_by("-lifted_at", "-pk")
    return {
        "lines": lines,
        "tried": tried,
        "lifted": [{"row": row, "kept": kept_back(row)} for row in lifted[:LIFTED]],
        "may_lift": can(request, Permission.POLICY_MANAGE),
    }
