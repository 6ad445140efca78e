"""A review 30, 60, 90, 180 or 365 days after go-live: figures filled in, findings that become items, and a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.decommission.models import Decommission
from onboarding.deployments.actions.add_items import add_items
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.models.calendar import working_calendar
from onboarding.golive.models.signature import Proof, check_signer
from onboarding.logbook.models import LogEntry
from onboarding.reviews import audit
from onboarding.reviews.figures import filled_in
from onboarding.reviews.models.decision import MEANINGS, ReviewDecision
from onboarding.reviews.proposal import next_wave
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

AFTER = (30, 60, 90, 180, 365)
"""Calendar days after go-live."""
ITEMS = {30: "review-30", 60: "review-60", 90: "g9-scale-fix-stop", 180: "review-180", 365: "annual-renewal"}
"""The starter playbook's item for each."""
MISSED_AFTER = timedelta(days=14)
NOTICE = timedelta(days=60)
"""From the decision to stop to the last day of use, where nobody says otherwise: patients are told in time."""


class ReviewRefused(ValueError):
    """A review cannot be held or decided so; the message says what would change it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as it is written down: what, who does something about it, by when."""

    text: str
    owner: str
    due_on: date


class ReviewQuerySet(TenantQuerySet["Review"]):
    """Named filters over reviews."""

    def waiting(self) -> "ReviewQuerySet":
        """Reviews of live deployments that were not held."""
        return self.exclude(state=Review.State.HELD).filter(deployment__state=Deployment.State.LIVE)

    def overdue(self, today: date) -> "ReviewQuerySet":
        """Planned ones that are so late that they count as missed."""
        return self.filter(state=Review.State.PLANNED, due_on__lt=today - MISSED_AFTER)


class Review(TenantModel):
    """One review of a deployment. For the host's own people: a partner is told what comes of it."""

    class State(models.TextChoices):
        """Where it stands."""

        PLANNED = "planned", "Planned"
        MISSED = "missed", "Missed"
        HELD = "held", "Held"

    MOVES: dict[str, set[str]] = {
        State.PLANNED: {State.HELD, State.MISSED},
        State.MISSED: {State.HELD, State.PLANNED},
        State.HELD: set(),
    }

    class Decision(models.TextChoices):
        """What becomes of the tool here."""

        SCALE = "scale", "Scale"
        FIX = "fix", "Fix"
        STOP = "stop", "Stop"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(help_text="Calendar days after go-live")
    due_on = models.DateField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PLANNED)
    missed_on = models.DateField(null=True, help_text="When it was noted as missed; stays when it is held later")
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    attendees = ArrayField(models.UUIDField(), default=list, help_text="Who took part")
    summary = models.TextField(max_length=4000, blank=True)
    figures = models.JSONField(default=list, help_text="As they stood when it was held")
    decision = models.CharField(max_length=5, choices=Decision.choices, blank=True)
    decision_reason = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    proposal = models.JSONField(null=True, help_text="Of a decision to scale: the wave and its sites")

    objects = TenantManager.from_queryset(ReviewQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "deployment", "days"], name="review_once"),
            models.CheckConstraint(condition=Q(state__in=["planned", "missed", "held"]), name="review_state_known"),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_at__isnull=False), name="review_held_at"),
            models.CheckConstraint(condition=Q(decision="") | Q(state="held"), name="review_decided_when_held"),
            models.CheckConstraint(condition=Q(decision="") | ~Q(held_by=F("decided_by")), name="review_second_person"),
        ]
        indexes = [models.Index(fields=["organization", "state", "due_on"], name="review_by_due")]

    def __str__(self) -> str:
        return f"{self.days}-day review"

    @classmethod
    @transaction.atomic
    def plan(cls, deployment: Deployment, *, by: Actor) -> int:
        """Plan the five reviews from the go-live, each on a working day; return how many are new.

        After a second go-live those not held yet move with it. Raises ReviewRefused before go-live.
        """
        deployment = Deployment.locked(deployment.pk)
        if deployment.state != Deployment.State.LIVE:
            raise ReviewRefused("Reviews count from go-live.")
        live, calendar = timezone.localdate(deployment.went_live_at), working_calendar(deployment.site)
        standing = {one.days: one for one in cls.objects.filter(deployment=deployment)}
        new = []
        for days in AFTER:
            due_on = calendar.on_or_before(live + timedelta(days=days))
            known = standing.get(days)
            if known is None:
                new.append(cls(deployment=deployment, days=days, due_on=due_on))
            elif known.state != cls.State.HELD and known.due_on != due_on:
                known.due_on, known.state = due_on, cls.State.PLANNED
                known.save(update_fields=["due_on", "state"])
        cls.objects.bulk_create(new)
        if new:
            record(audit.PLANNED, by=by, subject=deployment, days=[one.days for one in new])
        return len(new)

    @transaction.atomic
    def hold(self, *, attendees: Sequence[UUID], summary: str, findings: Sequence[Found], by: Actor) -> None:
        """Hold it: freeze the figures, and make an item of each finding. Twice is once. Raises ReviewRefused."""
        review = self.locked(self.pk)
        if review.state == self.State.HELD:
            return
        if review.deployment.state != Deployment.State.LIVE:
            raise ReviewRefused("The site is not live: there is nothing to review.")
        if not summary.strip():
            raise ReviewRefused("Say in a few sentences what you saw.")
        if not attendees:
            raise ReviewRefused("Name who took part: a review is a conversation.")
        known = set(TeamRole.objects.filter(deployment=review.deployment).values_list("code", flat=True))
        for one in findings:
            if not one.text.strip() or one.owner not in known:
                raise ReviewRefused("Each finding says what is done, and which team role does it.")
        review.state, review.held_at, review.held_by_id = self.State.HELD, timezone.now(), by.person_id
        review.attendees, review.summary = list(dict.fromkeys(attendees)), summary.strip()
        review.figures = filled_in(review.deployment)
        review.save(update_fields=["state", "held_at", "held_by", "attendees", "summary", "figures"])
        Finding.write(review, findings, by=by)
        record(audit.HELD, by=by, subject=review, days=review.days, findings=len(findings))

    @transaction.atomic
    def miss(self, *, by: Actor) -> None:
        """Note that its day passed; it can still be held. The nightly job calls this."""
        review = self.locked(self.pk)
        if review.state != self.State.PLANNED:
            return
        review.state, review.missed_on = self.State.MISSED, timezone.localdate()
        review.save(update_fields=["state", "missed_on"])
        record(audit.MISSED, by=by, subject=review, days=review.days)

    @transaction.atomic
    def decide(self, decision: str, *, reason: str, printed_name: str, by: Actor, proof: Proof) -> None:
        """Scale, fix or stop, for good and signed; the record stands in the log of the program.

        Scale proposes the next wave, fix needs findings to work on, stop begins the decommission. Raises ReviewRefused
        before the review was held, for whoever held it, and for a second decision; SignatureRefused for a weak proof.
        """
        review = self.locked(self.pk)
        if review.decision == decision and review.decided_by_id == by.person_id:
            return
        if review.decision:
            raise ReviewRefused(f"It was decided to {review.decision}: the next review may decide otherwise.")
        if review.state != self.State.HELD:
            raise ReviewRefused("The review comes first: hold it, then decide.")
        if decision not in self.Decision.values or not reason.strip():
            raise ReviewRefused("Choose scale, fix or stop, and say why.")
        if by.may_not_be(review.held_by_id):
            raise ReviewRefused("You held this review: a second person decides on it.")
        if decision == self.Decision.FIX and not review.findings.exists():
            raise ReviewRefused("Nothing was found that could be fixed: a fix has an owner and a date.")
        check_signer(by, proof, printed_name, timezone.now())
        review.decision, review.decision_reason = decision, reason.strip()
        review.decided_at, review.decided_by_id = timezone.now(), by.person_id
        review.proposal = next_wave(review.deployment) if decision == self.Decision.SCALE else None
        review.save(update_fields=["decision", "decision_reason", "decided_at", "decided_by", "proposal"])
        signed = ReviewDecision.put(
            deployment=review.deployment,
            review=review,
            meaning=MEANINGS[decision],
            record=review.decided_record(),
            printed_name=printed_name,
            by=by,
            proof=proof,
        )
        record(audit.DECIDED, by=by, subject=review, days=review.days, decision=decision)
        record(audit.SIGNED, by=by, subject=signed, days=review.days, decision=decision, sha256=signed.sha256)
        _into_the_log(review, by)
        if decision == self.Decision.STOP:
            last_day = timezone.localdate() + NOTICE
            Decommission.begin(
                review.deployment, cause=Decommission.Cause.DECIDED, reason=reason.strip(), last_day=last_day, by=by
            )

    def decided_record(self) -> dict[str, Any]:
        """Return what a decision stands on and says, as it is signed; made anew, it shows whether the review was changed."""
        findings = self.findings.order_by("number").values_list("number", "text", "item_id")
        return {
            "review": str(self.pk),
            "deployment": str(self.deployment_id),
            "days": self.days,
            "due_on": self.due_on.isoformat(),
            "held_at": self.held_at.isoformat() if self.held_at else None,
            "held_by": str(self.held_by_id),
            "attendees": [str(one) for one in self.attendees],
            "summary": self.summary,
            "figures": self.figures,
            "findings": [[number, text, str(item)] for number, text, item in findings],
            "decision": self.decision,
            "reason": self.decision_reason,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "decided_by": str(self.decided_by_id),
            "proposal": self.proposal,
        }


