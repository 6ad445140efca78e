"""An accepted gap: asked by one person, granted by another, with reason, compensating control and expiry."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.progress import progressed
from onboarding.golive import audit
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class WaiverRefused(Exception):
    """A waiver cannot be asked or granted like this; the message says why."""


class WaiverQuerySet(TenantQuerySet["Waiver"]):
    """Named filters over waivers."""

    def waiting(self) -> "WaiverQuerySet":
        """Waivers that somebody asked for and nobody has answered."""
        return self.filter(state=Waiver.State.ASKED)

    def lapsed(self, today: date) -> "WaiverQuerySet":
        """Granted waivers whose time is over."""
        return self.filter(state=Waiver.State.GRANTED, expires_on__lt=today)


class Waiver(TenantModel):
    """A gap that one item may pass with, for a time."""

    partners = Partners.CLOSED

    class State(models.TextChoices):
        """Asked, and what became of it."""

        ASKED = "asked", "Asked"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        LAPSED = "lapsed", "Lapsed"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="waivers")
    reason = models.TextField(max_length=2000)
    compensating_control = models.TextField(max_length=2000)
    expires_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    objects = TenantManager.from_queryset(WaiverQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "item"], condition=Q(state="asked"), name="waiver_one_question"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "granted", "refused", "lapsed"]), name="waiver_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | ~Q(asked_by=models.F("answered_by")), name="waiver_second_person"
            ),
        ]

    @classmethod
    @transaction.atomic
    def ask(cls, item: Item, *, reason: str, compensating_control: str, expires_on: date, by: Actor) -> "Waiver":
        """Ask that an open item may pass with a gap.

        Raises WaiverRefused for an item that is not open, a blocking item, an expiry in the past, or missing words.
        """
        item = Item.locked(item.pk)
        if not item.is_open:
            raise WaiverRefused(f"{item} is {item.get_state_display().lower()}: nothing is to be waived.")
        if item.gate_class != "conditional":
            raise WaiverRefused(
                f"{item} {item.get_gate_class_display().lower()} its gate: only a conditional item can be waived."
            )
        if not reason.strip() or not compensating_control.strip():
            raise WaiverRefused("A waiver needs its reason and what protects people meanwhile.")
        if expires_on <= timezone.localdate():
            raise WaiverRefused("A waiver ends on a day to come.")
        standing = cls.objects.waiting().filter(item=item).first()
        if standing:
            return standing
        waiver = cls(
            deployment_id=item.deployment_id,
            item=item,
            reason=reason.strip(),
            compensating_control=compensating_control.strip(),
            expires_on=expires_on,
            asked_by_id=by.person_id,
        )
        waiver.save(force_insert=True)
        record(audit.WAIVER_ASKED, by=by, subject=waiver, number=item.number, title=item.title, item=str(item.pk))
        return waiver

    @transaction.atomic
    def grant(self, *, by: Actor) -> None:
        """Accept the gap; raise WaiverRefused for the person who asked."""
        waiver = self.locked(self.pk)
        if waiver.state == self.State.GRANTED:
            return
        if by.may_not_be(waiver.asked_by_id):
            raise WaiverRefused("You asked for this waiver: a second person grants it.")
        waiver._answer(self.State.GRANTED, by, "")
        waiver.item.waive(by=by, until=waiver.expires_on)
        item = waiver.item
        record(
            audit.WAIVER_GRANTED,
            by=by,
            subject=waiver,
            number=item.number,
            title=item.title,
            until=f"{waiver.expires_on:%-d %b %Y}",
        )

    @transaction.atomic
    def refuse(self, *, by: Actor, reason: str) -> None:
        """Refuse the gap, saying why."""
        waiver = self.locked(self.pk)
        if waiver.state == self.State.REFUSED:
            return
        if not reason.strip():
            raise WaiverRefused("Say why you refuse: the one who asked will read it.")
        waiver._answer(self.State.REFUSED, by, reason.strip())
        record(audit.WAIVER_REFUSED, by=by, subject=waiver, number=waiver.item.number, title=waiver.item.title)

    @transaction.atomic
    def lapse(self, *, by: Actor) -> None:
        """End a granted waiver whose day is over: the item is open again. The nightly audit calls this."""
        waiver = self.locked(self.pk)
        if waiver.state != self.State.GRANTED or waiver.expires_on >= timezone.localdate():
            return
        waiver.state = self.State.LAPSED
        waiver.save(update_fields=["state"])
        item = waiver.item
        record(audit.WAIVER_LAPSED, by=by, subject=waiver, number=item.number, title=item.title)
        if item.state == Item.State.WAIVED:
            item.reopen(by=by, reason=f"The waiver ended on {waiver.expires_on:%-d %b %Y}.")
        else:
            progressed(waiver.deployment_id, by)

    def _answer(self, state: str, by: Actor, answer: str) -> None:
        if self.state != self.State.ASKED:
            raise WaiverRefused(f"This waiver is {self.get_state_display().lower()} already.")
        self.state, self.answered_by_id, self.answered_at, self.answer = state, by.id, timezone.now(), answer
        self.save(update_fields=["state", "answered_by", "answered_at", "answer"])
