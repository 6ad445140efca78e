"""One line of a statement: rule, fact, formula, amount. Written once, never changed."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone

from billing.contracts.models import Milestone
from billing.statements import rules
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

if TYPE_CHECKING:
    from billing.statements.models.statement import Statement


class LineQuerySet(TenantQuerySet["Line"]):
    """Named filters over lines."""

    def of_contract(self, contract_id: UUID) -> "LineQuerySet":
        """Every line of a contract's statements, in the order in which they were written."""
        return self.filter(statement__contract_id=contract_id).select_related("statement").order_by("id")

    def about(self, line: "Line") -> "LineQuerySet":
        """A line and what corrects it."""
        return self.filter(Q(pk=line.pk) | Q(of=line, kind=rules.ADJUSTMENT))

    def total(self) -> Decimal:
        """The sum of the amounts; 0.00 of nothing."""
        found: Decimal | None = self.aggregate(total=Sum("amount"))["total"]
        return Decimal("0.00") if found is None else found


class Line(TenantModel):
    """Money due, or taken back, with the snapshot from which the amount can be computed again at any time."""

    append_only = True

    class Kind(models.TextChoices):
        """Why it stands there."""

        MILESTONE = rules.MILESTONE, "Milestone"
        REVERSAL = rules.REVERSAL, "Taken back"
        ADJUSTMENT = rules.ADJUSTMENT, "Adjustment"

    statement: Any = TenantForeignKey("statements.Statement", on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    milestone: Any = TenantForeignKey(Milestone, on_delete=models.PROTECT, null=True, related_name="lines")
    deployment_id = models.UUIDField()
    event_id = models.UUIDField(null=True)
    round = models.PositiveSmallIntegerField(default=0, help_text="How often the milestone was taken back before")
    of: Any = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    objects = TenantManager.from_queryset(LineQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "statement", "number"], name="line_number_once"),
            models.UniqueConstraint(
                fields=["organization", "milestone", "deployment_id", "event_id"], name="line_once_per_event"
            ),
            models.UniqueConstraint(
                fields=["organization", "milestone", "deployment_id", "round", "kind"],
                condition=~Q(kind=rules.ADJUSTMENT),
                name="line_once_per_milestone",
            ),
            models.CheckConstraint(
                condition=Q(kind=rules.ADJUSTMENT, of__isnull=False, opened_by__isnull=False, event_id=None)
                | Q(kind=rules.REVERSAL, of__isnull=False, event_id__isnull=False, milestone__isnull=False)
                | Q(kind=rules.MILESTONE, of=None, event_id__isnull=False, milestone__isnull=False),
                name="line_kind",
            ),
        ]

    @property
    def title(self) -> str:
        """What is paid for."""
        return str(self.snapshot["title"])

    @property
    def standing(self) -> Decimal:
        """What stands for this line, its adjustments included."""
        found: Decimal = Line.objects.about(self).total()
        return found

    @classmethod
    def open(cls, statement: "Statement", snapshot: dict[str, Any], **values: Any) -> "Line":
        """Write the next line of a draft; the amount is computed from the snapshot. The contract must be locked."""
        last = cls.objects.filter(statement=statement).aggregate(last=models.Max("number"))["last"]
        line = cls(
            statement=statement,
            number=(last or 0) + 1,
            kind=snapshot["kind"],
            snapshot=snapshot,
            sha256=rules.digest(snapshot),
            amount=rules.compute(snapshot),
            **values,
        )
        line.save(force_insert=True)
        return line
