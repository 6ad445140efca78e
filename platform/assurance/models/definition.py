"""A scheduled audit: what must hold, over what, how often, how much of it, and who answers for it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from access.permissions import Permission
from accounts.models import Membership, User
from assurance import audit, registry
from assurance.registry import Check, Extent
from audit.actor import Actor
from audit.models.event import record
from facts.criteria import MalformedCriterion
from facts.criteria import check as check_criteria
from notices.times import zone_of
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar


class AuditRefused(ValueError):
    """A verb of an audit cannot be done; the message says why and what would change it."""


WORDS = {
    "must_hold": "what must hold", "rhythm": "how often", "next_on": "next day", "finish_in": "days until its sign-off",
    "sample": "how many are looked at",
}  # fmt: skip
"""What people call a field that is named otherwise."""
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


class DefinitionQuerySet(TenantQuerySet["Definition"]):
    """Named filters over definitions."""

    def standing(self) -> "DefinitionQuerySet":
        """Those that were not ended."""
        return self.filter(retired_at=None)

    def due(self, today: date) -> "DefinitionQuerySet":
        """Those whose day has come."""
        return self.standing().filter(next_on__lte=today)


class Definition(TenantModel):
    """One audit that comes again. What is looked at is the check's; everything else is the organization's."""

    class Rhythm(models.TextChoices):
        """How often."""

        MONTHLY = "monthly", "Every month"
        QUARTERLY = "quarterly", "Every quarter"
        HALF_YEARLY = "half_yearly", "Every half year"
        YEARLY = "yearly", "Every year"

    check_name = models.CharField(max_length=40, help_text="The name of a declared check")
    title = models.CharField(max_length=120)
    must_hold = models.CharField(max_length=500)
    criteria = models.JSONField(default=dict, help_text="Of a composed check, in the grammar of facts")
    rhythm = models.CharField(max_length=11, choices=Rhythm.choices, default=Rhythm.QUARTERLY)
    next_on = models.DateField(help_text="The working day on which it begins next")
    counts_from = models.DateField(
        null=True,
        help_text="The day that was asked for: its rhythm counts from there, not from the working day it moved to",
    )
    finish_in = models.PositiveSmallIntegerField(
        default=10, help_text="Working days from its beginning to its sign-off"
    )
    sample = models.PositiveIntegerField(null=True, help_text="How many are looked at; empty: all")
    sites = ArrayField(models.UUIDField(), default=list, help_text="Empty: all sites")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    scheduled_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(DefinitionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(rhythm__in=list(MONTHS)), name="assurance_rhythm_known"),
            models.CheckConstraint(condition=Q(finish_in__gte=1), name="assurance_takes_a_day"),
            models.CheckConstraint(condition=Q(sample=None) | Q(sample__gte=1), name="assurance_sample_of_one"),
        ]
        indexes = [models.Index(fields=["organization", "next_on"], name="assurance_by_next")]

    @property
    def check_made(self) -> Check:
        """The check that it runs."""
        return registry.find(self.check_name)

    @classmethod
    @transaction.atomic
    def schedule(
        cls,
        check_name: str,
        *,
        owner: User,
        first_on: date,
        by: Actor,
        title: str = "",
        must_hold: str = "",
        rhythm: str = "",
        finish_in: int = 10,
        sample: int | None = None,
        sites: Collection[UUID] = (),
        criteria: Mapping[str, Any] | None = None,
    ) -> "Definition":
        """Schedule an audit from that day on, moved to a working day; raise AuditRefused for what makes none."""
        check = registry.find(check_name)
        made = cls(
            check_name=check.name,
            title=title.strip() or check.title,
            must_hold=must_hold.strip() or check.must_hold,
            criteria=dict(criteria or {}),
            rhythm=rhythm or check.rhythm,
            next_on=calendar().on_or_after(first_on),
            counts_from=first_on,
            finish_in=finish_in,
            sample=sample,
            sites=sorted(sites),
            owner=owner,
        )
        made._demand_sound()
        made.save(force_insert=True)
        record(
            audit.SCHEDULED, by=by, subject=made, title=made.title, rhythm=made.get_rhythm_display().lower(),
            next_on=made.next_on.isoformat(), check=check.name,
        )  # fmt: skip
        return made

    @transaction.atomic
    def change(self, *, by: Actor, **values: Any) -> None:
        """Set these fields for the runs to come; nothing happens where they say what they said. Raises AuditRefused."""
        found: Definition = self.locked(self.pk)
        found._demand_standing()
        if "next_on" in values:
            asked = values["next_on"]
            values["next_on"] = calendar().on_or_after(asked)
            if values["next_on"] != found.next_on:
                values["counts_from"] = asked
        if "sites" in values:
            values["sites"] = sorted(values["sites"])
        changed = sorted(name for name, value in values.items() if getattr(found, name) != value)
        for name in changed:
            setattr(found, name, values[name])
        if not changed:
            return
        found._demand_sound()
        found.save(update_fields=changed)
        said = ", ".join(WORDS.get(name, name) for name in changed if name != "counts_from")
        record(audit.CHANGED, by=by, subject=found, title=found.title, fields=said)

    @transaction.atomic
    def retire(self, *, reason: str, by: Actor) -> None:
        """End it; what it found stays. Raises AuditRefused without a reason."""
        found: Definition = self.locked(self.pk)
        if found.retired_at:
            return
        if not reason.strip():
            raise AuditRefused("Say why this audit ends: an auditor will ask.")
        found.retired_at = timezone.now()
        found.save(update_fields=["retired_at"])
        record(audit.RETIRED, by=by, subject=found, title=found.title, reason=reason.strip()[:300])

    def extent(self, on: date) -> Extent:
        """Return what a run of that day looks at: back to the run before, a month or a quarter or as it comes."""
        home = Organization.objects.get(pk=current().organization_id)
        zone = zone_of(home.time_zone)
        began = datetime.combine(months_from(on, -MONTHS[self.rhythm]), time.min, tzinfo=zone)
        return Extent(home.slug, began, timezone.now(), frozenset(self.sites), self.criteria)

    def following(self, on: date) -> date:
        """Return the working day after `on` on which a run begins.

        Counted from the day that was asked for: the 31st stays the 31st after a February, the 1st after a holiday.
        """
        first, step, days = self.counts_from or on, MONTHS[self.rhythm], calendar()
        turn = max(0, (on.year - first.year) * 12 + on.month - first.month) // step
        while (day := days.on_or_after(months_from(first, turn * step))) <= on:
            turn += 1
        return day

    def as_rule(self) -> dict[str, Any]:
        """Return what a run keeps of it: whatever is changed later holds for the runs to come."""
        return {
            "audit": self.title, "must_hold": self.must_hold, "check": self.check_name, "criteria": self.criteria,
            "sites": [str(one) for one in self.sites],
        }  # fmt: skip

    @property
    def owner_is_here(self) -> bool:
        """Whether its owner still belongs to the organization and sees audits."""
        return Permission.AUDIT_READ in permissions_here(self.owner_id)

    def _demand_standing(self) -> None:
        if self.retired_at:
            raise AuditRefused("This audit was ended: schedule a new one.")

    def _demand_sound(self) -> None:
        if self.rhythm not in MONTHS:
            raise AuditRefused("Choose how often it comes: every month, quarter, half year or year.")
        if self.finish_in < 1 or (self.sample is not None and self.sample < 1):
            raise AuditRefused("It takes at least one working day, and looks at one thing at least.")
        if not self.owner_is_here:
            raise AuditRefused("Its owner has to see audits: choose an owner, an administrator or an auditor.")
        if bool(self.criteria) is not self.check_made.composed:
            raise AuditRefused(
                "Say which facts or papers must hold." if self.check_made.composed else "This check has its own rule."
            )
        if self.criteria:
            try:
                check_criteria(self.criteria)
                if self.check_made.sound:
                    self.check_made.sound(self.criteria)
            except MalformedCriterion as fault:
                raise AuditRefused(str(fault)) from None


def permissions_here(user_id: UUID) -> Collection[Permission]:
    """Return what a person may do in the organization in scope; nothing once they have left."""
    member = Membership.objects.active().filter(user_id=user_id).first()
    return member.permissions if member else ()


def today() -> date:
    """Return the date in the organization in scope, whoever asks and wherever the clock stands."""
    zone: str = Organization.objects.values_list("time_zone", flat=True).get(pk=current().organization_id)
    return timezone.localtime(timezone.now(), zone_of(zone)).date()


def calendar() -> WorkingCalendar:
    """Return the working days of the organization in scope."""
    country: str = Organization.objects.values_list("country", flat=True).get(pk=current().organization_id)
    return WorkingCalendar(country)


def months_from(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
