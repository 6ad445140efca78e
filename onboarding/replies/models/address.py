"""The address that one person answers one conversation at."""

import base64
import hashlib
import re
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac

from audit.models import Event
from onboarding.deployments.models import Comment, Deployment, Item
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel

LOCAL = re.compile(r"reply\.([a-z2-7]{26})\.([a-z2-7]{26})", re.IGNORECASE)


class Token(NamedTuple):
    """What an address says: the organization, and a secret that names one row of it."""

    organization_id: UUID
    secret: str


class ReplyAddress(TenantModel):
    """One person's way to answer on one item. What was asked internally is answered internally.

    The secret is derived from the row and the installation's key; the row keeps only its hash. A local part is read
    without regard to case, and stays under 64 characters: `reply.<organization>.<secret>`.
    """

    history = False

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    internal = models.BooleanField(default=False)
    secret_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "item", "user", "internal"], name="reply_address_once"),
            models.UniqueConstraint(fields=["organization", "secret_hash"], name="reply_secret_once"),
        ]

    @classmethod
    def of(cls, item: Item, user_id: Any, *, internal: bool) -> "ReplyAddress":
        """Return the person's address for the item, made if it is new."""
        found: ReplyAddress | None = cls.objects.filter(item=item, user_id=user_id, internal=internal).first()
        if found:
            if found.secret_hash != (now := hashed(found.secret)):  # its key was given up
                cls.objects.filter(pk=found.pk).update(secret_hash=now)
            return found
        row = cls(deployment_id=item.deployment_id, item=item, user_id=user_id, internal=internal)
        row.secret_hash = hashed(row.secret)
        cls.objects.bulk_create([row], ignore_conflicts=True)
        made: ReplyAddress = cls.objects.get(item=item, user_id=user_id, internal=internal)
        return made

    @property
    def secret(self) -> str:
        """The second half of the local part: under the key it was made with, while that one is still known."""
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            text = _text(salted_hmac("replies.address", str(self.pk), key, algorithm="sha256").digest()[:16])
            if hashed(text) == self.secret_hash:
                return text
        return _text(salted_hmac("replies.address", str(self.pk), algorithm="sha256").digest()[:16])

    @property
    def address(self) -> str:
        """The whole address."""
        return f"reply.{_text(self.organization_id.bytes)}.{self.secret}@{settings.REPLY_DOMAIN}"

    @classmethod
    def find(cls, secret: str) -> "ReplyAddress | None":
        """Return the address of a secret in the organization in scope."""
        found = cls.objects.select_related("user", "item", "deployment").filter(secret_hash=hashed(secret))
        return found.first()


def read(address: str) -> Token | None:
    """Return what an address says, or None for one that is not ours."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    match = LOCAL.fullmatch(local)
    if match is None or domain.casefold() != settings.REPLY_DOMAIN.casefold():
        return None
    raw = base64.b32decode(f"{match[1].upper()}======")
    return Token(UUID(bytes=raw), match[2].lower())


def for_comment(person: Any, comment_id: UUID) -> str:
    """Return where a person answers a remark; for the messages about it."""
    comment = Comment.objects.select_related("item").filter(pk=comment_id).first()
    return ReplyAddress.of(comment.item, person.pk, internal=comment.internal).address if comment else ""


def for_event(person: Any, event_id: UUID) -> str:
    """Return where a person answers the remark that an event is about."""
    event = Event.objects.filter(pk=event_id, action="comment.added").first()
    return for_comment(person, event.subject_id) if event else ""


def hashed(secret: str) -> str:
    """Return the hash of a secret, as rows keep it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
