"""A gate review: chair, panel, votes, conditions, one decision and its signatures. A new meeting makes a new record."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.golive import audit
from onboarding.golive.canonical import digest
from onboarding.golive.models.condition import Condition
from onboarding.golive.models.pack import EvidencePack
from onboarding.golive.models.signature import Proof, Signature, SignatureRefused
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

ATTESTS = "I chaired this meeting: votes, reasons and conditions stand in this record as they were given."
TOOK_PART = "I took part in this decision as {role} and have read its record."


class ReviewRefused(Exception):
    """Something cannot be done in this review; the message says why and what would change it."""


class GateReviewQuerySet(TenantQuerySet["GateReview"]):
    """Named filters over reviews."""

    def meeting(self) -> "GateReviewQuerySet":
        """Reviews that wait for their decision."""
        return self.filter(state=GateReview.State.MEETING)

    def decided(self) -> "GateReviewQuerySet":
        """Reviews with a signed decision, newest first."""
        return self.filter(state=GateReview.State.DECIDED).order_by("-decided_at")


class GateReview(TenantModel):
    """One meeting over one signed gate of one deployment."""

    partners = Partners.DEPLOYMENT

    class State(models.TextChoices):
        """Meeting, then decided or withdrawn."""

        MEETING = "meeting", "Meeting open"
        DECIDED = "decided", "Decided"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Decision(models.TextChoices):
        """What a review may decide; G6 knows three, the other signed gates pass or not."""

        GO = "go", "Go"
        CONDITIONAL_GO = "conditional_go", "Conditional go"
        NO_GO = "no_go", "No-go"

    PASSING = (Decision.GO, Decision.CONDITIONAL_GO)

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="reviews")
    gate = models.CharField(max_length=4)
    number = models.PositiveSmallIntegerField(help_text="Record 1, 2, … of this gate at this deployment")
    state = models.CharField(max_length=9, choices=State.choices, default=State.MEETING)
    convened_at = models.DateTimeField(default=timezone.now)
    convened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    chair = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text="Who leads the meeting: conditions, the pack, the call for the decision; whoever convened it, at first",
    )
    version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Rises with every change: pages ask for it"
    )
    decision = models.CharField(max_length=14, choices=Decision.choices, blank=True)
    reason = models.TextField(max_length=4000, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    record = models.JSONField(default=dict, help_text="Everything the decision stood on, frozen when it was signed")

    objects = TenantManager.from_queryset(GateReviewQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment", "gate", "number"], name="gate_review_number_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "deployment", "gate"],
                condition=Q(state="meeting"),
                name="gate_review_one_meeting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["meeting", "decided", "withdrawn"]), name="gate_review_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | (Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(decided_by=models.F("convened_by"))),
                name="gate_review_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate} {self.definition['title']}, record {self.number}"

    @property
    def definition(self) -> dict[str, Any]:
        """The gate as the playbook version defines it."""
        return next(gate for gate in self.deployment.playbook_version.gates if gate["key"] == self.gate)

    @property
    def is_open(self) -> bool:
        """Whether the meeting still waits for its decision."""
        return self.state == self.State.MEETING

    @classmethod
    @transaction.atomic
    def convene(cls, deployment: Deployment, gate: str, *, by: Actor) -> "GateReview":
        """Open the meeting over a signed gate with its evidence pack frozen, or return the one that is open.

        Raises ReviewRefused for another gate.
        """
        from onboarding.golive.models.vote import Vote

        deployment = Deployment.locked(deployment.pk)
        definition = next((one for one in deployment.playbook_version.gates if one["key"] == gate), None)
        if definition is None or definition["kind"] != "signed":
            raise ReviewRefused(f"{gate} is no signed gate of {deployment.playbook_version}.")
        standing = cls.objects.meeting().filter(deployment=deployment, gate=gate).first()
        if standing:
            return standing
        number = cls.objects.filter(deployment=deployment, gate=gate).count() + 1
        review = cls(
            deployment=deployment, gate=gate, number=number, convened_by_id=by.person_id, chair_id=by.person_id
        )
        review.save(force_insert=True)
        titles = dict(TeamRole.objects.filter(deployment=deployment).values_list("code", "title"))
        Vote.objects.bulk_create(
            Vote(deployment=deployment, review=review, role=role, title=titles.get(role, role))
            for role in definition["panel"]
        )
        pack = review._freeze()
        record(
            audit.REVIEW_CONVENED,
            by=by,
            subject=review,
            gate=gate,
            title=definition["title"],
            number=number,
            pack_sha256=pack.sha256,
        )
        return review

    @property
    def pack(self) -> EvidencePack | None:
        """The evidence pack frozen last; None for a meeting of a time before packs, and for partners."""
        return EvidencePack.objects.filter(review=self).order_by("-number").first()

    @transaction.atomic
    def freeze_again(self, *, by: Actor) -> EvidencePack:
        """Freeze the evidence as it stands now; where nothing changed, return the pack there is."""
        from onboarding.golive.evidence import changes, look

        review: GateReview = self.locked(self.pk)
        review.demand_open()
        standing = review.pack
        if standing and not changes(standing.content, look(review)):
            return standing
        pack = review._freeze()
        review.touch()
        record(audit.PACK_FROZEN, by=by, subject=review, gate=review.gate, number=pack.number, pack_sha256=pack.sha256)
        return pack

    @transaction.atomic
    def take_chair(self, *, by: Actor) -> None:
        """Lead the meeting from now on."""
        review = self.locked(self.pk)
        review.demand_open()
        if review.chair_id == by.person_id:
            return
        review.chair_id = by.person_id
        review.save(update_fields=["chair"])
        review.touch()
        record(audit.CHAIR_TAKEN, by=by, subject=review, gate=review.gate, title=review.definition["title"])

    @transaction.atomic
    def withdraw(self, *, by: Actor, reason: str) -> None:
        """Close the meeting without a decision."""
        review = self.locked(self.pk)
        if review.state == self.State.WITHDRAWN:
            return
        review.demand_open()
        if not reason.strip():
            raise ReviewRefused("Say why the meeting is withdrawn.")
        review.state, review.reason = self.State.WITHDRAWN, reason.strip()
        review.save(update_fields=["state", "reason"])
        review.touch()
        record(audit.REVIEW_WITHDRAWN, by=by, subject=review, gate=review.gate, title=review.definition["title"])

    @transaction.atomic
    def set_condition(
        self, item: Item | None = None, *, title: str = "", owner: str, workaround: str, expires_on: date, by: Actor
    ) -> Condition:
        """Let something open go along, with an owner, a workaround and an expiry within the scorecard's limit.

        `item`: an open item that does not block; without one, `title` is a demand of the meeting's own. Either stands
        on the checklist once the decision is signed. Raises ReviewRefused.
        """
        review = self.locked(self.pk)
        review.demand_open()
        item = Item.locked(item.pk) if item else None
        limit = review.deployment.playbook_version.content["scorecard"]["condition_expiry_days"]
        today = timezone.localdate()
        if item and (item.deployment_id != review.deployment_id or not item.is_open or item.gate_class == "blocks"):
            raise ReviewRefused(f"{item} cannot be a condition: only an open item that does not block can.")
        if not item and not title.strip():
            raise ReviewRefused("Name the open item, or say what has to be done.")
        if not workaround.strip() or not owner.strip():
            raise ReviewRefused("A condition needs its owner and its workaround.")
        if not today < expires_on <= today + timedelta(days=limit):
            first, last = (f"{today + timedelta(days=days):%-d %b %Y}" for days in (1, limit))
            raise ReviewRefused(f"A condition ends within {limit} days: its last day is {first} to {last}.")
        name = item.title if item else title.strip()[:120]
        about = {"item": item} if item else {"item": None, "title": name}
        condition = Condition.objects.filter(review=review, **about).first() or Condition(
            deployment_id=review.deployment_id, review=review, item=item, title=name
        )
        condition.owner, condition.workaround, condition.expires_on = owner, workaround.strip(), expires_on
        condition.save()
        review.touch()
        record(
            audit.CONDITION_SET,
            by=by,
            subject=review,
            gate=review.gate,
            title=name,
            item=str(item.pk) if item else None,
            until=expires_on.isoformat(),
        )
        return condition

    @transaction.atomic
    def drop_condition(self, pk: Any, *, by: Actor) -> None:
        """Take a condition back before the decision."""
        review = self.locked(self.pk)
        review.demand_open()
        condition = Condition.objects.filter(review=review, pk=pk).first()
        if condition is None:
            return
        title = condition.title
        condition.delete()
        review.touch()
        record(audit.CONDITION_DROPPED, by=by, subject=review, gate=review.gate, title=title)

    @transaction.atomic
    def decide(self, decision: str, *, reason: str, printed_name: str, by: Actor, proof: Proof) -> Signature:
        """Decide and sign, freezing everything the decision stood on. One decision, whoever comes first.

        Raises ReviewRefused where the rules exclude the decision, the signer convened or chairs the meeting, or it is
        decided already; SignatureRefused where the signature does not hold.
        """
        from onboarding.golive.actions.take_along import take_along
        from onboarding.golive.gates import after_decision
        from onboarding.golive.rules import Assessment

        deployment = Deployment.locked(self.deployment_id)
        review = self.locked(self.pk)
        review.demand_open()
        if by.may_not_be(review.convened_by_id):
            raise ReviewRefused("You convened this meeting: somebody else decides and signs.")
        if by.may_not_be(review.chair_id):
            raise ReviewRefused("You chair this meeting: somebody else decides and signs.")
        if not reason.strip():
            raise ReviewRefused("Give the reason as it should stand in the record.")
        assessment = Assessment.of(review)
        excluded = assessment.excludes(decision)
        if excluded:
            raise ReviewRefused(f"{self.Decision(decision).label} is not open: {excluded}")
        if decision == self.Decision.CONDITIONAL_GO:
            take_along(review, by=by)
        review.state, review.decision, review.reason = self.State.DECIDED, decision, reason.strip()
        review.decided_at, review.decided_by_id = timezone.now(), by.id
        review.record = {
            "review": str(review.pk),
            "deployment": str(deployment.pk),
            "gate": review.gate,
            "number": review.number,
            "decision": decision,
            "reason": review.reason,
            "decided_at": review.decided_at.isoformat(),
            "convened_by": str(review.convened_by_id),
            "chair": str(review.chair_id),
            "go_live_on": deployment.go_live_on.isoformat(),
            "tool_version": str(deployment.tool_version),
            "playbook_version": str(deployment.playbook_version),
            "playbook_sha256": deployment.playbook_version.sha256,
            "evidence": review._evidence(),
            **assessment.as_data(decision),
        }
        review.save(update_fields=["state", "decision", "reason", "decided_at", "decided_by", "record"])
        review.touch()
        signature = Signature.put(
            review, by=by, printed_name=printed_name, meaning=review.definition["meaning"], proof=proof
        )
        record(
            audit.REVIEW_DECIDED,
            by=by,
            subject=review,
            gate=review.gate,
            title=review.definition["title"],
            decision=self.Decision(decision).label.lower(),
            record_sha256=digest(review.record),
            signature_sha256=signature.sha256,
        )
        after_decision(review, by)
        return signature

    @transaction.atomic
    def countersign(self, *, printed_name: str, by: Actor, proof: Proof) -> Signature:
        """Sign the record of a decision as its chair, or as one of the panel who voted; twice is once.

        Raises ReviewRefused where there is no decision yet or the signer had no part in it, SignatureRefused as `decide`.
        """
        review = self.locked(self.pk)
        if review.state != self.State.DECIDED:
            raise ReviewRefused(f"{review} is not decided: there is no record to sign yet.")
        standing = review.signatures.filter(signer_id=by.person_id).first()
        if standing:
            return standing  # type: ignore[no-any-return]
        capacity, meaning = review.capacity_of(by.person_id)
        if not capacity:
            raise ReviewRefused("Only the chair and those who voted countersign this record.")
        if not all(one.is_valid(review.record) for one in review.signatures.all()):
            raise SignatureRefused("The record was changed after it was signed: it cannot be signed any more.")
        signature = Signature.put(
            review, by=by, printed_name=printed_name, meaning=meaning, proof=proof, capacity=capacity
        )
        review.touch()
        record(
            audit.REVIEW_COUNTERSIGNED,
            by=by,
            subject=review,
            gate=review.gate,
            title=review.definition["title"],
            capacity=signature.get_capacity_display().lower(),
            record_sha256=signature.record_sha256,
            signature_sha256=signature.sha256,
        )
        return signature

    def capacity_of(self, person_id: Any) -> tuple[str, str]:
        """Return in what capacity a person may countersign and what that means, or nothing twice."""
        if person_id == self.chair_id:
            return Signature.Capacity.CHAIR, ATTESTS
        titles = self.votes.filter(by_id=person_id).exclude(choice="").order_by("id").values_list("title", flat=True)
        return (Signature.Capacity.PANEL, TOOK_PART.format(role=", ".join(titles).lower())) if titles else ("", "")

    def touch(self) -> None:
        """Let open pages see that something changed."""
        self.version += 1
        self.save(update_fields=["version"])

    def _freeze(self) -> EvidencePack:
        from onboarding.golive.evidence import look

        content = look(self)
        number = EvidencePack.objects.filter(review=self).count() + 1
        pack = EvidencePack(
            deployment_id=self.deployment_id, review=self, number=number, content=content, sha256=digest(content)
        )
        pack.save(force_insert=True)
        return pack

    def _evidence(self) -> dict[str, Any] | None:
        """Return, for the record, which pack the meeting had before it, and what had changed since."""
        from onboarding.golive.evidence import changes, look

        pack = self.pack
        if pack is None:
            return None
        changed = [
            f"{one.title}: {one.before or 'not there'}, then {one.now or 'gone'}"
            for one in changes(pack.content, look(self))
        ]
        return {"pack": pack.number, "sha256": pack.sha256, "changed_since": changed}

    def demand_open(self) -> None:
        if not self.is_open:
            raise ReviewRefused(f"{self} is {self.get_state_display().lower()}: a new meeting makes a new record.")
