"""What ACCME and its like need to report a physician's credit (domain.md 6.2): never the year of birth."""

from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.models import TenantModel
from training.credentials import audit

DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class CreditDetails(TenantModel):
    """One person's own statement; without `may_report` nothing of it leaves."""

    history = False  # a birthday and a license number must be erasable; that they were saved stays in the log

    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    birth_month = models.PositiveSmallIntegerField()
    birth_day = models.PositiveSmallIntegerField()
    licensing_state = models.CharField(max_length=2)
    license_id = models.CharField(max_length=40)
    may_report = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="credit_details_once"),
            models.CheckConstraint(condition=Q(birth_month__range=(1, 12)), name="credit_details_month"),
            models.CheckConstraint(condition=Q(birth_day__range=(1, 31)), name="credit_details_day"),
        ]

    @classmethod
    @transaction.atomic
    def save_own(cls, user: User, *, by: Actor, **details: Any) -> "CreditDetails":
        """Keep what the person says of themselves; raise ValueError for a day that the month does not have.

        Raises PermissionError for anybody but the person.
        """
        if by.id != user.pk:
            raise PermissionError("Only the person themselves says this.")
        if not 1 <= details["birth_day"] <= DAYS[details["birth_month"] - 1]:
            raise ValueError("This month has no such day.")
        row = cls.objects.select_for_update(no_key=True).filter(user=user).first() or cls(user=user)
        if not row._state.adding and all(getattr(row, name) == value for name, value in details.items()):
            return row
        for name, value in details.items():
            setattr(row, name, value)
        row.save()
        record(audit.CREDIT_DETAILS_SAVED, by=by, subject=row)
        return row
