"""Whether a person takes an organization's digest."""

from datetime import date
from typing import Any

from django.db import models, transaction

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from notices import audit
from tenancy.models import TenantModel
from tenancy.scope import current


class DigestChoice(TenantModel):
    """One per person who ever chose; without a row the digests come, of the day and of the week.

    Messages that go out apart are not affected.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="+")
    stopped = models.BooleanField(default=False)
    paused_until = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="digest_choice_once")]

    def wants(self, day: date) -> bool:
        """Whether the digest of this day goes out."""
        return not self.stopped and (self.paused_until is None or day >= self.paused_until)

    @classmethod
    def stop(cls, user: User, *, by: Actor) -> None:
        """Send no more digests of this organization to the person."""
        cls._set(user, by, audit.DIGEST_STOPPED, {}, stopped=True, paused_until=None)

    @classmethod
    def resume(cls, user: User, *, by: Actor) -> None:
        """Send digests again."""
        cls._set(user, by, audit.DIGEST_RESUMED, {}, stopped=False, paused_until=None)

    @classmethod
    def pause(cls, user: User, until: date, *, by: Actor) -> None:
        """Send no digest before that day."""
        cls._set(user, by, audit.DIGEST_PAUSED, {"until": until.isoformat()}, stopped=False, paused_until=until)

    @classmethod
    @transaction.atomic
    def _set(cls, user: User, by: Actor, action: Any, data: dict[str, Any], **values: Any) -> None:
        cls.objects.bulk_create([cls(organization_id=current().organization_id, user=user)], ignore_conflicts=True)
        choice = cls.objects.select_for_update(no_key=True, of=("self",)).get(user=user)
        if all(getattr(choice, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(choice, name, value)
        choice.save(update_fields=list(values))
        record(action, by=by, subject=choice, **data)
