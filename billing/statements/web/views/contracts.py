"""Contracts: drafted by one person, activated by another."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import can
from audit.timeline import timeline
from billing.contracts.amount import NotMoney
from billing.contracts.hands import BillingRefused
from billing.contracts.models import Contract, Milestone
from billing.statements.models import Statement
from billing.statements.web.doors import actor, at_home, slug
from billing.statements.web.forms import ContractForm, EndForm, MilestoneForm
from billing.statements.web.reading import DATES, LOOKS, find_contract
from web.forms import Form
from web.render import page, toast


@require_http_methods(["GET", "POST"])
@at_home(Permission.BILLING_MANAGE)
def draft(request: HttpRequest, org: str) -> HttpResponse:
    """Draft a contract."""
    form = ContractForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contract = Contract.draft(**form.terms, by=actor(request))
        except (BillingRefused, NotMoney) as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{contract.reference} drafted: a second person activates it")
            return redirect("org:billing:contract", org=org, contract=contract.pk)
    return page(request, "billing/draft_contract.html", {"form": form}, status=422 if form.errors else 200)


@at_home(Permission.BILLING_READ)
def show(request: HttpRequest, org: str, contract: UUID) -> HttpResponse:
    """Show a contract: terms, and what is reached of it and why."""
    return _page(request, contract)


@require_POST
@at_home(Permission.BILLING_MANAGE)
def add_milestone(request: HttpRequest, org: str, contract: UUID) -> HttpResponse:
    """Add a milestone to a draft."""
    form = MilestoneForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        return _do(
            request,
            contract,
            lambda one: one.add_milestone(given["trigger"], given["percent"], by=actor(request)),
            "Milestone added",
        )
    return _page(request, contract, milestone_form=form, status=422)


@require_POST
@at_home(Permission.BILLING_MANAGE)
def drop_milestone(request: HttpRequest, org: str, contract: UUID, milestone: UUID) -> HttpResponse:
    """Take a milestone out of a draft."""
    found = get_object_or_404(Milestone, pk=milestone, contract_id=contract)
    return _do(request, contract, lambda one: one.drop_milestone(found, by=actor(request)), "Milestone dropped")


@require_POST
@at_home(Permission.BILLING_MANAGE)
def activate(request: HttpRequest, org: str, contract: UUID) -> HttpResponse:
    """Let the contract bind."""
    return _do(request, contract, lambda one: one.activate(by=actor(request)), "Contract activated")


@require_POST
@at_home(Permission.BILLING_MANAGE)
def end(request: HttpRequest, org: str, contract: UUID) -> HttpResponse:
    """End the contract."""
    form = EndForm(request.POST)
    if form.is_valid():
        return _do(
            request, contract, lambda one: one.end(on=form.cleaned_data["on"], by=actor(request)), "Contract ended"
        )
    return _page(request, contract, end_form=form, status=422)


def _do(request: HttpRequest, pk: UUID, verb: Callable[[Contract], object], said: str) -> HttpResponse:
    found = get_object_or_404(Contract, pk=pk)
    try:
        verb(found)
    except BillingRefused as refusal:
        return _page(request, pk, refusal=str(refusal), status=409)
    toast(request, said)
    return redirect("org:billing:contract", org=slug(request), contract=pk)


def _page(
    request: HttpRequest,
    pk: UUID,
    *,
    milestone_form: Form | None = None,
    end_form: Form | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = find_contract(pk)
    own = shown.own
    context = {
        "contract": shown.document,
        "own": own,
        "looks": LOOKS,
        **DATES,
        "refusal": refusal,
        "may_manage": own is not None and can(request, Permission.BILLING_MANAGE),
        "wrote_it": own is not None and _wrote(own, request),
        "milestone_form": milestone_form or MilestoneForm(),
        "end_form": end_form or EndForm(),
        "statements": list(Statement.objects.newest().filter(contract=own)) if own else [],
        "history": timeline(own.pk) if own else [],
    }
    return page(request, "billing/contract.html", context, status=status)


def _wrote(contract: Contract, request: HttpRequest) -> bool:
    me = request.user.pk
    return contract.drafted_by_id == me or Milestone.objects.filter(contract=contract, added_by_id=me).exists()
