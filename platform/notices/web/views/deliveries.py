"""The delivery ledger: every message, to whom, why, and what became of it."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from notices import kinds
from notices.described import named, step_in_words
from notices.ledger import Search
from notices.models import MessageEvent, Reminder, Suppression
from notices.models.message_event import Outcome
from notices.models.reminder import ENDED, State, UnknownMove
from web.render import htmx_or_page, page, redirect_or_refresh, toast
from web.tables import Column, table_file

PAGE = 50
TABLE: list[Column] = [
    ("To", "recipient"), ("E-mail", lambda one: one.sent_to or one.recipient.email), ("Kind", "kind"), ("About", "title"),
    ("Step", "step"), ("Why", "reason"), ("Way", lambda one: one.get_channel_display()), ("State", lambda one: one.get_state_display()), ("Due", "due_at"),
    ("Sent", "sent_at"), ("Tries", "attempt"), ("Possible duplicate", "possible_duplicate"), ("Server said", "last_error"),
    ("Message-ID", lambda one: one.message_id if one.message else ""),
]  # fmt: skip
SHOWN_STATES = {state.value: state.label for state in State}
LOOKS = {
    "due": "later", "sending": "in_progress", "sent": "done", "failed": "failed", "cancelled": "not_needed", "withheld": "at_risk",
}  # fmt: skip
HAPPENED = {
    Outcome.ACCEPTED: "done", Outcome.KNOWN: "done", Outcome.DELIVERED: "done", Outcome.NOT_NOW: "waiting",
    Outcome.UNREACHED: "waiting", Outcome.UNKNOWN: "waiting", Outcome.DELAYED: "waiting", Outcome.REFUSED: "failed",
    Outcome.SOFT_BOUNCED: "failed", Outcome.BOUNCED: "failed", Outcome.COMPLAINED: "at_risk",
}  # fmt: skip


@require_safe
@require(Permission.LEDGER_READ)
def deliveries(request: HttpRequest, org: str) -> HttpResponseBase:
    """List what was or should have been sent by now, newest first; filters and the place in the list are in the address."""
    search = Search.read(request.GET)
    chosen = search.rows().select_related("recipient").order_by("-due_at", "-pk")
    if file := table_file(request, "deliveries", TABLE, chosen):
        return file
    place = _place(request.GET.get("after", ""))
    if place:
        at, pk = place
        chosen = chosen.filter(Q(due_at__lt=at) | Q(due_at=at, pk__lt=pk))
    rows = list(chosen[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    titles = {each.name: each.title for each in kinds.every()}
    context = {
        "lines": [{"row": row, "about": about, "title": title} for row, about, title in named(rows[:PAGE])],
        "looks": LOOKS,
        "states": SHOWN_STATES,
        "kinds": titles,
        "state_choices": _choices(request, "state", SHOWN_STATES),
        "kind_choices": _choices(request, "kind", titles),
        "search": search,
        "step_in_words": step_in_words,
        "after": f"{last.due_at.isoformat()}_{last.pk}" if last else "",
        "placed": bool(place),
        "may_resend": can(request, Permission.POLICY_MANAGE),
        "resendable": ENDED,
        "suppressed": Suppression.objects.standing().count(),
    }
    return htmx_or_page(request, "notices/deliveries.html", "ledger", context)


@require_safe
@require(Permission.LEDGER_READ)
def delivery(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Show one message with its whole story: why, to whom, each try with the server's answer, what was heard afterwards."""
    row = Reminder.objects.filter(pk=pk).select_related("recipient").first()
    if row is None:
        raise Http404
    events = list(MessageEvent.objects.of_message(row.message)) if row.message else []
    together = Reminder.objects.in_message(row.message).order_by("pk") if row.message else Reminder.objects.none()
    (_, about, title), *_ = named([row])
    context = {
        "row": row,
        "about": about,
        "title": title or row.kind,
        "kind": {each.name: each.title for each in kinds.every()}.get(row.kind, row.kind),
        "step": step_in_words(row.step),
        "state": SHOWN_STATES[row.state],
        "look": LOOKS[row.state],
        "events": [{"event": event, "look": HAPPENED[Outcome(event.outcome)]} for event in events],
        "provider_ids": sorted({event.provider_id for event in events if event.provider_id}),
        "together": [{"row": one, "title": name} for one, _, name in named(list(together.exclude(pk=pk)))],
        "may_resend": can(request, Permission.POLICY_MANAGE) and row.state in ENDED and row.message is not None,
        "history": timeline(row.pk),
    }
    return page(request, "notices/delivery.html", context)


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
    return redirect_or_refresh(request, reverse("org:notices:delivery", kwargs={"org": org, "pk": pk}))


def _choices(request: HttpRequest, name: str, options: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return title, address and whether it is chosen, for each value of a filter."""
    found = []
    for value, title in options.items():
        query = request.GET.copy()
        query.pop("after", None)
        query[name] = value
        found.append((title, f"?{query.urlencode()}", request.GET.get(name) == value))
    return found


def _place(text: str) -> tuple[datetime, UUID] | None:
    at_text, _, pk_text = text.partition("_")
    try:
        at = parse_datetime(at_text.replace(" ", "+"))
        return (at, UUID(pk_text)) if at and at.tzinfo else None
    except (ValueError, ValidationError):
        return None
