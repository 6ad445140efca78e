"""More weeks of hypercare: asked by one person, approved with a signature by another."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.golive.models.signature import Proof, check_signer
from onboarding.golive.models.signed import SignedRecord
from onboarding.hypercare import audit
from onboarding.hypercare.models.period import Hypercare, HypercareRefused
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

MEANING = (
    "I have read why hypercare takes longer and what changes meanwhile, and approve that the vendor and the command center "
    "stay with this site until {until}."
)


class ExtensionQuerySet(TenantQuerySet["Extension"]):
    """Named filters over extensions."""

    def waiting(self) -> "ExtensionQuerySet":
        """Those that nobody has answered."""
        return self.filter(state=Extension.State.ASKED)


class Extension(TenantModel):
    """More weeks of hypercare: asked by one person, approved by another."""

    class State(models.TextChoices):
        """Asked, and what became of it."""

        ASKED = "asked", "Asked"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    hypercare: Any = TenantForeignKey(Hypercare, on_delete=models.PROTECT, related_name="extensions")
    until = models.DateField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    objects = TenantManager.from_queryset(ExtensionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "hypercare"], condition=Q(state="asked"), name="extension_one_question"
            ),
            models.CheckConstraint(condition=Q(state__in=["asked", "approved", "refused"]), name="extension_state"),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(asked_by=F("answered_by")), name="extension_second_person"
            ),
        ]

    @classmethod
    @transaction.atomic
    def ask(cls, hypercare: Hypercare, *, until: date, reason: str, by: Actor) -> "Extension":
        """Ask for more time; a question that waits is returned as it is. Raises HypercareRefused."""
        period = Hypercare.locked(hypercare.pk)
        if period.state != Hypercare.State.RUNNING:
            raise HypercareRefused("Hypercare is over: there is nothing to extend.")
        if until <= period.until:
            raise HypercareRefused(f"Hypercare lasts until {period.until:%-d %b %Y} already: choose a later day.")
        if not reason.strip():
            raise HypercareRefused("Say why it takes longer, and what changes meanwhile: more help, or less scope.")
        standing: Extension | None = cls.objects.waiting().filter(hypercare=period).first()
        if standing:
            return standing
        asked = cls(
            deployment_id=period.deployment_id,
            hypercare=period,
            until=until,
            reason=reason.strip(),
            asked_by_id=by.person_id,
        )
        asked.save(force_insert=True)
        record(audit.EXTENSION_ASKED, by=by, subject=asked, until=f"{until:%-d %b %Y}")
        return asked

    @property
    def meaning(self) -> str:
        """What a signature under it says."""
        return MEANING.format(until=f"{self.until:%-d %B %Y}")

    @transaction.atomic
    def approve(self, *, printed_name: str, by: Actor, proof: Proof) -> None:
        """Extend hypercare with a signature; raise HypercareRefused for whoever asked, SignatureRefused for a weak proof."""
        asked = self.locked(self.pk)
        if asked.state == self.State.APPROVED:
            return
        if by.may_not_be(asked.asked_by_id):
            raise HypercareRefused("You asked for this extension: a second person approves it.")
        if asked.state != self.State.ASKED:
            raise asked._answered()
        check_signer(by, proof, printed_name, timezone.now())
        period = Hypercare.locked(asked.hypercare_id)
        signed = ExtensionApproval.put(
            deployment=asked.deployment,
            extension=asked,
            meaning=asked.meaning,
            record={
                "about": str(Deployment.objects.for_page().get(pk=asked.deployment_id)),
                "hypercare": str(period.pk),
                "began_on": period.began_on.isoformat(),
                "until_before": period.until.isoformat(),
                "until": asked.until.isoformat(),
                "reason": asked.reason,
                "asked_by": str(asked.asked_by_id),
                "asked_at": asked.asked_at.isoformat(),
            },
            printed_name=printed_name,
            by=by,
            proof=proof,
        )
        asked._answer(self.State.APPROVED, by, "")
        period.until = asked.until
        period.save(update_fields=["until"])
        until = f"{asked.until:%-d %b %Y}"
        record(audit.EXTENDED, by=by, subject=asked, until=until)
        record(audit.EXTENSION_SIGNED, by=by, subject=signed, until=until, sha256=signed.sha256)

    @transaction.atomic
    def refuse(self, *, by: Actor, reason: str) -> None:
        """Refuse it, saying why."""
        asked = self.locked(self.pk)
        if asked.state == self.State.REFUSED:
            return
        if not reason.strip():
            raise HypercareRefused("Say why you refuse: the one who asked will read it.")
        asked._answer(self.State.REFUSED, by, reason.strip())
        record(audit.EXTENSION_REFUSED, by=by, subject=asked, until=f"{asked.until:%-d %b %Y}")

    def _answer(self, state: str, by: Actor, answer: str) -> None:
        if self.state != self.State.ASKED:
            raise self._answered()
        self.state, self.answered_by_id, self.answered_at, self.answer = state, by.person_id, timezone.now(), answer
        self.save(update_fields=["state", "answered_by", "answered_at", "answer"])

    def _answered(self) -> HypercareRefused:
        return HypercareRefused(f"This question is {self.get_state_display().lower()} already.")


class ExtensionApproval(SignedRecord):
    """The signature under an extension: until when, from when, why, and who asked."""

    binds = "extension_id"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    extension: Any = TenantForeignKey(Extension, on_delete=models.PROTECT, related_name="approvals")

    class Meta(SignedRecord.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["organization", "extension"], name="extension_approval_once")]
