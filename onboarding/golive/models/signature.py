"""Electronic signatures (21 CFR 11.50, 11.70, 11.200): who, what it means, when, proved anew, bound to the very record."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.models import Deployment
from onboarding.golive.canonical import digest
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

FRESH = timedelta(minutes=5)
AGAIN = "Prove who you are again: a signature needs it within the last five minutes."
SCHEME = 2
COMPONENTS = {"password": "password", "totp": "one-time code", "webauthn": "passkey", "recovery_codes": "recovery code"}
"""What a person proves who they are with, and how it is said."""


class SignatureRefused(Exception):
    """Nobody may sign like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when a person proved who they are, for this signature.

    `components`: what was given, each once. The first signature of a session needs two, a later one at least one that
    only this person can give (21 CFR 11.200(a)(1)).
    """

    person_id: UUID
    components: tuple[str, ...]
    at: datetime
    """When the oldest of them was given."""
    first_of_session: bool = True

    @classmethod
    def given(cls, by: Actor, at: datetime) -> "Proof":
        """Return the proof of somebody who gave their password and a one-time code at that moment."""
        return cls(by.person_id, ("password", "totp"), at)

    @property
    def method(self) -> str:
        """What was given, as a signature keeps it."""
        return "+".join(self.components)

    def refusal(self, by: Actor, now: datetime) -> str:
        """Return why this person may not sign with it now, in a sentence; empty where they may."""
        if self.person_id != by.person_id:
            return "Somebody else proved who they are: nobody signs for another."
        if self.lacks:
            return self.lacks
        return "" if timedelta(0) <= now - self.at <= FRESH else AGAIN

    @property
    def lacks(self) -> str:
        """What is missing, in a sentence; empty where it is enough."""
        known = set(self.components) & set(COMPONENTS)
        if not known:
            return AGAIN
        if self.first_of_session and len(known) < 2:
            return "The first signature of a session needs two proofs: your password, and a one-time code or passkey."
        return ""


def check_signer(by: Actor, proof: Proof, printed_name: str, now: datetime) -> None:
    """Raise SignatureRefused unless this person proved who they are, just now, and printed their own name."""
    if refusal := proof.refusal(by, now):
        raise SignatureRefused(refusal)
    if printed_name.strip() != by.name:
        raise SignatureRefused(f"Print your name as it stands in your account: {by.name}.")


def in_words(method: str) -> str:
    """Return how somebody proved who they are, in words."""
    return " and ".join(COMPONENTS.get(one, one) for one in method.split("+"))


class SignatureQuerySet(TenantQuerySet["Signature"]):
    """Named filters over signatures."""

    def in_order(self) -> "SignatureQuerySet":
        """As they were given, with their signers."""
        return self.select_related("signer").order_by("signed_at", "id")


class Signature(TenantModel):
    """A signature on a gate review's record. Nothing of it is ever changed; one changed byte of the record voids it."""

    partners = Partners.DEPLOYMENT
    append_only = True

    class Capacity(models.TextChoices):
        """What the signer is to the decision."""

        DECIDES = "decides", "Approver"
        CHAIR = "chair", "Chair"
        PANEL = "panel", "Panel"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    capacity = models.CharField(max_length=7, choices=Capacity.choices, default=Capacity.DECIDES)
    printed_name = models.CharField(max_length=120)
    meaning = models.TextField()
    signed_at = models.DateTimeField()
    method = models.CharField(max_length=60, help_text="How the signer proved who they are, joined by +")
    record_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(
        max_length=64, help_text="Over everything else of the signature, the record's hash included"
    )
    scheme = models.PositiveSmallIntegerField(
        default=SCHEME, db_default=1, help_text="What its hash goes over: signatures are never made anew"
    )

    objects = TenantManager.from_queryset(SignatureQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "signer"], name="signature_once")]

    @classmethod
    def put(
        cls, review: Any, *, by: Actor, printed_name: str, meaning: str, proof: Proof, capacity: str = Capacity.DECIDES
    ) -> "Signature":
        """Sign the review's record.

        Raises SignatureRefused for a proof that is old, too little or somebody else's, and a name that is not the signer's.
        """
        now = timezone.now()
        check_signer(by, proof, printed_name, now)
        signature = cls(
            organization_id=review.organization_id,
            deployment_id=review.deployment_id,
            review=review,
            signer_id=by.person_id,
            capacity=capacity,
            printed_name=by.name,
            meaning=meaning,
            signed_at=now,
            method=proof.method,
            record_sha256=digest(review.record),
        )
        signature.sha256 = signature.computed()
        signature.save(force_insert=True)
        return signature

    @property
    def proved_by(self) -> str:
        """How the signer proved who they are, in words."""
        return in_words(self.method)

    def computed(self) -> str:
        """Return what the signature's hash must be."""
        first = [self.record_sha256, str(self.review_id), str(self.signer_id)]
        said = [self.printed_name, self.meaning, self.signed_at.isoformat()]
        since_2 = [str(self.organization_id), str(self.deployment_id), self.capacity, self.method, self.scheme]
        parts = first + said + (since_2 if self.scheme > 1 else [])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def is_valid(self, record: dict[str, Any]) -> bool:
        """Whether the signature is whole and stands on this very record."""
        return (
            self.sha256 == self.computed()
            and self.record_sha256 == digest(record)
            and record.get("review") == str(self.review_id)
        )
