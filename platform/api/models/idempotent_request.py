"""A write that a caller may send again after a lost answer: the second time it gets the first answer, and nothing happens."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tenancy.models import Partners, TenantModel

KEPT = timedelta(hours=24)
LONGEST_KEY = 128


class AnotherRequest(Exception):
    """The key stands for another request."""


class IdempotentRequest(TenantModel):
    """The key of a caller, what it asked, and what it was answered. A refused request leaves no row: its key is free."""

    partners = Partners.DEPLOYMENT
    history = False

    caller = models.UUIDField(help_text="The token, or the person for a session")
    key = models.CharField(max_length=LONGEST_KEY)
    deployment_id = models.UUIDField(null=True, help_text="So that a partner's rows are its deployment's")
    digest = models.CharField(max_length=64, help_text="HMAC-SHA256 of method, address and body")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    longest_key: ClassVar[int] = LONGEST_KEY

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "caller", "key"], name="idempotent_request_once")
        ]

    @classmethod
    @transaction.atomic
    def answer_once(
        cls,
        act: Callable[[], tuple[int, str]],
        *,
        caller: UUID,
        key: str,
        digest: str,
        deployment_id: UUID | None = None,
    ) -> tuple[int, str, bool]:
        """Return status and body, and whether they are those of an earlier request.

        Two at the same moment: the second waits for the first. Raises AnotherRequest; what `act` raises takes the row back.
        """
        cls.objects.filter(caller=caller, created_at__lte=timezone.now() - KEPT).delete()
        row = cls(caller=caller, key=key, digest=digest, deployment_id=deployment_id)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            standing = cls.objects.get(caller=caller, key=key)
            if standing.digest != digest:
                raise AnotherRequest(key) from None
            return standing.status, standing.body, True
        row.status, row.body = act()
        row.save(update_fields=["status", "body"])
        return row.status, row.body, False


def digest_of(method: str, address: str, body: bytes) -> str:
    """Return what tells one request from another. Keyed: a body may hold the password behind a signature, and a bare hash
    would let whoever reads the table guess it, a billion tries a second.
    """
    said = b"\0".join([method.encode(), address.encode(), body])
    return hmac.digest(settings.SECRET_KEY.encode(), b"idempotent request\0" + said, "sha256").hex()
