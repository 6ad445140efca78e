"""Messages that were taken in, so that none is taken twice."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.replies.models.address import ReplyAddress
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class ReceivedReply(TenantModel):
    """One message by the hash of its Message-ID; what it said is the remark it became."""

    history = False

    address: Any = TenantForeignKey(ReplyAddress, on_delete=models.CASCADE, related_name="+")
    message_hash = models.CharField(max_length=64)
    comment_id = models.UUIDField(null=True, help_text="None where it was sent back")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "message_hash"], name="received_reply_once"),
        ]
        indexes = [models.Index(fields=["organization", "address", "at"], name="received_by_address")]
