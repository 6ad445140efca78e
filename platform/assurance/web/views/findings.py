"""Findings: those of one person, those of all, and what is done about one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import NotAllowed, can, require
from assurance.models import AuditRefused, Finding
from assurance.web.forms import CorrectForm, HandOverForm, RetestForm, StatementForm
from audit.timeline import timeline
from web.forms import Form
from web.render import page, toast
from web.tables import Column, table_file

LOOKS = {"open": "to_do", "corrected": "in_review", "holds": "signature_wanted", "closed": "done"}
TABLE: list[Column] = [
    ("Audit", "run.definition.title"), ("Run", "run.number"), ("Finding", "text"), ("Owner", "owner"), ("Due", "due_on"),
    ("State", "get_state_display"), ("What was done", "correction"), ("Looked at again", "retest_says"), ("Closed", "closed_at"),
]  # fmt: skip
LONGEST = 200


@require(Permission.COMMENT_INTERNAL)
@require_safe
def index(request: OrganizationRequest, org: str) -> HttpResponseBase:
    """One's own findings; for whoever sees audits, everybody's."""
    _host_only(request)
    whole, closed = can(request, Permission.AUDIT_READ), request.GET.get("show") == "all"
    found = Finding.objects.with_run().order_by("due_on", "pk")
    found = found if closed else found.open()
    found = found if whole else found.filter(owner=request.user.pk)
    if file := table_file(request, "findings", TABLE, found):
        return file
    context = {
        "findings": list(found[:LONGEST]), "looks": LOOKS, "whole": whole, "closed": closed,
        "today": timezone.localdate(), "longest": LONGEST,
    }  # fmt: skip
    return page(request, "assurance/findings.html", context)


@require(Permission.COMMENT_INTERNAL)
@require_safe
def show(request: OrganizationRequest, org: str, finding: UUID) -> HttpResponse:
    """One finding from what was seen to who signed that it is gone."""
    return page(request, "assurance/finding.html", _context(request, _find(request, finding)))


@require(Permission.COMMENT_INTERNAL)
@require_POST
def correct(request: OrganizationRequest, org: str, finding: UUID) -> HttpResponse:
    """Its owner says what was done."""
    form = CorrectForm(request.POST)
    return _do(request, finding, form, lambda one: one.correct(form.cleaned_data["what"], by=request.actor), "correct")


@require(Permission.AUDIT_RUN)
@require_POST
def retest(request: OrganizationRequest, org: str, finding: UUID) -> HttpResponse:
    """Look again: by the rule where it has lines, else by what is said."""
    found = _find(request, finding)
    form = RetestForm(request.POST) if not found.lines.exists() else Form(request.POST)

    def look(one: Finding) -> None:
        said = form.cleaned_data
        one.retest(by=request.actor, holds=said["holds"] == "yes" if said else None, says=said.get("says", ""))

    return _do(request, finding, form, look, "retest")


@require(Permission.AUDIT_RUN)
@require_POST
def close(request: OrganizationRequest, org: str, finding: UUID) -> HttpResponse:
    """A second person signs that it is gone."""
    form = StatementForm(request.POST)
    return _do(
        request,
        finding,
        form,
        lambda one: one.close(statement=form.cleaned_data["statement"], by=request.actor),
        "close",
    )


@require(Permission.AUDIT_RUN)
@require_POST
def hand_over(request: OrganizationRequest, org: str, finding: UUID) -> HttpResponse:
    """Another owner or another day."""
    form = HandOverForm(request.POST)
    return _do(request, finding, form, lambda one: one.hand_over(by=request.actor, **form.cleaned_data), "hand_over")


def _do(
    request: OrganizationRequest, pk: UUID, form: Form, work: Callable[[Finding], object], name: str
) -> HttpResponse:
    found = _find(request, pk)
    if form.is_valid():
        try:
            work(found)
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"Finding {found.number} updated")
            return redirect("org:assurance:finding", org=request.organization.slug, finding=pk)
    return page(request, "assurance/finding.html", _context(request, found, **{f"{name}_form": form}), status=422)


def _context(request: OrganizationRequest, found: Finding, **forms: Form) -> dict[str, Any]:
    may_run, lines = can(request, Permission.AUDIT_RUN), list(found.lines.order_by("number"))
    mine = request.user.pk == found.owner_id
    return {
        "finding": found,
        "look": LOOKS[found.state],
        "lines": lines,
        "mine": mine,
        "sees_audit": can(request, Permission.AUDIT_READ),
        "may_correct": mine and found.state in ("open", "corrected"),
        "may_retest": may_run and found.state in ("corrected", "holds"),
        "may_close": may_run
        and found.state == "holds"
        and request.user.pk not in (found.owner_id, found.corrected_by_id),
        "may_hand_over": may_run and found.is_open,
        "correct_form": CorrectForm(initial={"what": found.correction}),
        "retest_form": None if lines else RetestForm(),
        "close_form": StatementForm(),
        "hand_over_form": HandOverForm(initial={"owner": found.owner_id, "due_on": found.due_on}),
        "late": found.is_open and found.due_on < timezone.localdate(),
        "history": timeline(found.pk),
        **forms,
    }


def _find(request: OrganizationRequest, pk: UUID) -> Finding:
    """Return a finding that the person owns, or any to whoever sees audits; raise Http404."""
    _host_only(request)
    found = Finding.objects.with_run().filter(pk=pk)
    if not can(request, Permission.AUDIT_READ):
        found = found.filter(owner=request.user.pk)
    one = found.first()
    if one is None:
        raise Http404
    return one


def _host_only(request: OrganizationRequest) -> None:
    if request.part is not None:
        raise NotAllowed(Permission.COMMENT_INTERNAL)
