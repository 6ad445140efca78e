"""What happens to papers in the vault."""

from audit.vocabulary import action

PAPER_ADDED = action("paper.added", "put {title} into the vault")
PAPER_RENEWED = action("paper.renewed", "added version {version} of {title} to the vault")
PAPER_READY = action("paper.ready", "said that {title} is ready for review")
PAPER_UNREADY = action("paper.unready", "took {title} back to work on it")
PAPER_APPROVED = action("paper.approved", "approved version {version} of {title}")
PAPER_FLAGGED = action("paper.flagged", "flagged {title}: {reason}")
PAPER_REVOKED = action("paper.revoked", "revoked {title}: {reason}")
PAPER_DESCRIBED = action("paper.described", "changed {fields} of {title}")
PAPER_OPENED = action("paper.opened", "opened version {version} of {title}", reads=True)
PAPER_OFFERED = action("paper.offered", "offered version {version} of {title} to {partner}")
OFFER_WITHDRAWN = action("paper.offer_withdrawn", "took back the offer of {title} to {partner}")
OFFER_RECEIVED = action("paper.offer_received", "received version {version} of {title} as an offer of {source}")
OFFER_ACCEPTED = action("paper.offer_accepted", "accepted version {version} of {title} from {source}")
OFFER_DECLINED = action("paper.offer_declined", "declined version {version} of {title} from {source}")
