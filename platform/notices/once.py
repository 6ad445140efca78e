"""Something that is said once, without a ladder of steps before and after a date."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from notices.kinds import Kind
from notices.models import Reminder, Wanted


def say_once(
    what: Kind, subject: Any, people: Iterable[User], reason: str, *, step: str = "0", deployment_id: UUID | None = None
) -> None:
    """Plan one reminder for each person today; the same subject and step again on a day is as once."""
    Reminder.schedule(
        Wanted(
            recipient=person,
            kind=what,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            step=step,
            on=timezone.localdate(),
            reason=reason,
            deployment_id=deployment_id,
        )
        for person in people
    )
