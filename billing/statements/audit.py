"""What happens to statements."""

from audit.vocabulary import action

LINE_OPENED = action("statement.line_opened", "opened line {number} of {reference}: {what}, {amount} {currency}")
LINE_CORRECTED = action("statement.line_corrected", "corrected line {of} on {reference} by {amount} {currency}")
STATEMENT_REVIEWED = action("statement.reviewed", "reviewed the statement {reference}")
STATEMENT_RETURNED = action("statement.returned", "returned the statement {reference} to draft")
STATEMENT_FINALIZED = action("statement.finalized", "finalized the statement {reference}: {total} {currency}")
RECORD_RECEIVED = action("billing.received", "received the {kind} {reference} from {payer}: {state}")
