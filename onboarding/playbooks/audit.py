"""What happens to playbooks and tools."""

from audit.vocabulary import action

TOOL_REGISTERED = action("tool.registered", "registered the tool {title}")
TOOL_VERSION_REGISTERED = action("tool_version.registered", "registered version {version} of {title}")
PLAYBOOK_ADOPTED = action("playbook.adopted", "adopted the playbook {title}, version {version}")
PLAYBOOK_PUBLISHED = action("playbook.published", "published version {version} of {title}")
DRAFT_STARTED = action("playbook_draft.started", "started the playbook draft {title} from {made_from}")
DRAFT_CHANGED = action("playbook_draft.changed", "changed {part} of the playbook draft {title}")
DRAFT_ITEM_ADDED = action("playbook_draft.item_added", "added #{number} {item} to the playbook draft {title}")
DRAFT_ITEM_CHANGED = action("playbook_draft.item_changed", "changed #{number} {item} of the playbook draft {title}")
DRAFT_ITEM_REMOVED = action("playbook_draft.item_removed", "took #{number} {item} out of the playbook draft {title}")
DRAFT_DISCARDED = action("playbook_draft.discarded", "discarded the playbook draft {title}")
PLAYBOOK_OFFERED = action("playbook.offered", "offered {title} to {partner}")
PLAYBOOK_OFFER_WITHDRAWN = action("playbook.offer_withdrawn", "took back the offer of {title} to {partner}")
PLAYBOOK_OFFER_RECEIVED = action("playbook.offer_received", "received {title} as an offer of {source}")
PLAYBOOK_OFFER_ACCEPTED = action("playbook.offer_accepted", "accepted {title} from {source}")
PLAYBOOK_OFFER_DECLINED = action("playbook.offer_declined", "declined {title} from {source}")
