"""A contract between the organization that pays and a vendor; it lives with the payer."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from access.permissions import Permission
from audit.actor import Actor
from audit.models.event import record
from billing.contracts import audit
from billing.contracts.amount import CURRENCIES, LIMIT, WHOLE, Amount
from billing.contracts.hands import BillingRefused, demand_hand
from billing.contracts.models.coverage import Coverage, FactRoute
from billing.contracts.models.milestone import Milestone
from billing.contracts.offers import Offer, offers
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import scope

Plan = Sequence[tuple[str, Decimal]]
USUAL: Plan = (
    (Milestone.Trigger.SIGNED, Decimal(30)),
    (Milestone.Trigger.BUILT, Decimal(30)),
    (Milestone.Trigger.LIVE, Decimal(20)),
    (Milestone.Trigger.SUSTAINED, Decimal(20)),
)
"""Keep the last payment until acceptance (domain.md 7.3)."""


class ContractQuerySet(TenantQuerySet["Contract"]):
    """Named filters over contracts."""

    def for_list(self) -> "ContractQuerySet":
        """Newest first, with the vendor's name."""
        return self.select_related("vendor").order_by("-drafted_at", "-id")


class Contract(TenantModel):
    """A fee for each deployment it covers, due in shares as milestones are reached."""

    class State(models.TextChoices):
        """A draft binds nobody; an active contract turns facts into money; an ended one no more."""

        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    MOVES: dict[str, set[str]] = {
        State.DRAFT: {State.ACTIVE},
        State.ACTIVE: {State.ENDED},
        State.ENDED: set(),
    }

    reference = models.CharField(max_length=32)
    title = models.CharField(max_length=120)
    vendor = models.ForeignKey("tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+")
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    fee = models.DecimalField(max_digits=12, decimal_places=2, help_text="Implementation fee of each deployment")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    net_days = models.PositiveSmallIntegerField(default=30)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    activated_at = models.DateTimeField(null=True)
    ended_on = models.DateField(null=True)

    objects = TenantManager.from_queryset(ContractQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="contract_reference_once"),
            models.CheckConstraint(condition=Q(state__in=["draft", "active", "ended"]), name="contract_state"),
            models.CheckConstraint(condition=Q(fee__gt=Decimal(0)), name="contract_fee"),
            models.CheckConstraint(condition=Q(currency__in=list(CURRENCIES)), name="contract_currency"),
            models.CheckConstraint(condition=~Q(vendor=F("organization")), name="contract_two_parties"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="contract_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (Q(activated_by__isnull=False, activated_at__isnull=False) & ~Q(activated_by=F("drafted_by"))),
                name="contract_second_person",
            ),
            models.CheckConstraint(condition=~Q(state="ended") | Q(ended_on__isnull=False), name="contract_ended_on"),
        ]

    @classmethod
    @transaction.atomic
    def draft(
        cls,
        *,
        reference: str,
        title: str,
        vendor: Organization,
        currency: str,
        fee: Decimal,
        starts_on: date,
        covers: Collection[UUID],
        by: Actor,
        ends_on: date | None = None,
        net_days: int = 30,
        plan: Plan = USUAL,
    ) -> "Contract":
        """Write down what is agreed; it binds nobody until a second person activates it.

        Raises BillingRefused for a vendor that is none, a deployment that is not offered or brings another's tool, a
        reference that is taken, dates that run backwards, or a plan that repeats a milestone; NotMoney for a fee that is no amount.
        """
        person = demand_hand(by, Permission.BILLING_MANAGE)
        amount = Amount(fee, currency)
        if not 0 < amount.value <= LIMIT:
            raise BillingRefused("The fee is more than nothing.")
        if vendor.kind != Organization.Kind.VENDOR:
            raise BillingRefused(f"{vendor.name} is no vendor.")
        if ends_on and ends_on < starts_on:
            raise BillingRefused(f"The contract would end on {ends_on} before it starts on {starts_on}.")
        if not 0 <= net_days <= 365:
            raise BillingRefused("Payment is due within 0 to 365 days.")
        if not reference.strip() or not title.strip():
            raise BillingRefused("A contract needs a reference and a title.")
        if cls.objects.filter(reference=reference.strip()).exists():
            raise BillingRefused(f"There is a contract {reference.strip()} already.")
        chosen = _offered(covers)
        if others := [one.label for one in chosen if one.vendor_id != vendor.pk]:
            raise BillingRefused(f"Not a tool of {vendor.name}: {', '.join(others)}.")
        contract = cls(
            reference=reference.strip(),
            title=title.strip(),
            vendor=vendor,
            currency=currency,
            fee=amount.value,
            starts_on=starts_on,
            ends_on=ends_on,
            net_days=net_days,
            drafted_by_id=person,
        )
        try:
            with transaction.atomic():
                contract.save(force_insert=True)
        except IntegrityError:  # sent twice at the same moment: nobody saw the other's
            raise BillingRefused(f"There is a contract {reference.strip()} already.") from None
        Coverage.objects.bulk_create(
            Coverage(contract=contract, deployment_id=one.deployment_id, host_id=one.host_id, label=one.label)
            for one in chosen
        )
        record(audit.CONTRACT_DRAFTED, by=by, subject=contract, reference=contract.reference)
        for trigger, percent in plan:
            contract.add_milestone(trigger, percent, by=by)
        return contract

    @transaction.atomic
    def add_milestone(self, trigger: str, percent: Decimal, *, by: Actor) -> Milestone:
        """Make a share of the fee due at an event; raise BillingRefused outside a draft or for a second one."""
        person = demand_hand(by, Permission.BILLING_MANAGE)
        contract = self.locked(self.pk)
        contract._demand_draft("Milestones")
        if trigger not in Milestone.Trigger.values:
            raise BillingRefused(f"{trigger} makes no money due.")
        if not isinstance(percent, Decimal) or not percent.is_finite() or percent != round(percent, 2):
            raise BillingRefused(f"{percent} is not a percentage of at most two decimal places.")
        if not 0 < percent <= WHOLE:
            raise BillingRefused(f"{percent} % is not between 0 and 100.")
        standing = list(Milestone.objects.filter(contract=contract).order_by("rank"))
        if any(one.trigger == trigger for one in standing):
            raise BillingRefused(f"“{Milestone.Trigger(trigger).label}” stands in the contract already.")
        milestone = Milestone(
            contract=contract,
            rank=standing[-1].rank + 1 if standing else 1,
            trigger=trigger,
            percent=percent,
            added_by_id=person,
        )
        milestone.save(force_insert=True)
        record(
            audit.MILESTONE_ADDED,
            by=by,
            subject=contract,
            reference=contract.reference,
            milestone=milestone.title,
            percent=f"{percent.normalize():f}",
        )
        return milestone

    @transaction.atomic
    def drop_milestone(self, milestone: Milestone, *, by: Actor) -> None:
        """Take a milestone out of a draft."""
        demand_hand(by, Permission.BILLING_MANAGE)
        contract = self.locked(self.pk)
        contract._demand_draft("Milestones")
        if Milestone.objects.filter(contract=contract, pk=milestone.pk).delete()[0]:
            record(
                audit.MILESTONE_DROPPED,
                by=by,
                subject=contract,
                reference=contract.reference,
                milestone=milestone.title,
            )

    @transaction.atomic
    def activate(self, *, by: Actor) -> None:
        """Let the contract bind: amounts are fixed to the cent, and what happens becomes money from here on.

        Raises BillingRefused for whoever drafted it or wrote a milestone, and unless the milestones make 100 %.
        """
        demand_hand(by, Permission.BILLING_MANAGE)
        contract = self.locked(self.pk)
        if contract.state == self.State.ACTIVE:
            return
        contract._demand_move(self.State.ACTIVE)
        milestones = list(Milestone.objects.filter(contract=contract).order_by("rank"))
        if by.may_not_be(contract.drafted_by_id) or any(by.may_not_be(one.added_by_id) for one in milestones):
            raise BillingRefused("You wrote this contract: a second person activates it.")
        total = sum((one.percent for one in milestones), Decimal(0))
        if total != WHOLE:
            raise BillingRefused(f"The milestones make {total.normalize():f} %, not 100 %.")
        coverages = list(Coverage.objects.filter(contract=contract).order_by("id"))
        _offered({one.deployment_id for one in coverages})
        shares = Amount(contract.fee, contract.currency).split([one.percent for one in milestones])
        for milestone, share in zip(milestones, shares, strict=True):
            milestone.amount = share.value
            milestone.save(update_fields=["amount"])
        contract.state, contract.activated_by_id, contract.activated_at = self.State.ACTIVE, by.id, timezone.now()
        contract.save(update_fields=["state", "activated_by", "activated_at"])
        for coverage in coverages:
            with scope(coverage.host_id):
                FactRoute.objects.get_or_create(
                    deployment_id=coverage.deployment_id,
                    payer_id=contract.organization_id,
                    contract_id=contract.pk,
                    defaults={"organization_id": coverage.host_id},
                )
        record(audit.CONTRACT_ACTIVATED, by=by, subject=contract, reference=contract.reference)

    @transaction.atomic
    def end(self, *, on: date, by: Actor) -> None:
        """End the contract: what happens after that day makes nothing due. Statements already opened stand."""
        demand_hand(by, Permission.BILLING_MANAGE)
        contract = self.locked(self.pk)
        if contract.state == self.State.ENDED:
            return
        contract._demand_move(self.State.ENDED)
        if on < contract.starts_on:
            raise BillingRefused(f"The contract starts on {contract.starts_on}: it cannot end before.")
        contract.state, contract.ended_on = self.State.ENDED, on
        contract.save(update_fields=["state", "ended_on"])
        record(audit.CONTRACT_ENDED, by=by, subject=contract, reference=contract.reference, on=f"{on.day} {on:%b %Y}")

    def in_force_on(self, day: date) -> bool:
        """Whether what happens on this day counts."""
        last = min((one for one in (self.ends_on, self.ended_on) if one), default=None)
        return self.state != self.State.DRAFT and self.starts_on <= day and (last is None or day <= last)

    def _demand_draft(self, what: str) -> None:
        if self.state != self.State.DRAFT:
            raise BillingRefused(
                f"{what} of a contract that is {self.get_state_display().lower()} cannot change: end it and draft another."
            )

    def _demand_move(self, state: str) -> None:
        if state not in self.MOVES[self.state]:
            raise BillingRefused(
                f"A contract that is {self.get_state_display().lower()} cannot become {self.State(state).label.lower()}."
            )


def _offered(wanted: Collection[UUID]) -> list[Offer]:
    if not wanted:
        raise BillingRefused("A contract covers at least one deployment.")
    offered = {one.deployment_id: one for one in offers()}
    if foreign := [str(one) for one in wanted if one not in offered]:
        raise BillingRefused(f"Not a deployment of yours, nor shared with you: {', '.join(sorted(foreign))}.")
    return [offered[one] for one in sorted(set(wanted))]
