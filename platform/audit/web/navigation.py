"""Where the event log is found."""

from access.permissions import Permission
from web.navigation import ADMIN, Entry, register

register(Entry(ADMIN, "Audit log", "shield", "audit:log", Permission.AUDIT_READ, order=80))
