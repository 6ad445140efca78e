"""How the organization reminds its people, and whom it will remind of what."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from notices import kinds
from notices.models import Reminder, ReminderPolicy
from notices.models.reminder import OPEN
from notices.web.forms import PolicyForm
from web.render import page, toast

AHEAD = timedelta(days=14)
SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.POLICY_MANAGE)
def policy(request: HttpRequest, org: str) -> HttpResponse:
    """Show the policy and the next 14 days; save a changed one."""
    form = PolicyForm.of(ReminderPolicy.current(), request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                ReminderPolicy.change(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
            except ValidationError as error:
                form.add_error(None, error)
            else:
                toast(request, "Reminder policy saved")
                return redirect(request.path)
        status = 422
    return page(request, "notices/policy.html", {"form": form, **_preview()}, status=status)


def _preview() -> dict[str, object]:
    now = timezone.now()
    coming = Reminder.objects.filter(state__in=OPEN, due_at__gte=now, due_at__lt=now + AHEAD)
    rows = list(coming.select_related("recipient").order_by("due_at", "recipient__name", "pk")[: SHOWN + 1])
    described: dict[UUID, kinds.Description] = {}
    for name in {row.kind for row in rows}:
        try:
            described.update(kinds.find(name).describe({row.subject_id for row in rows if row.kind == name}))
        except kinds.UnknownKind:
            continue
    lines = [
        {"row": row, "about": described.get(row.subject_id)} for row in rows[:SHOWN] if row.subject_id in described
    ]
    return {"lines": lines, "more": len(rows) > SHOWN, "days": AHEAD.days}
