"""How an organization reminds its people."""

from collections.abc import Mapping
from datetime import time
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models.event import record
from notices import audit, rules
from notices.channels import CHANNELS, DEFAULT, IN_APP, MAIL, PUSH, WEBHOOK
from notices.kinds import Kind
from notices.models.endpoint import WebhookEndpoint
from notices.rules import EXPIRY, FARTHEST, LADDER, RULES, Inherited, Rules
from tenancy.models import TenantModel


def default_ladder() -> list[int]:
    """The steps of a new organization (domain.md, 10.1)."""
    return list(LADDER)


def default_expiry() -> list[int]:
    """The days before an expiry of a new organization (domain.md, 10.1)."""
    return list(EXPIRY)


class ReminderPolicy(TenantModel):
    """One per organization; where there is none the defaults hold. Steps count working days from the due date."""

    ladder = ArrayField(models.SmallIntegerField(), default=default_ladder)
    manager_after = models.SmallIntegerField(default=3, help_text="Working days late; the implementation manager hears")
    sponsor_after = models.SmallIntegerField(default=7, help_text="Working days late; the sponsor hears")
    digest_at = models.TimeField(default=time(8))
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(7))
    weekly_digest = models.BooleanField(default=True)
    expiry = ArrayField(
        models.SmallIntegerField(), default=default_expiry, help_text="Calendar days before the last valid day"
    )
    sla = models.JSONField(default=dict, blank=True, help_text="Working days to an answer, by kind")
    binding = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, help_text="Rules that hold over a playbook's"
    )
    channels = models.JSONField(
        default=dict, blank=True, help_text="By kind; one that is missing goes by mail and push"
    )
    urgent = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="Kinds that go out alone and at once"
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="reminder_policy_once")]

    @classmethod
    def current(cls) -> "ReminderPolicy":
        """Return the policy of the organization in scope, or the defaults."""
        found: ReminderPolicy | None = cls.objects.first()
        return found or cls()

    def inherited(self, terms: Mapping[str, Any] | None = None) -> list[Inherited]:
        """Return each rule that holds where a playbook says `terms`, and who said so."""
        own = {name: getattr(self, name) for name in RULES}
        return rules.inherited(own, not self._state.adding, self.binding, terms or {})

    def rules(self, terms: Mapping[str, Any] | None = None) -> Rules:
        """Return the rules that hold where a playbook says `terms`."""
        return rules.holding(self.inherited(terms))

    def channels_of(self, kind: Kind) -> tuple[str, ...]:
        """Return how messages of a kind go out; mail and web push where nobody chose."""
        return tuple(self.channels.get(kind.name, DEFAULT))

    def ways_to(self, person: User, kind: Kind) -> tuple[str, ...]:
        """Return how messages of a kind reach a person, by mail where no other way leads to them.

        Web push reaches whoever turned it on, Causeway's own pages the organization's members, a webhook is set up or none.
        """
        ways = tuple(way for way in self.channels_of(kind) if self._leads_to(person, way))
        return ways or (MAIL,)

    def reads_notices(self, person: User) -> bool:
        """Whether the person has a page of notices in this organization: its members do, people of partners do not."""
        return person.pk in self._members

    def _leads_to(self, person: User, way: str) -> bool:
        if way == PUSH:
            return person.takes_push
        if way == IN_APP:
            return self.reads_notices(person)
        return way != WEBHOOK or self._has_webhook

    @cached_property
    def _members(self) -> frozenset[UUID]:
        return frozenset(Membership.objects.active().values_list("user_id", flat=True))

    @cached_property
    def _has_webhook(self) -> bool:
        return WebhookEndpoint.standing() is not None

    def goes_alone(self, kind: Kind) -> bool:
        """Whether a message of this kind waits for no digest."""
        return kind.apart or kind.urgent or kind.name in self.urgent

    def clean(self) -> None:
        """Raise ValidationError for steps that make no ladder, and ways that are none."""
        if any(abs(step) > FARTHEST for step in self.ladder):
            raise ValidationError({"ladder": f"A step lies at most {FARTHEST} working days from the due date."})
        if not self.ladder:
            raise ValidationError({"ladder": "Name at least one step."})
        for name in ("manager_after", "sponsor_after"):
            if not 1 <= getattr(self, name) <= FARTHEST:
                raise ValidationError({name: f"Give a number from 1 to {FARTHEST}."})
        if self.sponsor_after < self.manager_after:
            raise ValidationError({"sponsor_after": "The sponsor hears after the manager, not before."})
        for name, words in rules.mistakes({"expiry": self.expiry, "sla": self.sla}).items():
            raise ValidationError({name: f"This {words}."})
        if not set(self.binding) <= set(RULES):
            raise ValidationError({"binding": "Choose among the rules of this policy."})
        for ways in self.channels.values():
            if not ways or not set(ways) <= CHANNELS.keys():
                raise ValidationError({"channels": "Choose at least one way for each kind."})

    @classmethod
    @transaction.atomic
    def change(cls, *, by: Actor, **values: Any) -> "ReminderPolicy":
        """Set these fields; nothing happens where they say what they said. Raise ValidationError, naming the field.

        Reminders that wait for their day move to the new hour; new steps and ways come with the planning that follows
        from the event.
        """
        from notices.models.reminder import Reminder

        cls.objects.bulk_create([cls(organization_id=_scope())], ignore_conflicts=True)
        policy: ReminderPolicy = cls.objects.select_for_update(no_key=True, of=("self",)).get()
        if "ladder" in values:
            values["ladder"] = sorted(set(values["ladder"]))
        if "expiry" in values:
            values["expiry"] = sorted(set(values["expiry"]), reverse=True)
        changed = {name: value for name, value in values.items() if getattr(policy, name) != value}
        if not changed:
            return policy
        before = {name: str(getattr(policy, name)) for name in changed}
        for name, value in changed.items():
            setattr(policy, name, value)
        policy.clean()
        policy.save(update_fields=sorted(changed))
        words = "; ".join(f"{name} from {before[name]} to {changed[name]}" for name in sorted(changed))
        record(audit.POLICY_CHANGED, by=by, subject=policy, changes=words)
        if {"digest_at", "quiet_from", "quiet_until"} & changed.keys():
            Reminder.retime(policy=policy)
        return policy


def _scope() -> Any:
    from tenancy.scope import current

    return current().organization_id
