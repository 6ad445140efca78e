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


def waiting(demo: Any) -> object:
    """A reminder that waits for the manager."""
    return Reminder.objects.unclaimed().filter(recipient=demo.member.user_id, apart=False).order_by("due_at", "pk")[0]


def about_the_manager(demo: Any) -> str:
    """The question about the last day on which the manager was told something."""
    last = Reminder.objects.filter(message__isnull=False).order_by("-due_at", "pk").first()
    assert last
    return f"?who={last.recipient_id}&day={last.on.isoformat()}"


picture("reminders", OWNER, "notices:policy")
picture("reminder-ways", OWNER, "notices:ways", looks=(LIGHT, SMALL))
picture("reminder-webhook", OWNER, "notices:webhook", looks=(LIGHT, SMALL))
picture("notices", MANAGER, "notices:mine", looks=(LIGHT, SMALL))
picture("notice-later", MANAGER, "notices:snooze", {"pk": waiting})
picture("deliveries", OWNER, "notices:deliveries", looks=(LIGHT, SMALL))
picture("suppressed-addresses", OWNER, "notices:suppressions", looks=EVERY)
picture("delivery", OWNER, "notices:delivery", {"pk": a_delivery}, looks=EVERY)
picture("why-no-message", OWNER, "notices:why", query=about_the_manager, looks=EVERY)
picture("why-i-got-none", MANAGER, "notices:why_mine", looks=(LIGHT, SMALL))
picture("my-messages", MANAGER, "notices:my_messages", looks=(LIGHT, SMALL))
picture("how-i-am-reminded", MANAGER, "/me/reminders/", within=False, looks=EVERY)
picture("jobs", OWNER, "notices:jobs")
picture("unsubscribe", NOBODY, "unsubscribe", within=False, at=unsubscribe)
picture("engine", OWNER, "notices:engine")
