"""What happens to adaptations."""

from audit.vocabulary import action

ADAPTATION_RECORDED = action("adaptation.recorded", "recorded that #{number} {title} is {kind} here")
ADAPTATION_OFFERED = action("adaptation.offered", "offered the change of #{number} {title} to the playbook's author")
ADAPTATION_TAKEN = action("adaptation.taken", "took the change of #{number} {title} into the draft {draft}")
ADAPTATION_DECLINED = action("adaptation.declined", "declined the change of #{number} {title}")
