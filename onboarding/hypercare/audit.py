"""What happens in hypercare."""

from audit.vocabulary import action

BEGUN = action("hypercare.begun", "began hypercare, planned until {until}")
FIGURES_REPORTED = action("hypercare.reported", "reported the hypercare figures")
EXTENSION_ASKED = action("hypercare.extension_asked", "asked to extend hypercare until {until}")
EXTENDED = action("hypercare.extended", "extended hypercare until {until}")
EXTENSION_SIGNED = action("hypercare.extension_signed", "signed the extension of hypercare until {until}")
EXTENSION_REFUSED = action("hypercare.extension_refused", "refused to extend hypercare until {until}")
ENDED = action("hypercare.ended", "ended hypercare: {why}")
BROKEN_OFF = action("hypercare.broken_off", "broke hypercare off: {why}")
TERMS_AGREED = action("hypercare.terms_agreed", "agreed on the target times of support")

TICKET_REPORTED = action("ticket.reported", "reported {code} {title}")
TICKET_GRADED = action("ticket.graded", "graded {code}: {grade}")
TICKET_CHANGED = action("ticket.changed", "changed {code}")
TICKET_MOVED = action("ticket.moved", "moved {code} to {state}")
SAFETY_REVIEWED = action("ticket.safety_reviewed", "reviewed {code} for safety")
ARTICLE_WRITTEN = action("ticket.article_written", "named an article for “{topic}”")

NOTED = action("command_center.noted", "wrote into the command center's log")
