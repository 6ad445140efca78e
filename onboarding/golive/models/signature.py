"""Electronic signatures: who, what it means, when, after proving who they are again, bound to the very record."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel

FRESH = timedelta(minutes=5)


class SignatureRefused(Exception):
    """Nobody may sign like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when the signer proved who they are, for this signature."""

    method: str
    at: datetime


class Signature(TenantModel):
    """A signature on a gate review's record. Nothing of it is ever changed; one changed byte of the record voids it."""

    partners = Partners.DEPLOYMENT
    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    printed_name = models.CharField(max_length=120)
    meaning = models.TextField()
    signed_at = models.DateTimeField()
    method = models.CharField(max_length=20, help_text="How the signer proved who they are: totp, webauthn, password")
    record_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(
        max_length=64, help_text="Over the record's hash, the signer, the printed name, the meaning and the time"
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "signer"], name="signature_once")]

    @classmethod
    def put(cls, review: Any, *, by: Actor, printed_name: str, meaning: str, proof: Proof) -> "Signature":
        """Sign the review's record; raise SignatureRefused for an old proof or a name that is not the signer's."""
        now = timezone.now()
        if not timedelta(0) <= now - proof.at <= FRESH:
            raise SignatureRefused("Prove who you are again: a signature needs it within the last five minutes.")
        if printed_name.strip() != by.name:
            raise SignatureRefused(f"Print your name as it stands in your account: {by.name}.")
        signature = cls(
            deployment_id=review.deployment_id,
            review=review,
            signer_id=by.person_id,
            printed_name=by.name,
            meaning=meaning,
            signed_at=now,
            method=proof.method,
            record_sha256=digest(review.record),
        )
        signature.sha256 = signature.computed()
        signature.save(force_insert=True)
        return signature

    def computed(self) -> str:
        """Return what the signature's hash must be."""
        parts = [
            self.record_sha256,
            str(self.review_id),
            str(self.signer_id),
            self.printed_name,
            self.meaning,
            self.signed_at.isoformat(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def is_valid(self, record: dict[str, Any]) -> bool:
        """Whether the signature is whole and stands on this very record."""
        return self.sha256 == self.computed() and self.record_sha256 == digest(record)


def digest(record: dict[str, Any]) -> str:
    """Return the SHA-256 of a record's canonical JSON."""
    return hashlib.sha256(
        json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
