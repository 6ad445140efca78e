"""What happens when a program moves to another playbook version."""

from audit.vocabulary import action

UPGRADE_APPLIED = action("upgrade.applied", "moved {sites} sites of {program} to {to}")
UPGRADE_UNDONE = action("upgrade.undone", "took the move of {program} to {to} back")
