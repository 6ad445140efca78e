"""Something that is said once, without a ladder of steps before and after a date."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from notices import times
from notices.kinds import Kind
from notices.models import Reminder, Wanted
from notices.reach import FALLS_TO_YOU, Hearers
from tenancy.models import Organization
from tenancy.scope import current


def say_once(
    what: Kind,
    subject: Any,
    people: Iterable[User],
    reason: str,
    *,
    step: str = "0",
    deployment_id: UUID | None = None,
    stand_in: bool = False,
) -> None:
    """Plan one reminder for each person on the day that it is for them; the same subject and step again on a day is as once.

    With `stand_in` it is somebody's matter in any case: where none of the people belongs here any more, those in charge hear.
    """
    listed = list(people)
    if stand_in:
        hearers = Hearers((person, deployment_id) for person in listed)
        heard = [person for person in listed if hearers.hears(person, deployment_id)]
        listed, reason = (heard, reason) if heard else (hearers.instead(deployment_id), FALLS_TO_YOU)
    home = Organization.objects.values_list("time_zone", flat=True).get(pk=current().organization_id)
    now = timezone.now()
    Reminder.schedule(
        Wanted(
            recipient=person,
            kind=what,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            step=step,
            on=times.day_at(now, person.time_zone, home),
            reason=reason,
            deployment_id=deployment_id,
        )
        for person in listed
    )
