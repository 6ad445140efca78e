"""Who took which paper of a decision: written down as it happens."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.golive import audit
from onboarding.golive.models import EvidencePack, GateReview


@transaction.atomic
def opened(review: GateReview, *, by: Actor, pack: EvidencePack | None = None, how: str = "signed in") -> None:
    """Write down that somebody took the signed record, or a pack of frozen evidence, and how they came to it."""
    about: dict[str, Any] = {"gate": review.gate, "number": review.number, "how": how}
    if pack:
        record(audit.PACK_OPENED, by=by, subject=review, pack=pack.number, sha256=pack.sha256, **about)
    else:
        record(audit.RECORD_OPENED, by=by, subject=review, **about)
