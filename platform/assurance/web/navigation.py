"""Where audits and findings are found."""

from access.permissions import Permission
from web.navigation import ADMIN, WORK, Entry, register

register(
    Entry(ADMIN, "Audits", "shieldok", "assurance:index", Permission.AUDIT_READ, order=75, host_only=True),
    Entry(WORK, "Findings", "list", "assurance:findings", Permission.COMMENT_INTERNAL, order=47, host_only=True),
)
