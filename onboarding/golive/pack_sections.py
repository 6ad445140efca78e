"""What gates put into an audit pack: passes, signed records and frozen evidence as the bytes of which hashes were taken."""

from collections.abc import Iterator
from typing import Any

from assurance.packs.sections import Folder, Wanted, section
from onboarding.deployments.models import Deployment
from onboarding.golive.canonical import canonical, digest
from onboarding.golive.models import Condition, EvidencePack, GatePass, GateReview, Signature, Vote, Waiver
from onboarding.golive.verification import verified


def gates(wanted: Wanted, folder: Folder) -> int:
    """Each pass of the period with its review; each review with record, packs, votes and conditions."""
    reviews = list(
        GateReview.objects.filter(**wanted.of_deployment(), **wanted.within("convened_at")).order_by(
            "convened_at", "pk"
        )
    )
    for review in reviews:
        name = f"{review.gate.lower()}-record-{review.number}-{str(review.deployment_id)[-12:]}"
        if review.record:
            folder.bytes(f"records/{name}-{digest(review.record)[:16]}.json", canonical(review.record))
        for pack in EvidencePack.objects.filter(review=review).order_by("number"):
            folder.bytes(f"packs/{name}-pack-{pack.number}-{pack.sha256[:16]}.json", canonical(pack.content))
    count = folder.rows("passes.json", _passes(wanted))
    return count + folder.rows("reviews.json", map(_review, reviews))


def _passes(wanted: Wanted) -> Iterator[dict[str, Any]]:
    found = GatePass.objects.filter(**wanted.of_deployment(), **wanted.within("passed_at"))
    titles = {one.pk: str(one) for one in Deployment.objects.for_page().filter(pk__in=found.values("deployment_id"))}
    for one in found.order_by("passed_at", "pk"):
        yield {
            "deployment": one.deployment_id, "about": titles.get(one.deployment_id, ""), "gate": one.gate,
            "passed_at": one.passed_at, "review": one.review_id, "ended_at": one.ended_at, "ended_because": one.ended_because,
        }  # fmt: skip


def _review(one: GateReview) -> dict[str, Any]:
    votes = Vote.objects.filter(review=one).order_by("id").values("role", "title", "choice", "reason", "by_id", "at")
    conditions = Condition.objects.filter(review=one).order_by("expires_on", "pk")
    return {
        "id": one.pk, "deployment": one.deployment_id, "gate": one.gate, "number": one.number, "state": one.state,
        "decision": one.decision, "reason": one.reason, "decided_at": one.decided_at, "decided_by": one.decided_by_id,
        "record_sha256": digest(one.record) if one.record else None, "votes": list(votes),
        "conditions": list(conditions.values("title", "owner", "workaround", "expires_on", "item_id")),
    }  # fmt: skip


def signatures(wanted: Wanted, folder: Folder) -> int:
    """Each signature with its meaning and whether it stands."""
    found = Signature.objects.filter(**wanted.of_deployment(), **wanted.within("signed_at"))
    reviews = GateReview.objects.filter(pk__in=found.values("review_id")).order_by("convened_at", "pk")
    rows = (
        {
            "review": review.pk, "gate": review.gate, "signer": one.signer_id, "printed_name": one.printed_name,
            "capacity": one.capacity, "meaning": one.meaning, "signed_at": one.signed_at, "method": one.method,
            "record_sha256": one.record_sha256, "sha256": one.sha256, "stands": stands,
        }
        for review in reviews
        for one, stands in verified(review)
    )  # fmt: skip
    return folder.rows("signatures.json", rows)


def waivers(wanted: Wanted, folder: Folder) -> int:
    """Each waiver asked for in the period, with what protects people meanwhile and who granted it."""
    found = Waiver.objects.filter(**wanted.of_deployment(), **wanted.within("asked_at")).select_related("item")
    rows = (
        {
            "id": one.pk, "deployment": one.deployment_id, "item": str(one.item), "reason": one.reason,
            "compensating_control": one.compensating_control, "expires_on": one.expires_on, "state": one.state,
            "asked_by": one.asked_by_id, "asked_at": one.asked_at, "answered_by": one.answered_by_id,
            "answered_at": one.answered_at, "answer": one.answer,
        }
        for one in found.order_by("asked_at", "pk")
    )  # fmt: skip
    return folder.rows("waivers.json", rows)


section("gates", "Gates and their frozen evidence", order=10, collect=gates)
section("signatures", "Signatures", order=20, collect=signatures)
section("waivers", "Waivers", order=40, collect=waivers)
