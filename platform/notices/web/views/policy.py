"""How the organization reminds its people, whom it will remind of what, and what another policy would change."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from notices import forecast
from notices.channels import CHANNELS
from notices.described import step_in_words
from notices.forecast import Coming
from notices.models import ReminderPolicy
from notices.planners import SAYINGS
from notices.web.forms import PolicyForm, WaysForm
from notices.web.words import rule_words
from web.render import page, toast
from web.tables import rows_to_read

SHOWN = 200
SHOWN_OF_PERSON = 12
PREVIEW = "preview"
"""The name of the button that shows what would change and saves nothing."""


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.POLICY_MANAGE)
def policy(request: HttpRequest, org: str) -> HttpResponse:
    """Show the policy and the next 14 days; save a changed one, or show what it would change."""
    standing = ReminderPolicy.current()
    form = PolicyForm.of(standing, request.POST if request.method == "POST" else None)
    status, context = 200, {}
    if request.method == "POST":
        if form.is_valid():
            try:
                if PREVIEW in request.POST:
                    context = what_if(standing, form.cleaned_data)
                else:
                    ReminderPolicy.change(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
                    toast(request, "Reminder policy saved")
                    return redirect(request.path)
            except ValidationError as error:
                form.add_error(None, error)
        status = 422 if form.errors else 200
    said = [{"title": title, "rules": standing.inherited(terms)} for say in SAYINGS for title, terms in say()]
    context = {
        "form": form,
        "said": said,
        "rule_words": rule_words,
        **preview(standing, rows_to_read(request.GET, SHOWN)),
        **context,
    }
    return page(request, "notices/policy.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.POLICY_MANAGE)
def ways(request: HttpRequest, org: str) -> HttpResponse:
    """Say for each kind of message on which ways it goes out, and whether at once; or show what that would change."""
    standing = ReminderPolicy.current()
    form = WaysForm.of(standing, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if PREVIEW not in request.POST:
            ReminderPolicy.change(by=request.actor, **form.chosen())  # type: ignore[attr-defined]
            toast(request, "Ways saved")
            return redirect(request.path)
        context = what_if(standing, form.chosen())
    shown = {"channels": CHANNELS, "days": forecast.AHEAD.days, "step_in_words": step_in_words}
    context = {"form": form, **shown, **context}
    return page(request, "notices/ways.html", context, status=422 if form.errors else 200)


def preview(standing: ReminderPolicy, most: int) -> dict[str, Any]:
    """Return who gets what in the days to come."""
    lines = forecast.coming(standing)
    return {
        "lines": lines[:most],
        "more": max(0, len(lines) - most),
        "days": forecast.AHEAD.days,
        "channels": CHANNELS,
        "step_in_words": step_in_words,
        "count": len(lines),
        "sendings": sendings(lines),
        "people": len({one.row.recipient_id for one in lines}),
    }


def what_if(standing: ReminderPolicy, values: dict[str, Any]) -> dict[str, Any]:
    """Return what a policy with these values would change for each person; raise ValidationError. Nothing is saved."""
    found = forecast.what_if(standing, values)
    return {
        "changes": found.changes,
        "counts": (found.before, found.after),
        "shown_of_person": SHOWN_OF_PERSON,
    }


def sendings(lines: list[Coming]) -> int:
    """Return in how many messages these reminders go out: what waits for the digest is one a day for each person."""
    return len(
        {
            (one.row.pk if one.row.apart else None, one.row.channel, one.row.recipient_id, one.row.due_at.date())
            for one in lines
        }
    )
