"""A person's own list of organizations: what sign-in, the switcher and every request's first question read."""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenancy.models import TenantModel


class MySeats(models.Manager["Seat"]):
    """Seats as their person reads them: across organizations, under `tenancy.scope.person_scope`."""


class Seat(TenantModel):
    """The projection of a membership, keyed by person; its policy lets a person read their own, whatever the scope.

    Written only by Membership's verbs, in the same transaction: a removal takes effect at the next request.
    """

    history = False
    extra_select_policies: ClassVar[dict[str, str]] = {
        "own": "user_id = (select nullif(current_setting('app.user', true), '')::uuid)",
    }

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, db_index=False, related_name="+")
    membership_id = models.UUIDField()
    roles = ArrayField(models.CharField(max_length=24))

    mine = MySeats()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="seat_once")]
        indexes = [models.Index(fields=["user"], name="queue_seat_by_user")]

    @classmethod
    def of(cls, user_id: UUID) -> list["Seat"]:
        """Return the person's seats with their organizations, by name; needs `person_scope(user_id)`."""
        return list(cls.mine.filter(user_id=user_id).select_related("organization").order_by("organization__name"))

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organization_id}"
