"""Tools, and the playbooks that bring them into use."""

from onboarding.playbooks.models.playbook import Playbook, PlaybookItem, PlaybookVersion
from onboarding.playbooks.models.tool import Tool, ToolVersion

__all__ = ["Playbook", "PlaybookItem", "PlaybookVersion", "Tool", "ToolVersion"]
