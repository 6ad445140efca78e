"""What happens to people and memberships."""

from audit.vocabulary import action

MEMBER_ADDED = action("member.added", "added a member as {roles}")
MEMBER_ROLES_CHANGED = action("member.roles_changed", "changed a member's roles from {before} to {after}")
MEMBER_REMOVED = action("member.removed", "removed a member")
MEMBER_LEFT = action("member.left", "left the organization")
ORGANIZATION_CREATED = action("organization.created", "created the organization {name}")
STAFF_ENTERED = action("staff.entered", "opened the organization as a platform operator: {reason}")
STAFF_LEFT = action("staff.left", "left the organization as a platform operator")
MEMBER_SITES_CHANGED = action("member.sites_changed", "changed a member's sites to {sites}")
PERSON_INVITED = action("invitation.made", "invited a person as {roles}")
INVITATION_RENEWED = action("invitation.renewed", "sent an invitation again")
INVITATION_REVOKED = action("invitation.revoked", "revoked an invitation")
INVITATION_ACCEPTED = action("invitation.accepted", "accepted an invitation")
INVITATION_CAME_BACK = action("invitation.came_back", "could not deliver an invitation: {reason}")
ORGANIZATION_CHANGED = action("organization.changed", "changed the organization's settings: {fields}")
TOKEN_MADE = action("token.made", "made an API token for {scopes}")
TOKEN_REVOKED = action("token.revoked", "revoked an API token")
