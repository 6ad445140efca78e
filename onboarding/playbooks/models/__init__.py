"""Tools, and the playbooks that bring them into use."""

from onboarding.playbooks.models.draft import DraftItem, PlaybookDraft
from onboarding.playbooks.models.offer import PlaybookOffer, ReceivedPlaybook
from onboarding.playbooks.models.playbook import Playbook, PlaybookItem, PlaybookVersion
from onboarding.playbooks.models.tool import Tool, ToolVersion

__all__ = [
    "DraftItem",
    "Playbook",
    "PlaybookDraft",
    "PlaybookItem",
    "PlaybookOffer",
    "PlaybookVersion",
    "ReceivedPlaybook",
    "Tool",
    "ToolVersion",
]
