"""How the pages of reminders are pictured."""

from typing import Any
from urllib.parse import urlsplit

from notices.models import Reminder
from notices.unsubscribe import link
from testing.pictures.registry import EVERY, LIGHT, MANAGER, NOBODY, OWNER, SMALL, picture


def unsubscribe(demo: Any) -> str:
    """Where the digest's link leads."""
    return urlsplit(link(demo.host, demo.member.user_id)).path


def a_delivery(demo: Any) -> object:
    """A message with a story."""
    sent = Reminder.objects.filter(message__isnull=False).order_by("-due_at", "pk").first()
    assert sent
    return sent


picture("reminders", OWNER, "notices:policy")
picture("deliveries", OWNER, "notices:deliveries", looks=(LIGHT, SMALL))
picture("suppressed-addresses", OWNER, "notices:suppressions", looks=EVERY)
picture("delivery", OWNER, "notices:delivery", {"pk": a_delivery}, looks=EVERY)
picture("my-messages", MANAGER, "notices:my_messages", looks=(LIGHT, SMALL))
picture("jobs", OWNER, "notices:jobs")
picture("unsubscribe", NOBODY, "unsubscribe", within=False, at=unsubscribe)
