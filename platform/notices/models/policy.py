"""How an organization reminds its people."""

from datetime import time
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from notices import audit
from tenancy.models import TenantModel

LADDER = (-14, -7, -3, 0, 1, 3, 7)
FARTHEST = 60


def default_ladder() -> list[int]:
    """The steps of a new organization (domain.md, 10.1)."""
    return list(LADDER)


class ReminderPolicy(TenantModel):
    """One per organization; where there is none the defaults hold. Steps count working days from the due date."""

    ladder = ArrayField(models.SmallIntegerField(), default=default_ladder)
    manager_after = models.SmallIntegerField(default=3, help_text="Working days late; the implementation manager hears")
    sponsor_after = models.SmallIntegerField(default=7, help_text="Working days late; the sponsor hears")
    digest_at = models.TimeField(default=time(8))
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(7))
    weekly_digest = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="reminder_policy_once")]

    @classmethod
    def current(cls) -> "ReminderPolicy":
        """Return the policy of the organization in scope, or the defaults."""
        found: ReminderPolicy | None = cls.objects.first()
        return found or cls()

    def clean(self) -> None:
        """Raise ValidationError for steps that make no ladder."""
        if any(abs(step) > FARTHEST for step in self.ladder):
            raise ValidationError({"ladder": f"A step lies at most {FARTHEST} working days from the due date."})
        if not self.ladder:
            raise ValidationError({"ladder": "Name at least one step."})
        for name in ("manager_after", "sponsor_after"):
            if not 1 <= getattr(self, name) <= FARTHEST:
                raise ValidationError({name: f"Give a number from 1 to {FARTHEST}."})
        if self.sponsor_after < self.manager_after:
            raise ValidationError({"sponsor_after": "The sponsor hears after the manager, not before."})

    @classmethod
    @transaction.atomic
    def change(cls, *, by: Actor, **values: Any) -> "ReminderPolicy":
        """Set these fields; nothing happens where they say what they said. Raise ValidationError, naming the field.

        Reminders that wait for their day move to the new hour; new steps come with the next planning.
        """
        from notices.models.reminder import Reminder

        cls.objects.bulk_create([cls(organization_id=_scope())], ignore_conflicts=True)
        policy: ReminderPolicy = cls.objects.select_for_update(no_key=True, of=("self",)).get()
        if "ladder" in values:
            values["ladder"] = sorted(set(values["ladder"]))
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
