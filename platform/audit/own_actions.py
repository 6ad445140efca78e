"""What happens to the log itself; loaded with its models, before the other apps' vocabularies."""

from audit.vocabulary import action

LEGAL_HOLD_PLACED = action("legal_hold.placed", "placed the legal hold {matter}: {reason}")
LEGAL_HOLD_RELEASED = action("legal_hold.released", "released the legal hold {matter}: {reason}")
LOG_EXPIRED = action("audit_log.expired", "ended the keeping of {events} events up to batch {through} of the log")
