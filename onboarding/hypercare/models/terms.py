"""What a deployment's parties agreed about support: target times, and where the service desk keeps its tickets."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.hypercare import audit
from onboarding.hypercare.severity import TARGETS, Severity, Target
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class TermsRefused(ValueError):
    """Targets cannot be agreed so; the message says what would change it."""


class SupportTerms(TenantModel):
    """One row where a deployment agreed on its own; without one, `severity.TARGETS` hold and the desk works here."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    targets = models.JSONField(default=dict, help_text="Severity to answer_minutes, fix_hours, fix_days")
    desk_elsewhere = models.BooleanField(
        default=False, help_text="The service desk keeps its tickets in another system: its figures are reported"
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment"], name="support_terms_once")]

    @classmethod
    @transaction.atomic
    def agree(
        cls, deployment: Deployment, *, targets: Mapping[int, Target], desk_elsewhere: bool, by: Actor
    ) -> "SupportTerms":
        """Agree on target times and on the desk. Tickets that stand keep their targets. Raises TermsRefused."""
        if set(targets) != set(Severity.values):
            raise TermsRefused("Each of the four severities needs its target.")
        times = [_length(targets[one]) for one in sorted(targets)]
        if min(times) <= 0 or times != sorted(times):
            raise TermsRefused("A graver defect is fixed sooner, never later, than a lesser one.")
        Deployment.locked(deployment.pk)
        said = {str(one): asdict(target) for one, target in targets.items()}
        terms: SupportTerms = cls.objects.filter(deployment=deployment).first() or cls(deployment=deployment)
        if (terms.targets, terms.desk_elsewhere) == (said, desk_elsewhere):
            return terms
        terms.targets, terms.desk_elsewhere = said, desk_elsewhere
        terms.save()
        record(audit.TERMS_AGREED, by=by, subject=terms, targets=said, desk_elsewhere=desk_elsewhere)
        return terms


def targets_of(deployment_id: UUID) -> dict[int, Target]:
    """Return the target of each severity at a deployment."""
    terms = SupportTerms.objects.filter(deployment_id=deployment_id).first()
    if terms is None or not terms.targets:
        return TARGETS
    return {int(one): Target(**values) for one, values in terms.targets.items()}


def desk_is_elsewhere(deployment_id: UUID) -> bool:
    """Whether another system keeps the tickets of a deployment."""
    return SupportTerms.objects.filter(deployment_id=deployment_id, desk_elsewhere=True).exists()


def _length(target: Target) -> int:
    """Return a target in hours, a working day counted as a whole one: for comparing only."""
    return target.fix_hours or 24 * target.fix_days
