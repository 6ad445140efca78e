"""The pages of notices in the navigation: one's own messages, and the administrators' part."""

from access.permissions import Permission
from web.navigation import ADMIN, WORK, Entry, register

register(
    Entry(WORK, "Notices", "bell", "notices:mine", order=15, host_only=True),
    Entry(ADMIN, "Reminders", "bell", "notices:policy", Permission.POLICY_MANAGE, order=60),
    Entry(ADMIN, "Deliveries", "inbox", "notices:deliveries", Permission.LEDGER_READ, order=70),
    Entry(ADMIN, "Engine", "play", "notices:engine", Permission.LEDGER_READ, order=75),
    Entry(ADMIN, "Jobs", "hist", "notices:jobs", Permission.AUDIT_RUN, order=80),
)
