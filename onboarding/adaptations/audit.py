"""What happens to adaptations."""

from audit.vocabulary import action

ADAPTATION_RECORDED = action("adaptation.recorded", "recorded that #{number} {title} is {kind} here")
ADAPTATION_OFFERED = action("adaptation.offered", "offered the change of #{number} {title} to the playbook's author")
ADAPTATION_TAKEN = action("adaptation.taken", "took the change of #{number} {title} into the draft {draft}")
ADAPTATION_DECLINED = action("adaptation.declined", "declined the change of #{number} {title}")
CHANGE_PROPOSED = action("adaptation.proposed", "proposed the change of #{number} {title} to {author}")
CHANGE_WITHDRAWN = action("adaptation.proposal_withdrawn", "took back the proposal to change #{number} {title}")
CHANGE_ANSWERED = action(
    "adaptation.proposal_answered", "heard from {author}: the change of #{number} {title} is {answer}"
)
PROPOSAL_RECEIVED = action("proposal.received", "received a change of #{number} {title} from {source}")
PROPOSAL_TAKEN = action("proposal.taken", "took the change of #{number} {title} from {source} into {draft}")
PROPOSAL_DECLINED = action("proposal.declined", "declined the change of #{number} {title} from {source}")
