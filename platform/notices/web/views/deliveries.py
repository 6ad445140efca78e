"""The delivery ledger: every message, to whom, why, and what became of it."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from notices import kinds
from notices.models import Reminder
from notices.models.reminder import ReminderQuerySet, State, UnknownMove
from web.render import htmx_or_page, redirect_or_refresh, toast
from web.tables import Column, table_file

PAGE = 50
TABLE: list[Column] = [
    ("To", "recipient"), ("E-mail", "recipient.email"), ("Kind", "kind"), ("Step", "step"), ("Why", "reason"),
    ("State", lambda one: one.get_state_display()), ("Due", "due_at"), ("Sent", "sent_at"), ("Tries", "attempt"),
    ("Possible duplicate", "possible_duplicate"), ("Server said", "last_error"),
]  # fmt: skip
SHOWN_STATES = {state.value: state.label for state in State}
LOOKS = {"due": "later", "sending": "in_progress", "sent": "done", "failed": "failed", "cancelled": "not_needed"}


@require_safe
@require(Permission.LEDGER_READ)
def deliveries(request: HttpRequest, org: str) -> HttpResponseBase:
    """List what was or should have been sent by now, newest first; filters and the place in the list are in the address."""
    state, kind, to = (request.GET.get(name, "").strip() for name in ("state", "kind", "to"))
    chosen = _filtered(state, kind, to)
    listed = chosen.select_related("recipient").order_by("-due_at", "-pk")
    if file := table_file(request, "deliveries", TABLE, listed):
        return file
    place = _place(request.GET.get("after", ""))
    if place:
        at, pk = place
        chosen = chosen.filter(Q(due_at__lt=at) | Q(due_at=at, pk__lt=pk))
    rows = list(chosen.select_related("recipient").order_by("-due_at", "-pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "rows": rows[:PAGE],
        "looks": LOOKS,
        "states": SHOWN_STATES,
        "kinds": {each.name: each.title for each in kinds.every()},
        "state_choices": _choices(request, "state", SHOWN_STATES),
        "kind_choices": _choices(request, "kind", {each.name: each.title for each in kinds.every()}),
        "state": state,
        "kind": kind,
        "to": to,
        "after": f"{last.due_at.isoformat()}_{last.pk}" if last else "",
        "placed": bool(place),
        "may_resend": can(request, Permission.POLICY_MANAGE),
    }
    return htmx_or_page(request, "notices/deliveries.html", "ledger", context)


@require_POST
@require(Permission.POLICY_MANAGE)
def resend(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Send the message of this reminder again."""
    reminder = Reminder.objects.filter(pk=pk).first()
    if reminder is None:
        raise Http404
    try:
        reminder.resend(by=request.actor)  # type: ignore[attr-defined]
        toast(request, "The message is sent again within a minute")
    except UnknownMove as refusal:
        toast(request, str(refusal))
    return redirect_or_refresh(request, reverse("org:notices:deliveries", kwargs={"org": org}))


def _choices(request: HttpRequest, name: str, options: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return title, address and whether it is chosen, for each value of a filter."""
    found = []
    for value, title in options.items():
        query = request.GET.copy()
        query.pop("after", None)
        query[name] = value
        found.append((title, f"?{query.urlencode()}", request.GET.get(name) == value))
    return found


def _filtered(state: str, kind: str, to: str) -> ReminderQuerySet:
    if state not in SHOWN_STATES:
        state = ""
    chosen: ReminderQuerySet = Reminder.objects.all()
    chosen = chosen.filter(state=state) if state else chosen.filter(due_at__lte=timezone.now())
    if kind:
        chosen = chosen.filter(kind=kind)
    if to:
        chosen = chosen.filter(Q(recipient__email__icontains=to) | Q(recipient__name__icontains=to))
    return chosen


def _place(text: str) -> tuple[datetime, UUID] | None:
    at_text, _, pk_text = text.partition("_")
    try:
        at = parse_datetime(at_text.replace(" ", "+"))
        return (at, UUID(pk_text)) if at and at.tzinfo else None
    except (ValueError, ValidationError):
        return None
