"""Trainers and analysts of the leader, whom several hosts' sites want in the same weeks."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from accounts.models import Membership
from audit.actor import Actor
from audit.models.event import record
from onboarding.joint import audit
from onboarding.joint.models.place import JointPlace
from onboarding.plans.models.staged import WaveRefused
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel

ROLES = {"trainer": "Trainer", "analyst": "Integration analyst", "manager": "Implementation manager"}


class PlaceStaff(TenantModel):
    """One of the leader's people at one place: hours a week, from some weeks before go-live to some after."""

    place: Any = TenantForeignKey(JointPlace, on_delete=models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    role = models.CharField(max_length=8, choices=list(ROLES.items()))
    hours = models.PositiveSmallIntegerField(help_text="A week")
    weeks_before = models.PositiveSmallIntegerField(default=4)
    weeks_after = models.PositiveSmallIntegerField(default=2)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "place", "user", "role"], name="place_staff_once"),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=60), name="place_staff_hours"),
        ]

    @classmethod
    @transaction.atomic
    def give(
        cls, place: JointPlace, user: Any, *, role: str, hours: int, weeks_before: int, weeks_after: int, by: Actor
    ) -> "PlaceStaff":
        """Give a place hours of a person; the same again changes nothing.

        Raises WaveRefused for somebody who is not of the leader's people, and for hours or weeks out of range.
        """
        if not Membership.objects.active().filter(user=user).exists():
            raise WaveRefused("Only people of your own organization can be given to a site.")
        if role not in ROLES or not 1 <= hours <= 60 or not (0 <= weeks_before <= 26 and 0 <= weeks_after <= 26):
            raise WaveRefused("Give 1 to 60 hours a week, and at most 26 weeks before and after go-live.")
        wanted = {"hours": hours, "weeks_before": weeks_before, "weeks_after": weeks_after}
        place = JointPlace.locked(place.pk)
        standing: PlaceStaff | None = cls.objects.filter(place=place, user=user, role=role).first()
        if standing and {name: getattr(standing, name) for name in wanted} == wanted:
            return standing
        kept = standing or cls(place=place, user=user, role=role)
        for name, value in wanted.items():
            setattr(kept, name, value)
        if standing:
            kept.save(update_fields=list(wanted))
        else:
            kept.save(force_insert=True)
        record(audit.STAFFED, by=by, subject=kept, site=place.site, hours=hours, role=ROLES[role], user=str(user.pk))
        return kept

    @transaction.atomic
    def take_off(self, *, by: Actor) -> None:
        """Take the person off the place."""
        record(audit.UNSTAFFED, by=by, subject=self, site=self.place.site, user=str(self.user_id))
        self.delete()
