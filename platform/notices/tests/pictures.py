"""How the pages of reminders are pictured."""

from typing import Any
from urllib.parse import urlsplit

from notices.unsubscribe import link
from testing.pictures.registry import LIGHT, NOBODY, OWNER, SMALL, picture


def unsubscribe(demo: Any) -> str:
    """Where the digest's link leads."""
    return urlsplit(link(demo.host, demo.member.user_id)).path


picture("reminders", OWNER, "notices:policy")
picture("deliveries", OWNER, "notices:deliveries", looks=(LIGHT, SMALL))
picture("jobs", OWNER, "notices:jobs")
picture("unsubscribe", NOBODY, "unsubscribe", within=False, at=unsubscribe)
