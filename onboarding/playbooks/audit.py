"""What happens to playbooks and tools."""

from audit.vocabulary import action

TOOL_REGISTERED = action("tool.registered", "registered the tool {title}")
TOOL_VERSION_REGISTERED = action("tool_version.registered", "registered version {version} of {title}")
PLAYBOOK_ADOPTED = action("playbook.adopted", "adopted the playbook {title}, version {version}")
PLAYBOOK_PUBLISHED = action("playbook.published", "published version {version} of {title}")
