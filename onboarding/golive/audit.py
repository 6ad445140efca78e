"""What happens at gates."""

from audit.vocabulary import action

GATE_PASSED = action("gate.passed", "passed {gate} {title}")
GATE_REOPENED = action("gate.reopened", "reopened {gate} {title}: {why}")
GATE_LAPSED = action("gate.lapsed", "{gate} {title} holds no more: {why}")
GATE_HOLDS_AGAIN = action("gate.holds_again", "{gate} {title} holds again")
REVIEW_CONVENED = action("gate_review.convened", "convened the review of {gate} {title}")
REVIEW_WITHDRAWN = action("gate_review.withdrawn", "withdrew the review of {gate} {title}")
VOTE_CAST = action("gate_review.voted", "voted {vote} on {gate} as {role}")
CONDITION_SET = action("gate_review.condition_set", "set the condition “{title}” on {gate}")
CONDITION_DROPPED = action("gate_review.condition_dropped", "dropped the condition “{title}” on {gate}")
CHAIR_TAKEN = action("gate_review.chaired", "took the chair of {gate} {title}")
PACK_FROZEN = action("gate_review.pack_frozen", "froze the evidence of {gate} again, pack {number}")
REVIEW_DECIDED = action("gate_review.decided", "decided {decision} on {gate} {title} and signed")
REVIEW_COUNTERSIGNED = action("gate_review.countersigned", "countersigned {gate} {title} as {capacity}")
WAIVER_ASKED = action("waiver.asked", "asked for a waiver of #{number} {title}")
WAIVER_GRANTED = action("waiver.granted", "granted the waiver of #{number} {title} until {until}")
WAIVER_REFUSED = action("waiver.refused", "refused the waiver of #{number} {title}")
WAIVER_LAPSED = action("waiver.lapsed", "let the waiver of #{number} {title} lapse")
RECORD_OPENED = action("gate_review.record_opened", "opened the signed record {number} of {gate}", reads=True)
PACK_OPENED = action("gate_review.pack_opened", "opened evidence pack {pack} of {gate}, record {number}", reads=True)
