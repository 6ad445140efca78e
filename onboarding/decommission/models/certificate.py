"""A certificate of the end: what was done with data and access, signed, and bound to the very words by its hash."""

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.decommission import audit
from onboarding.decommission.models.decommission import Decommission, DecommissionRefused, DecommissionStep
from onboarding.decommission.steps import BY_KEY
from onboarding.deployments.models import Deployment
from onboarding.golive.canonical import digest
from onboarding.golive.models.signature import Proof
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Certificate(TenantModel):
    """Signed once and never changed; one changed byte of its record, name or time voids it, and its public page says so."""

    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    step: Any = TenantForeignKey(DecommissionStep, on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=32, help_text="In its public address")
    record = models.JSONField(help_text="Tool, version, site, what was certified, how it was done")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    printed_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField()
    method = models.CharField(max_length=60, help_text="How the signer proved who they are, joined by +")
    sha256 = models.CharField(max_length=64, help_text="Over the record, the signer, the printed name and the time")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="decommission_certificate_code"),
            models.UniqueConstraint(fields=["organization", "step"], name="decommission_certificate_once"),
        ]

    @property
    def title(self) -> str:
        """What it certifies."""
        return str(self.record["title"])

    @property
    def holds(self) -> bool:
        """Whether it is whole: the words, the name and the time are those that were signed."""
        return self.sha256 == self.computed()

    def computed(self) -> str:
        """Return what its hash must be."""
        parts = [
            digest(self.record),
            str(self.step_id),
            str(self.signer_id),
            self.printed_name,
            self.signed_at.isoformat(),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @classmethod
    @transaction.atomic
    def sign(cls, step: DecommissionStep, *, how: str, printed_name: str, by: Actor, proof: Proof) -> "Certificate":
        """Certify a step and close it; one that is signed is returned as it is.

        Raises DecommissionRefused for a step without certificate, an old proof, or a name that is not the signer's.
        """
        made = Decommission.locked(step.decommission_id)
        step = DecommissionStep.locked(step.pk)
        standing: Certificate | None = cls.objects.filter(step=step).first()
        if standing:
            return standing
        wanted = BY_KEY[step.key]
        now = timezone.now()
        if made.state != Decommission.State.RUNNING:
            raise DecommissionRefused(f"This decommission is {made.get_state_display().lower()}.")
        if not wanted.certificate:
            raise DecommissionRefused(f"“{step.title}” needs no certificate.")
        if refusal := proof.refusal(by, now):
            raise DecommissionRefused(refusal)
        if printed_name.strip() != by.name:
            raise DecommissionRefused(f"Print your name as it stands in your account: {by.name}.")
        step.close(by=by, note=how)
        deployment = Deployment.objects.for_page().get(pk=step.deployment_id)
        certificate = cls(
            deployment=deployment,
            step=step,
            code=secrets.token_hex(16),
            record={
                "title": step.title,
                "statement": wanted.certificate,
                "how": how.strip(),
                "tool": deployment.tool_version.tool.title,
                "version": deployment.tool_version.version,
                "site": deployment.site.name,
                "last_day": made.last_day.isoformat(),
            },
            signer_id=by.person_id,
            printed_name=by.name,
            signed_at=now,
            method=proof.method,
        )
        certificate.sha256 = certificate.computed()
        certificate.save(force_insert=True)
        record(audit.CERTIFIED, by=by, subject=certificate, title=step.title, sha256=certificate.sha256)
        return certificate
