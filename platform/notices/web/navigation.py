"""The pages of notices in the administrators' part of the navigation."""

from access.permissions import Permission
from web.navigation import ADMIN, Entry, register

register(
    Entry(ADMIN, "Reminders", "bell", "notices:policy", Permission.POLICY_MANAGE, order=60),
    Entry(ADMIN, "Deliveries", "inbox", "notices:deliveries", Permission.LEDGER_READ, order=70),
    Entry(ADMIN, "Jobs", "hist", "notices:jobs", Permission.AUDIT_RUN, order=80),
)
