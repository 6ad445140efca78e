"""A person's own list of organizations: what sign-in, the switcher and every request's first question read."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.module_loading import import_string

from access.permissions import Permission, permissions_of
from tenancy.models import TenantModel
from tenancy.prepared import prepared
from tenancy.scope import current, scope


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
    sites = ArrayField(models.UUIDField(), default=list, help_text="The sites the person is limited to; empty: all")

    mine = MySeats()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="seat_once")]
        indexes = [models.Index(fields=["user"], name="queue_seat_by_user")]

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the person may do at home."""
        return permissions_of(self.roles, limited=bool(self.sites))

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Enter the organization as this person: all of it, or the sites they are limited to and the deployments there."""
        if not self.sites:
            with scope(self.organization_id):
                yield
            return
        with scope(self.organization_id):
            deployments = import_string(settings.DEPLOYMENTS_AT)(self.sites)
        with scope(self.organization_id, deployments, self.sites):
            yield

    def reached(self, deployments: Collection[UUID]) -> set[UUID]:
        """Return which of these are at the person's sites, in at most one statement; needs the organization's scope."""
        if not self.sites:
            return set(deployments)
        return set(deployments) & set(import_string(settings.DEPLOYMENTS_AT)(self.sites))

    @classmethod
    def here(cls, people: Collection[UUID]) -> "dict[UUID, Seat]":
        """Return the seats of these people in the organization in scope, by person."""
        found = cls.mine.filter(organization_id=current().organization_id, user_id__in=people)
        return {seat.user_id: seat for seat in found}

    @classmethod
    def of(cls, user_id: UUID) -> list["Seat"]:
        """Return the person's seats with their organizations, by name; needs `person_scope(user_id)`."""
        return _of(user_id)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organization_id}"


@prepared
def _of(user_id: UUID) -> models.QuerySet[Seat]:
    return Seat.mine.filter(user_id=user_id).select_related("organization").order_by("organization__name")
