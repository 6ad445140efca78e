"""How the audit log is pictured."""

from testing.pictures.registry import DARK, LIGHT, OWNER, SMALL, picture

picture("event-log", OWNER, "audit:log", looks=(LIGHT, DARK, SMALL))
picture("event", OWNER, "audit:event", {"event": "event"})
picture("legal-holds", OWNER, "audit:holds")
picture("reads", OWNER, "audit:reads", looks=(LIGHT, DARK, SMALL))
