"""Whether the signatures on a review's record stand: whole, on this very record, and in the log as they were given."""

from audit.models import Event
from onboarding.golive.models import GateReview, Signature

SIGNED = ["gate_review.decided", "gate_review.countersigned"]


def verified(review: GateReview) -> list[tuple[Signature, bool]]:
    """Return each signature with whether it stands, with two statements.

    Whoever can write to the database can make record and hashes anew; the event that told of the signature is sealed
    in a signed tree (audit) and keeps the hash of the one that was given.
    """
    told = Event.objects.about(review.pk).filter(action__in=SIGNED)
    logged = {event.data.get("signature_sha256") for event in told}
    return [(one, one.is_valid(review.record) and one.sha256 in logged) for one in review.signatures.in_order()]
