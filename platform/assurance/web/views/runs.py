"""One audit carried out: its lines, decisions, findings and signature."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, require
from assurance.models import AuditRefused, Finding, Line, Run
from assurance.models.run import KEEP
from assurance.web.forms import DecideForm, FindingForm, StatementForm
from audit.timeline import timeline
from web.forms import Form
from web.render import page, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("No.", "number"), ("What was looked at", "title"), ("About", "detail"), ("What was seen", "says"), ("State", "word"),
    ("Reason", "reason"), ("Decided by", "decided_by"), ("Decided", "decided_at"), ("Finding", "finding.number"),
]  # fmt: skip
PAGE = 100


@require(Permission.AUDIT_READ)
@require_safe
def show(request: OrganizationRequest, org: str, run: UUID) -> HttpResponseBase:
    """What was looked at, what holds, and what was found."""
    found = find(run)
    lines = _lines(found)
    if file := table_file(request, f"audit-{found.number}", TABLE, (_worded(one) for one in lines)):
        return file
    return page(request, "assurance/run.html", _context(request, found))


@require(Permission.AUDIT_READ)
@require_safe
def signed_record(request: OrganizationRequest, org: str, run: UUID) -> HttpResponse:
    """The record as it was signed: the very bytes of which the hash was taken."""
    found = find(run)
    if not found.sha256:
        raise Http404
    text = json.dumps(found.record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    headers = {
        "Content-Disposition": f'attachment; filename="audit-{found.number}.json"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": found.sha256,
    }
    return HttpResponse(text.encode(), content_type="application/json", headers=headers)


@require(Permission.PEOPLE_MANAGE)
@require_POST
def decide(request: OrganizationRequest, org: str, run: UUID, number: int) -> HttpResponse:
    """Keep or revoke."""
    found, form = find(run), DecideForm(request.POST)
    line = found.lines.filter(number=number).first()
    if line is None:
        raise Http404
    if form.is_valid():
        try:
            line.decide(form.cleaned_data["decision"], reason=form.cleaned_data["reason"], by=request.actor)
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{line.title}: access {'kept' if form.cleaned_data['decision'] == KEEP else 'revoked'}")
            return redirect(f"{request.path.rpartition('/lines/')[0]}/{_page_of(request)}#line-{number}")
    return page(request, "assurance/run.html", _context(request, found, refused=(number, form)), status=422)


@require(Permission.AUDIT_RUN)
@require_POST
def raise_finding(request: OrganizationRequest, org: str, run: UUID) -> HttpResponse:
    """Write down what does not hold."""
    found = find(run)
    form = FindingForm(found, request.POST, prefix="finding")
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = Finding.raise_over(
                found, said["text"], owner=said["owner"], due_on=said["due_on"], by=request.actor,
                lines=[one.pk for one in said.get("lines", [])],
            )  # fmt: skip
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"Finding {made.number} raised")
            return redirect("org:assurance:finding", org=org, finding=made.pk)
    return page(request, "assurance/run.html", _context(request, found, finding_form=form), status=422)


@require(Permission.AUDIT_RUN)
@require_POST
def sign_off(request: OrganizationRequest, org: str, run: UUID) -> HttpResponse:
    """Sign the record."""
    found, form = find(run), StatementForm(request.POST, prefix="sign")
    if form.is_valid():
        try:
            found.sign_off(statement=form.cleaned_data["statement"], by=request.actor)
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, "Audit signed off")
            return redirect("org:assurance:run", org=org, run=found.pk)
    return page(request, "assurance/run.html", _context(request, found, sign_form=form), status=422)


def find(pk: UUID) -> Run:
    """Return a run with its definition; raise Http404."""
    found = Run.objects.with_counts().select_related("definition__owner", "signed_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _lines(run: Run) -> Any:
    return run.lines.select_related("decided_by", "finding").order_by("number")


def _worded(line: Line) -> Line:
    line.look, line.word = _look(line)  # type: ignore[attr-defined]
    return line


def _look(line: Line) -> tuple[str, str]:
    if line.decision:
        return ("done", "Kept") if line.decision == "keep" else ("refused", "Revoked")
    if line.holds is None:
        return ("to_do", "Waits")
    return ("met", "Holds") if line.holds else ("failed", "Does not hold")


def _page_of(request: OrganizationRequest) -> str:
    after = request.GET.get("after", "")
    return f"?after={after}" if after.isdecimal() and len(after) < 10 else ""


def _context(
    request: OrganizationRequest,
    run: Run,
    *,
    refused: tuple[int, Form] | None = None,
    finding_form: FindingForm | None = None,
    sign_form: StatementForm | None = None,
) -> dict[str, Any]:
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 10 else 0
    lines = [_worded(one) for one in _lines(run).filter(number__gt=start)[: PAGE + 1]]
    is_open, check = run.state == Run.State.OPEN, run.definition.check_made
    may_run = is_open and can(request, Permission.AUDIT_RUN)
    return {
        "run": run,
        "definition": run.definition,
        "check": check,
        "lines": lines[:PAGE],
        "later": lines[PAGE - 1].number if len(lines) > PAGE else None,
        "after": start,
        "may_decide": is_open and check.decide is not None and can(request, Permission.PEOPLE_MANAGE),
        "may_run": may_run,
        "refused_line": refused[0] if refused else None,
        "decide_form": refused[1] if refused else None,
        "findings": list(Finding.objects.filter(run=run).with_run().order_by("number")),
        "finding_form": finding_form or (FindingForm(run, prefix="finding") if may_run else None),
        "sign_form": sign_form or StatementForm(prefix="sign"),
        "not_yet": run.refusal(request.actor) if may_run else "",
        "late": is_open and run.due_on < timezone.localdate(),
        "today": timezone.localdate(),
        "history": timeline(run.pk),
    }
