"""The second mail: a short-lived code that an answer by a mailed link needs, where the organization wants it.

A link alone proves that somebody can open one mail. The code goes out in a mail of its own, when the person asks for it on
the confirm page, and counts only in the browser that asked. Kept is a keyed hash; five tries end a code.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from onboarding.deployments.models.approval import ApprovalRefused, ApprovalRequest
from onboarding.deployments.models.deployment import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel

LASTS = timedelta(minutes=10)
TRIES = 5
PAUSE = timedelta(seconds=60)
IN_AN_HOUR, AT_ALL = 3, 10
"""Codes that one question sends: with five tries each, at most fifty guesses among a million."""


class ApprovalCode(TenantModel):
    """One code that was mailed for one question, bound to one browser."""

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    request: Any = TenantForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "request", "sent_at"], name="approval_codes")]

    @property
    def live(self) -> bool:
        """Whether it can still be typed in."""
        return self.used_at is None and self.tries < TRIES and timezone.now() < self.sent_at + LASTS

    @classmethod
    def newest(cls, request: ApprovalRequest) -> "ApprovalCode | None":
        """Return the code that counts: a newer one ends the one before."""
        found: ApprovalCode | None = cls.objects.filter(request=request).order_by("-sent_at", "-pk").first()
        return found

    @classmethod
    @transaction.atomic
    def make(cls, request: ApprovalRequest, browser: str) -> str:
        """Return a new code's digits; raise ApprovalRefused where too many were sent."""
        ApprovalRequest.locked(request.pk)
        now = timezone.now()
        sent = list(cls.objects.filter(request=request).order_by("-sent_at").values_list("sent_at", flat=True))
        if sent and now < sent[0] + PAUSE:
            raise ApprovalRefused("A code was sent less than a minute ago: look for it, or wait a minute.")
        if len(sent) >= AT_ALL:
            raise ApprovalRefused("No more codes are sent for this question: sign in to answer it.")
        if sum(at > now - timedelta(hours=1) for at in sent) >= IN_AN_HOUR:
            raise ApprovalRefused("Three codes were sent within an hour: wait, or sign in to answer.")
        digits = f"{secrets.randbelow(1_000_000):06}"
        cls(
            deployment_id=request.deployment_id, request=request, digest=_digest(request, browser, digits), sent_at=now
        ).save(force_insert=True)
        return digits

    @classmethod
    @transaction.atomic
    def tried(cls, request: ApprovalRequest, browser: str, digits: str) -> "ApprovalCode | None":
        """Return the code if these are its digits, in the browser that asked for it. A wrong try is counted for good."""
        ApprovalRequest.locked(request.pk)
        code = cls.newest(request)
        if code is None or not code.live:
            return None
        code.tries += 1
        code.save(update_fields=["tries"])
        return code if hmac.compare_digest(code.digest, _digest(request, browser, "".join(digits.split()))) else None

    def spend(self) -> None:
        """Use it up, with the answer it was typed in for; raise ApprovalRefused where it was used before."""
        code: ApprovalCode = ApprovalCode.locked(self.pk)
        if code.used_at is not None:
            raise ApprovalRefused("This code was used already: ask for another one.")
        code.used_at = timezone.now()
        code.save(update_fields=["used_at"])


def _digest(request: ApprovalRequest, browser: str, digits: str) -> str:
    bound = "\n".join((str(request.pk), request.key, browser, digits))
    return hmac.new(f"approval code {settings.SECRET_KEY}".encode(), bound.encode(), hashlib.sha256).hexdigest()
