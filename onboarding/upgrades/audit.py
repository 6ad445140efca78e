"""What happens when a program moves to another playbook version."""

from audit.vocabulary import action

UPGRADE_APPLIED = action("upgrade.applied", "moved {program} to {to}, sites: {sites}")
UPGRADE_UNDONE = action("upgrade.undone", "took the move of {program} to {to} back")
