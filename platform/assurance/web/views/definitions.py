"""Audits: what is scheduled, what could be, and one of them with its runs."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, require
from assurance import registry
from assurance.models import AuditRefused, Definition, Finding, Run
from assurance.web.forms import DefinitionForm
from audit.timeline import timeline
from facts.telling import tell
from tenancy.models import Site
from web.forms import ReasonForm
from web.render import page, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Audit", "title"), ("What must hold", "must_hold"), ("How often", "get_rhythm_display"), ("Next on", "next_on"),
    ("Owner", "owner"), ("Looked at", lambda one: one.sample or "all"),
]  # fmt: skip
LATEST = 24


@require(Permission.AUDIT_READ)
@require_safe
def index(request: OrganizationRequest, org: str) -> HttpResponseBase:
    """What is scheduled, what is under way, and what could be scheduled."""
    found = Definition.objects.standing().select_related("owner").order_by("next_on", "title")
    if file := table_file(request, "audits", TABLE, found):
        return file
    definitions = list(found)
    taken = {one.check_name for one in definitions}
    context = {
        "definitions": definitions,
        "runs": list(Run.objects.open().with_counts().select_related("definition__owner").order_by("due_on", "pk")),
        "findings": Finding.objects.open().count(),
        "ready_made": [one for one in registry.every() if one.name not in taken or one.composed],
        "last": {
            one.definition_id: one
            for one in Run.objects.order_by("organization_id", "definition_id", "-number").distinct(
                "organization_id", "definition_id"
            )
        },
        "today": timezone.localdate(),
        "may_run": can(request, Permission.AUDIT_RUN),
    }
    return page(request, "assurance/index.html", context)


@require(Permission.AUDIT_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: OrganizationRequest, org: str) -> HttpResponse:
    """Schedule one of the checks."""
    check = _check(request.POST.get("check") or request.GET.get("check", ""))
    form = DefinitionForm(check, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = Definition.schedule(
                check.name, first_on=said["next_on"], criteria=said["criteria"], by=request.actor, **form.values
            )
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{made.title} scheduled")
            return redirect("org:assurance:definition", org=org, definition=made.pk)
    context = {"check": check, "form": form}
    return page(request, "assurance/new.html", context, status=422 if form.errors else 200)


@require(Permission.AUDIT_READ)
@require_safe
def show(request: OrganizationRequest, org: str, definition: UUID) -> HttpResponse:
    """One audit: what must hold, over what, and each time it was carried out."""
    return page(request, "assurance/definition.html", _context(request, _find(definition)))


@require(Permission.AUDIT_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: OrganizationRequest, org: str, definition: UUID) -> HttpResponse:
    """Change it for the runs to come."""
    found = _find(definition)
    form = DefinitionForm(found.check_made, request.POST or None, definition=found)
    if request.method == "POST" and form.is_valid():
        try:
            found.change(by=request.actor, next_on=form.cleaned_data["next_on"], **form.values)
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{found.title} changed")
            return redirect("org:assurance:definition", org=org, definition=found.pk)
    context = {"check": found.check_made, "definition": found, "form": form}
    return page(request, "assurance/new.html", context, status=422 if form.errors else 200)


@require(Permission.AUDIT_RUN)
@require_POST
def begin(request: OrganizationRequest, org: str, definition: UUID) -> HttpResponse:
    """Carry it out now."""
    found = _find(definition)
    try:
        run = Run.begin(found, on=timezone.localdate(), by=request.actor)
    except AuditRefused as refusal:
        context = {**_context(request, found), "refused": str(refusal)}
        return page(request, "assurance/definition.html", context, status=422)
    return redirect("org:assurance:run", org=org, run=run.pk)


@require(Permission.AUDIT_RUN)
@require_POST
def retire(request: OrganizationRequest, org: str, definition: UUID) -> HttpResponse:
    """End it."""
    found, form = _find(definition), ReasonForm(request.POST)
    if form.is_valid():
        found.retire(reason=form.cleaned_data["reason"], by=request.actor)
        toast(request, f"{found.title} ended")
        return redirect("org:assurance:index", org=org)
    context = {**_context(request, found), "reason_form": form}
    return page(request, "assurance/definition.html", context, status=422)


def _context(request: OrganizationRequest, found: Definition) -> dict[str, Any]:
    runs = Run.objects.filter(definition=found).with_counts().select_related("signed_by").order_by("-number")
    return {
        "definition": found,
        "check": found.check_made,
        "asked": tell(found.criteria, found.check_made.names()) if found.criteria else None,
        "runs": list(runs[:LATEST]),
        "sites": list(Site.objects.filter(pk__in=found.sites).order_by("name")),
        "today": timezone.localdate(),
        "may_run": can(request, Permission.AUDIT_RUN) and found.retired_at is None,
        "reason_form": ReasonForm(),
        "history": timeline(found.pk),
    }


def _find(pk: UUID) -> Definition:
    found = Definition.objects.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _check(name: str) -> registry.Check:
    try:
        return registry.find(name)
    except registry.UnknownCheck:
        raise Http404 from None
