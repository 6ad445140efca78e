"""Who pays for a program, until when, and what it costs a month."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.continuity import audit
from onboarding.deployments.models import Program
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class FundingRefused(ValueError):
    """Money cannot be noted so; the message says what would change it."""


class FundingSource(TenantModel):
    """Money of one kind that pays for a program. Closed to partners: product.md, “contract, statements”."""

    class Kind(models.TextChoices):
        """Where it comes from."""

        GRANT = "grant", "Grant"
        BUDGET = "budget", "Operating budget"
        BILLING = "billing", "Billed services"
        CONTRACT = "contract", "Payer contract"
        OTHER = "other", "Other"

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    left = models.DecimalField(max_digits=12, decimal_places=2, help_text="What may still be spent, as of `as_of`")
    as_of = models.DateField(default=timezone.localdate)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="The last day on which it pays; empty: it does not lapse")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "program", "title"], name="funding_source_once"),
            models.CheckConstraint(condition=Q(left__gte=0), name="funding_not_negative"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="funding_forward"),
        ]

    @classmethod
    @transaction.atomic
    def note(
        cls,
        program: Program,
        *,
        title: str,
        kind: str,
        left: Decimal,
        begins_on: date,
        ends_on: date | None,
        by: Actor,
    ) -> "FundingSource":
        """Note a source, or what is left of one by that title. Raises FundingRefused."""
        title = title.strip()
        if not title or kind not in cls.Kind.values:
            raise FundingRefused("Name the source and its kind.")
        if left < 0:
            raise FundingRefused("What is left is nothing or more.")
        if ends_on and ends_on < begins_on:
            raise FundingRefused("It ends after it begins.")
        Program.locked(program.pk)
        source: FundingSource | None = cls.objects.filter(program=program, title=title).first()
        said = {"kind": kind, "left": left, "begins_on": begins_on, "ends_on": ends_on}
        if source and all(getattr(source, name) == value for name, value in said.items()):
            return source
        known = source is not None
        source = source or cls(program=program, title=title)
        for name, value in said.items():
            setattr(source, name, value)
        source.as_of = timezone.localdate()
        source.save()
        record(audit.SOURCE_CHANGED if known else audit.SOURCE_NOTED, by=by, subject=source, title=title)
        return source


class MonthlyCost(TenantModel):
    """What a program costs a month from a day on. The newest holds; nothing of it is changed."""

    append_only = True

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="monthly_cost_something")]

    @classmethod
    @transaction.atomic
    def note(cls, program: Program, *, amount: Decimal, by: Actor) -> "MonthlyCost":
        """Note the cost; the same again changes nothing. Raises FundingRefused for nothing or less."""
        if amount <= 0:
            raise FundingRefused("A month costs more than nothing: licenses, support, and people's hours.")
        Program.locked(program.pk)
        standing: MonthlyCost | None = cls.objects.filter(program=program).order_by("-noted_at", "-pk").first()
        if standing and standing.amount == amount:
            return standing
        cost = cls(program=program, amount=amount)
        cost.save(force_insert=True)
        record(audit.COST_NOTED, by=by, subject=cost)
        return cost
