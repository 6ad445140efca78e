"""What happened to a message: each try to hand it over, and each word that came back about it."""

import re
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from notices.models.reminder import message_id
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"',;]+")
QUEUED = re.compile(r"(?:queued as|[\s:=]id=?)\s*<?([\w.+/@-]{6,120})", re.IGNORECASE)
SMTP, PUSH, RECEIVER = "smtp", "push", "receiver"
OWN = (SMTP, PUSH, RECEIVER)
"""Our own tries, of which there may be several alike; what others say of a copy counts once."""
LONE = re.compile(r"\b(?:ok:?|success:?)\s+<?([\w.+/@-]{16,120})>?\s*$", re.IGNORECASE)


class Outcome(models.TextChoices):
    """What a try came to, or what was heard afterwards."""

    ACCEPTED = "accepted", "Accepted by the mail server"
    KNOWN = "known", "The mail server had accepted it before"
    NOT_NOW = "not_now", "Refused for now"
    REFUSED = "refused", "Refused"
    UNREACHED = "unreached", "No mail server answered"
    UNKNOWN = "unknown", "The connection ended before an answer"
    DELIVERED = "delivered", "Delivered"
    DELAYED = "delayed", "Delayed"
    SOFT_BOUNCED = "soft_bounced", "Came back for now"
    BOUNCED = "bounced", "Came back"
    COMPLAINED = "complained", "Marked as spam"


class MessageEventQuerySet(TenantQuerySet["MessageEvent"]):
    """Named filters over what happened."""

    def of_message(self, message: UUID) -> "MessageEventQuerySet":
        """Everything about one message, in order."""
        return self.filter(message=message).order_by("at", "id")


class MessageEvent(TenantModel):
    """A line of a message's story. Addresses are taken out of the words: the reminder says to whom it went."""

    append_only = True
    history = False

    message = models.UUIDField()
    resends = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome)
    source = models.CharField(
        max_length=12, help_text='"smtp", "push" and "receiver" for our own tries, else who brought the word'
    )
    words = models.CharField(max_length=300, blank=True, help_text="The server's own words")
    provider_id = models.CharField(max_length=120, blank=True, help_text="What the mail provider calls the message")
    at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(MessageEventQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="message_event_outcome_known"),
            models.UniqueConstraint(
                fields=["organization", "message", "resends", "outcome"],
                condition=~Q(source__in=OWN),
                name="message_event_heard_once",
            ),
        ]
        indexes = [models.Index(fields=["organization", "message", "at"], name="message_event_by_message")]

    @property
    def ours(self) -> bool:
        """Whether it was a try of our own, and not heard from somebody."""
        return self.source in OWN

    @property
    def title(self) -> str:
        """What happened, on screen: who was asked depends on the way."""
        asked = {PUSH: "push service", RECEIVER: "receiver"}.get(self.source, "mail server")
        return str(self.get_outcome_display()).replace("mail server", asked)

    @property
    def message_id(self) -> str:
        """The Message-ID of the copy it is about."""
        return message_id(self.message, self.resends, self.organization_id)

    @classmethod
    def tried(
        cls, message: UUID, resends: int, outcome: Outcome, words: str, organization_id: Any, source: str = SMTP
    ) -> "MessageEvent":
        """Return, not saved yet, the line of one try."""
        return cls(
            organization_id=organization_id,
            message=message,
            resends=resends,
            outcome=outcome,
            source=source,
            words=without_addresses(words),
            provider_id=provider_id_in(words) if (outcome, source) == (Outcome.ACCEPTED, SMTP) else "",
        )


def without_addresses(words: str) -> str:
    """Return a server's words without mail addresses and line breaks, at most 300 characters."""
    return ADDRESS.sub("(address)", " ".join(words.replace("\x00", "").split()))[:300]


def provider_id_in(words: str) -> str:
    """Return the id that the server gave the message in its answer: "250 2.0.0 Ok: queued as 4XkQ", "250 Ok 0100-…"."""
    found = QUEUED.search(words) or LONE.search(words)
    return found[1] if found else ""
