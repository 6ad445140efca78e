"""Everything an organization pays or is paid, on one page."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from access.permissions import Permission
from access.require import can
from billing.contracts.models import Contract
from billing.statements.document import statement_document
from billing.statements.models import Received, Statement
from billing.statements.web.doors import at_home
from billing.statements.web.reading import DATES, LOOKS
from web.render import page
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Statement", "reference"), ("Title", "title"), ("Month", "period"), ("Payer", "payer.name"), ("Vendor", "vendor.name"),
    ("Contract", "contract.reference"), ("State", "state_title"), ("Due", "due_on"), ("Total", "total"), ("Currency", "currency"),
]  # fmt: skip


def _own() -> list[Any]:
    return [statement_document(one) for one in Statement.objects.newest()]


def _received() -> list[Any]:
    return [one.document for one in Received.objects.statements()]


@at_home(Permission.BILLING_READ)
def overview(request: HttpRequest, org: str) -> HttpResponseBase:
    """List contracts and statements, paid and received."""
    if file := table_file(request, "statements", TABLE, [*_own(), *_received()]):
        return file
    context = {
        "contracts": list(Contract.objects.for_list()),
        "statements": [statement_document(one) for one in Statement.objects.newest()[:60]],
        "received_contracts": [one.document for one in Received.objects.contracts()],
        "received_statements": [one.document for one in Received.objects.statements()[:60]],
        "looks": LOOKS,
        **DATES,
        "may_draft": can(request, Permission.BILLING_MANAGE),
    }
    return page(request, "billing/overview.html", context)
