"""What is due under a contract for a month, from draft to final."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from access.permissions import Permission
from audit.actor import Actor
from audit.models.event import record
from billing.contracts.hands import BillingRefused, demand_hand
from billing.contracts.models import Contract
from billing.statements import audit, rules
from billing.statements.models.line import Line
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from web.formats import money


class StatementQuerySet(TenantQuerySet["Statement"]):
    """Named filters over statements."""

    def for_page(self) -> "StatementQuerySet":
        """With everything that a page's head names."""
        return self.select_related("contract__vendor", "contract__organization", "organization")

    def newest(self) -> "StatementQuerySet":
        """The latest month first."""
        return self.for_page().order_by("-period", "-id")


class Statement(TenantModel):
    """A month of a contract. Lines are only added, and only to a draft; a final statement never changes."""

    class State(models.TextChoices):
        """Two people see it before it is final."""

        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        FINALIZED = "finalized", "Finalized"

    MOVES: dict[str, set[str]] = {
        State.DRAFT: {State.IN_REVIEW},
        State.IN_REVIEW: {State.DRAFT, State.FINALIZED},
        State.FINALIZED: set(),
    }

    contract: Any = TenantForeignKey(Contract, on_delete=models.PROTECT, related_name="statements")
    period = models.DateField(help_text="The first day of its month")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    opened_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    returned_because = models.CharField(max_length=500, blank=True)
    finalized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    finalized_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    total = models.DecimalField(max_digits=12, decimal_places=2, null=True, help_text="Fixed when it became final")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the final statement (document.seal)")

    objects = TenantManager.from_queryset(StatementQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "contract", "period"], name="statement_once_a_month"),
            models.CheckConstraint(condition=Q(state__in=["draft", "in_review", "finalized"]), name="statement_state"),
            models.CheckConstraint(condition=Q(period__day=1), name="statement_month"),
            models.CheckConstraint(
                condition=Q(state="draft", reviewed_by=None) | (~Q(state="draft") & Q(reviewed_by__isnull=False)),
                name="statement_reviewed",
            ),
            models.CheckConstraint(
                condition=(~Q(state="finalized") & Q(finalized_by=None, total=None, sha256=""))
                | (
                    Q(state="finalized", total__isnull=False, due_on__isnull=False, finalized_at__isnull=False)
                    & ~Q(sha256="")
                    & Q(finalized_by__isnull=False)
                    & ~Q(finalized_by=F("reviewed_by"))
                ),
                name="statement_second_person",
            ),
        ]

    @property
    def reference(self) -> str:
        """The contract's reference and the month."""
        return f"{self.contract.reference}/{self.period:%Y-%m}"

    @property
    def title(self) -> str:
        """The month in words."""
        return f"Statement, {self.period:%B %Y}"

    @classmethod
    def open_for(cls, contract: Contract, month: date) -> "Statement":
        """Return the draft of that month, or of the first month after it that is not closed. The contract is locked."""
        closed = set(
            cls.objects.filter(contract=contract).exclude(state=cls.State.DRAFT).values_list("period", flat=True)
        )
        while month in closed:
            month = (month + timedelta(days=32)).replace(day=1)
        standing = cls.objects.filter(contract=contract, period=month).first()
        if standing:
            return standing
        statement = cls(contract=contract, period=month)
        statement.save(force_insert=True)
        return statement

    def recompute(self) -> Decimal:
        """Return the total, computed again from the lines' snapshots alone."""
        return sum((rules.compute(one.snapshot) for one in self.lines.all()), Decimal("0.00"))

    @transaction.atomic
    def review(self, *, by: Actor) -> None:
        """Say that the lines are right; raise BillingRefused for an empty statement or a line that does not hold."""
        demand_hand(by, Permission.BILLING_MANAGE)
        statement = self._take()
        if statement.state == self.State.IN_REVIEW:
            return
        statement._demand_move(self.State.IN_REVIEW)
        statement._demand_sound()
        statement.state, statement.reviewed_by_id, statement.reviewed_at = self.State.IN_REVIEW, by.id, timezone.now()
        statement.returned_because = ""
        statement.save(update_fields=["state", "reviewed_by", "reviewed_at", "returned_because"])
        record(audit.STATEMENT_REVIEWED, by=by, subject=statement, reference=statement.reference)
        statement._hand_over()

    @transaction.atomic
    def return_to_draft(self, *, reason: str, by: Actor) -> None:
        """Refuse to finalize, with a reason; the statement takes lines again."""
        demand_hand(by, Permission.BILLING_FINALIZE)
        if not reason.strip():
            raise BillingRefused("Say why you return it: whoever reviews it next will read it.")
        statement = self._take()
        if statement.state == self.State.DRAFT:
            return
        statement._demand_move(self.State.DRAFT)
        statement.state, statement.reviewed_by_id, statement.reviewed_at = self.State.DRAFT, None, None
        statement.returned_because = reason.strip()[:500]
        statement.save(update_fields=["state", "reviewed_by", "reviewed_at", "returned_because"])
        record(audit.STATEMENT_RETURNED, by=by, subject=statement, reference=statement.reference)
        statement._hand_over()

    @transaction.atomic
    def finalize(self, *, by: Actor) -> None:
        """Make it final: every line is checked against its snapshot, its contract and the log once more.

        Raises BillingRefused for whoever reviewed it or wrote a line of it, and for a line that does not hold.
        """
        from billing.statements.document import seal

        demand_hand(by, Permission.BILLING_FINALIZE)
        statement = self._take()
        if statement.state == self.State.FINALIZED:
            return
        statement._demand_move(self.State.FINALIZED)
        if by.may_not_be(statement.reviewed_by_id):
            raise BillingRefused("You reviewed this statement: a second person finalizes it.")
        if Line.objects.filter(statement=statement, opened_by_id=by.id).exists():
            raise BillingRefused("You wrote a line of this statement: a second person finalizes it.")
        statement._demand_sound()
        now = timezone.now()
        statement.state, statement.finalized_by_id, statement.finalized_at = self.State.FINALIZED, by.id, now
        statement.due_on = timezone.localdate(now) + timedelta(days=statement.contract.net_days)
        statement.total = statement.recompute()
        statement.sha256 = seal(statement)
        statement.save(update_fields=["state", "finalized_by", "finalized_at", "due_on", "total", "sha256"])
        record(
            audit.STATEMENT_FINALIZED,
            by=by,
            subject=statement,
            reference=statement.reference,
            total=money(statement.total),
            currency=statement.contract.currency,
            sha256=statement.sha256,
        )
        statement._hand_over()

    def _take(self) -> "Statement":
        """Lock the contract, then the statement: the order in which lines are written too."""
        contract = Contract.locked(self.contract_id)
        statement: Statement = self.locked(self.pk)
        statement.contract = contract
        return statement

    def _demand_move(self, state: str) -> None:
        if state not in self.MOVES[self.state]:
            raise BillingRefused(
                f"A statement that is {self.get_state_display().lower()} cannot become {self.State(state).label.lower()}."
            )

    def _demand_sound(self) -> None:
        from billing.statements.checking import findings

        if not Line.objects.filter(statement=self).exists():
            raise BillingRefused("A statement without lines says nothing.")
        if found := findings(self):
            raise BillingRefused(f"This statement does not hold: {' '.join(found)}")

    def _hand_over(self) -> None:
        from billing.statements.actions.hand_over import hand_over

        hand_over(self.contract)
