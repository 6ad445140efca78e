"""A gate review: panel, votes, conditions, one decision with its signature. Decided is decided; a new meeting is a new record."""

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
from onboarding.golive.models.signature import Proof, Signature, digest
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


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
        """Open the meeting over a signed gate, or return the one that is open; raise ReviewRefused for another gate."""
        deployment = Deployment.locked(deployment.pk)
        definition = next((one for one in deployment.playbook_version.gates if one["key"] == gate), None)
        if definition is None or definition["kind"] != "signed":
            raise ReviewRefused(f"{gate} is no signed gate of {deployment.playbook_version}.")
        standing = cls.objects.meeting().filter(deployment=deployment, gate=gate).first()
        if standing:
            return standing
        number = cls.objects.filter(deployment=deployment, gate=gate).count() + 1
        review = cls(deployment=deployment, gate=gate, number=number, convened_by_id=by.person_id)
        review.save(force_insert=True)
        titles = dict(TeamRole.objects.filter(deployment=deployment).values_list("code", "title"))
        Vote.objects.bulk_create(
            Vote(deployment=deployment, review=review, role=role, title=titles.get(role, role))
            for role in definition["panel"]
        )
        record(audit.REVIEW_CONVENED, by=by, subject=review, gate=gate, title=definition["title"], number=number)
        return review

    @transaction.atomic
    def withdraw(self, *, by: Actor, reason: str) -> None:
        """Close the meeting without a decision."""
        review = self.locked(self.pk)
        if review.state == self.State.WITHDRAWN:
            return
        review._demand_open()
        if not reason.strip():
            raise ReviewRefused("Say why the meeting is withdrawn.")
        review.state, review.reason = self.State.WITHDRAWN, reason.strip()
        review.save(update_fields=["state", "reason"])
        record(audit.REVIEW_WITHDRAWN, by=by, subject=review, gate=review.gate, title=review.definition["title"])

    @transaction.atomic
    def set_condition(self, item: Item, *, owner: str, workaround: str, expires_on: date, by: Actor) -> "Condition":
        """Let an open conditional item go along: with an owner, a workaround and an expiry within the scorecard's limit."""
        review = self.locked(self.pk)
        review._demand_open()
        limit = review.deployment.playbook_version.content["scorecard"]["condition_expiry_days"]
        today = timezone.localdate()
        if item.deployment_id != review.deployment_id or not item.is_open or item.gate_class == "blocks":
            raise ReviewRefused(f"{item} cannot be a condition: only an open item that does not block can.")
        if not workaround.strip() or not owner.strip():
            raise ReviewRefused("A condition needs its owner and its workaround.")
        if not today < expires_on <= today + timedelta(days=limit):
            raise ReviewRefused(
                f"A condition ends within {limit} days: {today + timedelta(days=limit):%-d %b %Y} at the latest."
            )
        condition = Condition.objects.filter(review=review, item=item).first() or Condition(
            deployment_id=review.deployment_id, review=review, item=item, title=item.title
        )
        condition.owner, condition.workaround, condition.expires_on = owner, workaround.strip(), expires_on
        condition.save()
        record(
            audit.CONDITION_SET,
            by=by,
            subject=review,
            gate=review.gate,
            title=item.title,
            item=str(item.pk),
            until=expires_on.isoformat(),
        )
        return condition

    @transaction.atomic
    def decide(self, decision: str, *, reason: str, printed_name: str, by: Actor, proof: Proof) -> Signature:
        """Decide and sign, freezing everything the decision stood on. One decision, whoever comes first.

        Raises ReviewRefused where the rules exclude the decision, the signer convened the meeting, or it is decided
        already; SignatureRefused where the signature does not hold.
        """
        from onboarding.golive.gates import after_decision
        from onboarding.golive.rules import Assessment

        deployment = Deployment.locked(self.deployment_id)
        review = self.locked(self.pk)
        review._demand_open()
        if by.may_not_be(review.convened_by_id):
            raise ReviewRefused("You convened this meeting: somebody else decides and signs.")
        if not reason.strip():
            raise ReviewRefused("Give the reason as it should stand in the record.")
        assessment = Assessment.of(review)
        excluded = assessment.excludes(decision)
        if excluded:
            raise ReviewRefused(f"{self.Decision(decision).label} is not open: {excluded}")
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
            "go_live_on": deployment.go_live_on.isoformat(),
            "tool_version": str(deployment.tool_version),
            "playbook_version": str(deployment.playbook_version),
            "playbook_sha256": deployment.playbook_version.sha256,
            **assessment.as_data(),
        }
        review.save(update_fields=["state", "decision", "reason", "decided_at", "decided_by", "record"])
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

    def _demand_open(self) -> None:
        if not self.is_open:
            raise ReviewRefused(f"{self} is {self.get_state_display().lower()}: a new meeting makes a new record.")


class Vote(TenantModel):
    """A panel role's voice in a review: go, go with conditions, no-go or abstain, with a reason."""

    partners = Partners.DEPLOYMENT

    class Choice(models.TextChoices):
        """What may be voted."""

        GO = "go", "Go"
        CONDITIONS = "conditions", "Go, with conditions"
        NO_GO = "no_go", "No-go"
        ABSTAIN = "abstain", "Abstain"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey(GateReview, on_delete=models.PROTECT, related_name="votes")
    role = models.CharField(max_length=4)
    title = models.CharField(max_length=60)
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "role"], name="vote_once_per_role")]

    @transaction.atomic
    def cast(self, choice: str, *, by: Actor, reason: str = "") -> None:
        """Vote for the role; it may be changed until the decision.

        Raises ReviewRefused for somebody who neither fills nor deputizes the role, and for a no-go without a reason.
        """
        review = GateReview.locked(self.review_id)
        review._demand_open()
        vote = self.locked(self.pk)
        holders = (
            TeamRole.objects.filter(deployment_id=vote.deployment_id, code=vote.role)
            .values_list("person_id", "deputy_id")
            .first()
        )
        if by.id is None or by.id not in (holders or ()):
            raise ReviewRefused(
                f"The vote of the {vote.title.lower()} belongs to the person in that role, or the deputy."
            )
        if choice == self.Choice.NO_GO and not reason.strip():
            raise ReviewRefused("A no-go needs its reason: it stands in the record as dissent.")
        if (vote.choice, vote.reason, vote.by_id) == (choice, reason.strip(), by.id):
            return
        vote.choice, vote.reason, vote.by_id, vote.at = self.Choice(choice), reason.strip(), by.id, timezone.now()
        vote.save(update_fields=["choice", "reason", "by", "at"])
        record(
            audit.VOTE_CAST,
            by=by,
            subject=review,
            vote=self.Choice(choice).label.lower(),
            gate=review.gate,
            role=vote.title,
        )


class Condition(TenantModel):
    """What a conditional go carries along: an open item with owner, workaround and expiry."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey(GateReview, on_delete=models.PROTECT, related_name="conditions")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    owner = models.CharField(max_length=4)
    workaround = models.CharField(max_length=500)
    expires_on = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "item"], name="condition_once")]
