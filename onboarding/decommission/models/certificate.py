"""A certificate of the end: what was done with data and access, signed, and bound to the very words by its hash."""

import secrets
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.decommission import audit
from onboarding.decommission.models.decommission import Decommission, DecommissionRefused, DecommissionStep
from onboarding.decommission.steps import BY_KEY
from onboarding.deployments.models import Deployment
from onboarding.golive.models.signature import Proof, SignatureRefused, check_signer
from onboarding.golive.models.signed import SignedRecord
from tenancy.fields import TenantForeignKey


class Certificate(SignedRecord):
    """What one step of a decommission certifies; its public page says whether it stands."""

    binds = "step_id"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    step: Any = TenantForeignKey(DecommissionStep, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=32, help_text="In its public address")

    class Meta(SignedRecord.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="decommission_certificate_code"),
            models.UniqueConstraint(fields=["organization", "step"], name="decommission_certificate_once"),
        ]

    @property
    def title(self) -> str:
        """What it certifies."""
        return str(self.record["title"])

    @transaction.atomic
    def opened(self, *, by: Actor) -> None:
        """Write down that somebody took it."""
        record(audit.CERTIFICATE_OPENED, by=by, subject=self, title=self.title, sha256=self.sha256)

    @classmethod
    @transaction.atomic
    def sign(cls, step: DecommissionStep, *, how: str, printed_name: str, by: Actor, proof: Proof) -> "Certificate":
        """Certify a step and close it; one that the same person signed is returned as it is.

        Raises DecommissionRefused for a step without certificate or with somebody else's, an old proof, or a name that
        is not the signer's.
        """
        made = Decommission.locked(step.decommission_id)
        step = DecommissionStep.locked(step.pk)
        standing: Certificate | None = cls.objects.filter(step=step).first()
        if standing and standing.signer_id == by.person_id:
            return standing
        if standing:
            raise DecommissionRefused(f"{standing.printed_name} certified it already.")
        wanted = BY_KEY[step.key]
        now = timezone.now()
        if made.state != Decommission.State.RUNNING:
            raise DecommissionRefused(f"This decommission is {made.get_state_display().lower()}.")
        if not wanted.certificate:
            raise DecommissionRefused(f"“{step.title}” needs no certificate.")
        try:
            check_signer(by, proof, printed_name, now)
        except SignatureRefused as refusal:
            raise DecommissionRefused(str(refusal)) from refusal
        step.close(by=by, note=how)
        deployment = Deployment.objects.for_page().get(pk=step.deployment_id)
        certificate = cls.put(
            deployment=deployment,
            step=step,
            code=secrets.token_hex(16),
            meaning=wanted.certificate,
            record={
                "title": step.title,
                "statement": wanted.certificate,
                "how": how.strip(),
                "tool": deployment.tool_version.tool.title,
                "version": deployment.tool_version.version,
                "site": deployment.site.name,
                "last_day": made.last_day.isoformat(),
            },
            printed_name=printed_name,
            by=by,
            proof=proof,
        )
        record(audit.CERTIFIED, by=by, subject=certificate, title=step.title, sha256=certificate.sha256)
        return certificate
