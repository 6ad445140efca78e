"""Everything an organization pays or is paid, on one page."""

from django.http import HttpRequest, HttpResponse

from access.permissions import Permission
from access.require import can
from billing.contracts.models import Contract
from billing.statements.document import statement_document
from billing.statements.models import Received, Statement
from billing.statements.web.doors import at_home
from billing.statements.web.reading import DATES, LOOKS
from web.render import page


@at_home(Permission.BILLING_READ)
def overview(request: HttpRequest, org: str) -> HttpResponse:
    """List contracts and statements, paid and received."""
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
