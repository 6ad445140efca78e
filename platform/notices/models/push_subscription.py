"""A browser that shows a person's push messages."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from notices.public_addresses import resolve
from tenancy.ids import uuid7

MOST = 10
"""Browsers of one person."""
SECRET_OCTETS = 16


class PushRefused(ValueError):
    """A browser cannot be taken; the message says why."""


class PushSubscription(models.Model):
    """What a browser gave to be reached with. Global, like a session: it is the person's own in every organization.

    A browser belongs to whoever turned it on last: on a shared computer nobody reads another's messages.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=60)
    endpoint = models.CharField(
        max_length=1000, unique=True, help_text="Where the browser's push service takes messages"
    )
    public_key = models.CharField(max_length=90, help_text="The browser's half of the encryption (RFC 8291)")
    secret = models.CharField(max_length=24, help_text="Shared by the browser for the encryption")
    server_key = models.CharField(max_length=16, help_text="The key of ours that it was made for")
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True, help_text="When its push service took a message last")

    def __str__(self) -> str:
        return self.device

    @property
    def mark(self) -> str:
        """The end of its address: enough for a browser to know itself in the list."""
        return self.endpoint[-16:]

    @classmethod
    @transaction.atomic
    def turn_on(
        cls, user: User, *, endpoint: str, public_key: str, secret: str, device: str, server_key: str
    ) -> "PushSubscription":
        """Send the person's push messages to this browser too; the same again changes nothing.

        Raise PushRefused for what no browser gave and for the eleventh browser, AddressRefused for an address that is
        not public.
        """
        if not _is_point(public_key) or len(_octets(secret)) != SECRET_OCTETS or len(endpoint) > 1000:
            raise PushRefused("The browser did not give what is needed. Turn it on again.")
        resolve(endpoint)
        user = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        standing = cls.objects.filter(endpoint=endpoint).first()
        if standing and standing.user_id != user.pk:
            standing.turn_off()
        if cls.objects.filter(user=user).exclude(endpoint=endpoint).count() >= MOST:
            raise PushRefused(f"Push messages go to at most {MOST} browsers. Turn one off first.")
        made, _ = cls.objects.update_or_create(
            endpoint=endpoint,
            defaults={
                "user": user, "device": device[:60], "public_key": public_key, "secret": secret, "server_key": server_key,
            },
        )  # fmt: skip
        _mark(user, takes_push=True)
        return made

    @transaction.atomic
    def turn_off(self) -> None:
        """Send nothing more to this browser, and forget its keys. Twice is once."""
        user = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.user_id)
        type(self).objects.filter(pk=self.pk).delete()
        _mark(user, takes_push=type(self).objects.filter(user=user).exists())

    @property
    def octets(self) -> tuple[bytes, bytes]:
        """The browser's key and secret as the encryption takes them."""
        return _octets(self.public_key), _octets(self.secret)


def _mark(user: User, *, takes_push: bool) -> None:
    if user.takes_push != takes_push:
        user.takes_push = takes_push
        user.save(update_fields=["takes_push"])


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_point(text: str) -> bool:
    """Whether it is a point of the curve P-256: the encryption would fail on any other, long after it was kept."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _octets(text))
    except ValueError:
        return False
    return True
