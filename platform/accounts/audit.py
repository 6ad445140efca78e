"""What happens to people and memberships."""

from audit.vocabulary import action

MEMBER_ADDED = action("member.added", "added a member as {roles}")
MEMBER_ROLES_CHANGED = action("member.roles_changed", "changed a member's roles from {before} to {after}")
MEMBER_REMOVED = action("member.removed", "removed a member")
MEMBER_LEFT = action("member.left", "left the organization")
ORGANIZATION_CREATED = action("organization.created", "created the organization {name}")
STAFF_ENTERED = action("staff.entered", "opened the organization as a platform operator: {reason}")
STAFF_LEFT = action("staff.left", "left the organization as a platform operator")
