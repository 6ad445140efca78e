"""How much time people have for onboarding."""

from typing import Any

from django.conf import settings
from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.plans import audit
from tenancy.models import TenantModel

USUAL_HOURS = 20
"""Hours a week where nothing else was said: half of a person's time."""


class Capacity(TenantModel):
    """Hours a week that one person has."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    hours = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="capacity_once"),
            models.CheckConstraint(condition=models.Q(hours__lte=60), name="capacity_in_a_week"),
        ]

    @classmethod
    @transaction.atomic
    def set_hours(cls, user: Any, hours: int, *, by: Actor) -> "Capacity":
        """Say how many hours a week a person has; the same again changes nothing. Raises ValueError beyond 0 to 60."""
        if not 0 <= hours <= 60:
            raise ValueError("Give hours a week between 0 and 60.")
        standing: Capacity | None = cls.objects.filter(user=user).select_for_update(no_key=True, of=("self",)).first()
        if standing and standing.hours == hours:
            return standing
        kept = standing or cls(user=user)
        kept.hours = hours
        kept.save()
        record(audit.CAPACITY_SET, by=by, subject=kept, hours=hours, user=str(user.pk))
        return kept
