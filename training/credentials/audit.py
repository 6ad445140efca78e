"""What happens to credentials."""

from audit.vocabulary import action

CREDIT_DETAILS_SAVED = action("credit_details.saved", "saved what a credit provider needs to report for them")
CREDIT_REPORTED = action("credit_details.exported", "exported {people} people's credits for reporting")
