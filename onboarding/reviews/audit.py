"""What happens at the reviews after go-live."""

from audit.vocabulary import action

PLANNED = action("review.planned", "planned the reviews after go-live")
HELD = action("review.held", "held the {days}-day review")
MISSED = action("review.missed", "the {days}-day review was missed")
DECIDED = action("review.decided", "decided to {decision} at the {days}-day review")
SIGNED = action("review.decision_signed", "signed the decision to {decision} at the {days}-day review")
