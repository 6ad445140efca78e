"""Give the vendor its own copies of a contract and of the statements that two people, or one so far, have looked at."""

from billing.contracts.models import Contract
from billing.statements.document import contract_document, statement_document
from billing.statements.models import Received, Statement


def hand_over(contract: Contract) -> None:
    """Bring the vendor's rows to the present state. Drafts stay at home, until they were reviewed once."""
    if contract.state == Contract.State.DRAFT:
        return
    payer, vendor_id = contract.organization, contract.vendor_id
    Received.hand_over("contract", contract.pk, contract_document(contract), payer=payer, vendor_id=vendor_id)
    shown = Statement.objects.for_page().filter(contract=contract)
    for statement in shown.exclude(state=Statement.State.DRAFT, returned_because="").order_by("period"):
        Received.hand_over("statement", statement.pk, statement_document(statement), payer=payer, vendor_id=vendor_id)
