"""What happens at gates."""

from audit.vocabulary import action

GATE_PASSED = action("gate.passed", "passed {gate} {title}")
GATE_REOPENED = action("gate.reopened", "reopened {gate} {title}: {why}")
REVIEW_CONVENED = action("gate_review.convened", "convened the review of {gate} {title}")
REVIEW_WITHDRAWN = action("gate_review.withdrawn", "withdrew the review of {gate} {title}")
VOTE_CAST = action("gate_review.voted", "voted {vote} on {gate} as {role}")
CONDITION_SET = action("gate_review.condition_set", "set the condition “{title}” on {gate}")
REVIEW_DECIDED = action("gate_review.decided", "decided {decision} on {gate} {title} and signed")
WAIVER_ASKED = action("waiver.asked", "asked for a waiver of #{number} {title}")
WAIVER_GRANTED = action("waiver.granted", "granted the waiver of #{number} {title} until {until}")
WAIVER_REFUSED = action("waiver.refused", "refused the waiver of #{number} {title}")
WAIVER_LAPSED = action("waiver.lapsed", "let the waiver of #{number} {title} lapse")