class Finding(TenantModel):
    """What a review found; the item that came of it carries the work."""

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey(Review, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "number"], name="finding_once")]

    @classmethod
    def write(cls, review: Review, findings: Sequence[Found], *, by: Actor) -> None:
        """Put an item on the checklist for each finding, in the stage in which the site is by then."""
        stages = [stage["number"] for stage in review.deployment.playbook_version.stages]
        stage = (9 if review.days <= 90 else 10) if 10 in stages else stages[-1]
        live = timezone.localdate(review.deployment.went_live_at)
        items = [
            Item(
                key=f"review-{review.days}-finding-{number}",
                stage=stage,
                title=one.text.strip()[:120],
                owner=one.owner,
                gate_class="informs",
                note=f"Found at the {review.days}-day review.",
                due_on=one.due_on,
                baseline_due_on=one.due_on,
                offset_days=(one.due_on - live).days,
            )
            for number, one in enumerate(findings, 1)
        ]
        made = {item.key: item for item in add_items(review.deployment_id, items, by=by)}
        cls.objects.bulk_create(
            cls(
                deployment_id=review.deployment_id,
                review=review,
                number=number,
                text=one.text.strip(),
                item=made[f"review-{review.days}-finding-{number}"],
            )
            for number, one in enumerate(findings, 1)
        )


def _into_the_log(review: Review, by: Actor) -> None:
    """Leave the decision in the log of the program, where the next site looks."""
    deployment = Deployment.objects.for_page().get(pk=review.deployment_id)
    LogEntry.write(
        program=deployment.program,
        deployment=deployment,
        kind=LogEntry.Kind.DECISION,
        title=f"{review.get_decision_display()}, at the {review.days}-day review of {deployment.site.name}"[:160],
        response=review.decision_reason,
        by=by,
    )
