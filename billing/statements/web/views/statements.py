"""Statements: reviewed by one person, finalized by another, corrected on the next."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import can
from audit.timeline import timeline
from billing.contracts.amount import NotMoney
from billing.contracts.hands import BillingRefused
from billing.statements import rules
from billing.statements.actions.correct_line import correct_line
from billing.statements.models import Line, Statement
from billing.statements.web.doors import actor, at_home, slug
from billing.statements.web.forms import CorrectionForm, ReturnForm
from billing.statements.web.reading import DATES, LOOKS, chosen, doubts, figures, find_statement, rows
from web.forms import Form
from web.render import page, toast


@at_home(Permission.BILLING_READ)
def show(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Show a statement: line, rule, data, formula, amount, and one of them step by step."""
    return _page(request, statement)


@require_POST
@at_home(Permission.BILLING_MANAGE)
def review(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Say that the lines are right."""
    return _do(request, statement, lambda one: one.review(by=actor(request)), "Reviewed: a second person finalizes it")


@require_POST
@at_home(Permission.BILLING_FINALIZE)
def return_to_draft(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Return a statement, with a reason."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        return _do(
            request, statement, lambda one: one.return_to_draft(reason=reason, by=actor(request)), "Returned to draft"
        )
    return _page(request, statement, return_form=form, status=422)


@require_POST
@at_home(Permission.BILLING_FINALIZE)
def finalize(request: HttpRequest, org: str, statement: UUID) -> HttpResponse:
    """Make a statement final."""
    return _do(request, statement, lambda one: one.finalize(by=actor(request)), "Statement finalized")


@require_http_methods(["GET", "POST"])
@at_home(Permission.BILLING_MANAGE)
def correct(request: HttpRequest, org: str, statement: UUID, line: UUID) -> HttpResponse:
    """Correct a line on the next statement."""
    found = get_object_or_404(
        Line.objects.select_related("statement__contract"), pk=line, statement_id=statement, kind=Line.Kind.MILESTONE
    )
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            written = correct_line(found, **form.cleaned_data, by=actor(request))
        except (BillingRefused, NotMoney) as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"Correction written as line {written.number} of {written.statement.reference}")
            return redirect("org:billing:statement", org=org, statement=written.statement_id)
    context = {"form": form, "line": found, "statement": found.statement, "standing": found.standing}
    return page(request, "billing/correct_line.html", context, status=422 if form.errors else 200)


def _do(request: HttpRequest, pk: UUID, verb: Callable[[Statement], None], said: str) -> HttpResponse:
    found = get_object_or_404(Statement, pk=pk)
    try:
        verb(found)
    except BillingRefused as refusal:
        return _page(request, pk, refusal=str(refusal), status=409)
    toast(request, said)
    return redirect("org:billing:statement", org=slug(request), statement=pk)


def _page(
    request: HttpRequest, pk: UUID, *, return_form: Form | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    shown = find_statement(pk)
    document, own = shown.document, shown.own
    address = reverse("org:billing:statement", kwargs={"org": slug(request), "statement": pk})
    line = chosen(document, request.GET.get("line", ""))
    context = {
        "statement": document,
        "own": own,
        "looks": LOOKS,
        **DATES,
        "refusal": refusal,
        "figures": figures(shown),
        "rows": rows(document, address),
        "line": line,
        "steps": rules.steps(line["snapshot"]) if line else [],
        "doubts": doubts(shown),
        "may_review": own is not None and can(request, Permission.BILLING_MANAGE),
        "may_finalize": own is not None and can(request, Permission.BILLING_FINALIZE),
        "reviewed_it": own is not None and own.reviewed_by_id == request.user.pk,
        "return_form": return_form or ReturnForm(),
        "history": timeline(own.pk) if own else [],
    }
    return page(request, "billing/statement.html", context, status=status)
