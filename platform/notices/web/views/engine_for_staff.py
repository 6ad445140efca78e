"""How the engine is, for platform operators; what was given up in the organization of their staff session, and trying it again."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from notices import retry as again
from notices import watch
from notices.web.dead_rows import dead_rows
from tenancy.scope import current_or_none

TITLES = {
    "reminders_due": "Reminders that are due",
    "queue_age_seconds": "The oldest of them has waited, seconds",
    "relay_lag_seconds": "The relay is behind the event log, seconds",
    "reminders_failed": "Reminders that could not be delivered",
    "jobs_failed": "Jobs that were given up",
    "reactions_failing": "Follow-ups that fail and are tried again",
}
TURNS = {"sweep": "Reminder sweep", "relay": "Relay, when there was news", "seal": "Sealing", "backup": "Backup"}


@require_safe
def engine(request: HttpRequest) -> HttpResponse:
    """Show the numbers of the whole platform, and the dead rows of the organization that the staff session opens."""
    values, last = watch.readings(), watch.moved()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Engine",
        "numbers": [(title, values.get(name)) for name, title in TITLES.items()],
        "turns": [(title, last[name]) for name, title in TURNS.items()],
        "session": request.staff_session,  # type: ignore[attr-defined]
        "dead": dead_rows() if current_or_none() else None,
    }
    return render(request, "admin/engine.html", context, using="django")


@require_POST
def retry(request: HttpRequest, kind: str) -> HttpResponse:
    """Try again what was given up in the organization of the staff session; its log says who did."""
    session = request.staff_session  # type: ignore[attr-defined]
    if kind not in again.KINDS or current_or_none() is None:
        raise Http404
    count = again.KINDS[kind](by=session.actor)
    messages.success(request, f"{count} {kind} are tried again.")
    return redirect("engine:engine")
