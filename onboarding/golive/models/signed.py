"""Records that one person signs outside a meeting, to the same level: a certificate of the end, an approval of more weeks."""

import hashlib
import json
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.actor import Actor
from audit.models import Event
from onboarding.golive.canonical import digest
from onboarding.golive.models.signature import Proof, check_signer, in_words
from tenancy.models import TenantModel

SCHEME = 2


class SignedRecord(TenantModel):
    """Signed once and never changed; one changed byte of record, meaning, name, time or proof voids it."""

    append_only = True
    binds: ClassVar[str] = ""
    """The attribute that holds the id of what was signed: a copy beside another thing is void."""

    record = models.JSONField(help_text="What was signed, in words and figures")
    meaning = models.TextField(blank=True, db_default="", help_text="What the signature says")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    printed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    method = models.CharField(max_length=60, help_text="How the signer proved who they are, joined by +")
    sha256 = models.CharField(max_length=64, help_text="Over everything else of the signature, the record included")
    scheme = models.PositiveSmallIntegerField(
        default=SCHEME, db_default=1, help_text="What its hash goes over: signatures are never made anew"
    )

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    def put(
        cls, *, record: dict[str, Any], meaning: str, printed_name: str, by: Actor, proof: Proof, **place: Any
    ) -> Self:
        """Sign a record and keep it; `place` is what it stands on.

        Raises SignatureRefused for a proof that is old, too little or somebody else's, and a name that is not the signer's.
        """
        now = timezone.now()
        check_signer(by, proof, printed_name, now)
        signed = cls(
            organization_id=next(iter(place.values())).organization_id,
            record=record,
            meaning=meaning,
            signer_id=by.person_id,
            printed_name=by.name,
            signed_at=now,
            method=proof.method,
            **place,
        )
        signed.sha256 = signed.computed()
        signed.save(force_insert=True)
        return signed

    @property
    def proved_by(self) -> str:
        """How the signer proved who they are, in words."""
        return in_words(self.method)

    @property
    def holds(self) -> bool:
        """Whether it is whole: record, meaning, name, time and proof are those that were signed."""
        return self.sha256 == self.computed()

    @property
    def stands(self) -> bool:
        """Whether it is whole and the log, which is sealed, told of this very signature when it was given."""
        return self.holds and Event.objects.about(self.pk).filter(data__sha256=self.sha256).exists()

    def computed(self) -> str:
        """Return what its hash must be."""
        bound = str(getattr(self, self.binds))
        parts: list[Any] = [
            digest(self.record),
            bound,
            str(self.signer_id),
            self.printed_name,
            self.signed_at.isoformat(),
        ]
        if self.scheme > 1:
            place = [str(self.organization_id), str(self.deployment_id)]  # type: ignore[attr-defined]
            parts += [*place, self.meaning, self.method, self.scheme]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
