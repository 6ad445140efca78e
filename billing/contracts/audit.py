"""What happens to contracts."""

from audit.vocabulary import action

CONTRACT_DRAFTED = action("contract.drafted", "drafted the contract {reference}")
MILESTONE_ADDED = action("contract.milestone_added", "added the milestone {milestone}, {percent} %, to {reference}")
MILESTONE_DROPPED = action("contract.milestone_dropped", "took the milestone {milestone} out of {reference}")
CONTRACT_ACTIVATED = action("contract.activated", "activated the contract {reference}")
CONTRACT_ENDED = action("contract.ended", "ended the contract {reference} on {on}")
