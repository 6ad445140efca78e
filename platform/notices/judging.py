"""Which reminders are still wanted when their moment has come: the last word before they are said."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from notices import kinds, times
from notices.channels import MAIL
from notices.kinds import Description
from notices.models import DigestChoice, Reminder, Suppression
from notices.reach import reachable
from tenancy.scope import scope

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""What was judged this long ago is judged again before anything more of it is said."""
Judged = TypeVar("Judged")


def today_of(row: Reminder) -> date:
    """Return the day that it is now for a reminder's person."""
    return times.day_at(timezone.now(), row.time_zone)


class Judgement:
    """What has to be known of many reminders, read for all of them together. Needs the organization's scope."""

    def __init__(self, rows: list[Reminder]) -> None:
        people = {row.recipient_id for row in rows}
        self.described, self.broken = _describe(rows)
        self._reachable = reachable((row.recipient_id, row.deployment_id) for row in rows)
        self._choices = {one.user_id: one for one in DigestChoice.objects.filter(user__in=people)}
        self._suppressed = Suppression.standing_for(people)

    def titles(self, rows: Iterable[Reminder]) -> dict[UUID, str]:
        """Return what each subject is called, by row."""
        return {row.pk: str(self.described[row.pk].title) for row in rows if row.pk in self.described}

    def unwanted(self, row: Reminder, day: date) -> str:
        """Return why a reminder is no longer wanted on a day, or nothing."""
        if row.pk not in self.described:
            return "It is done or gone."
        if not row.recipient.is_active or (row.recipient_id, row.deployment_id) not in self._reachable:
            return "The person does not belong here any more."
        choice = self._choices.get(row.recipient_id)
        in_digest = not row.apart or kinds.find(row.kind).digest
        if choice and row.channel == MAIL and in_digest and not choice.wants(day):
            return "The person stopped or paused the digest."
        return ""

    def kept_back(self, row: Reminder) -> str:
        """Return why nothing is sent to the person's address, or nothing."""
        for one in self._suppressed.get(row.recipient_id, []):
            if one.keeps_back(row.kind, apart=row.apart):
                return one.sentence
        return ""

    def left_out(self, rows: Iterable[Reminder], day: Callable[[Reminder], date] = today_of) -> dict[UUID, str]:
        """Return why each row that would not go by its way on its day stays behind."""
        reasons = {
            row.pk: self.broken.get(row.pk)
            or self.unwanted(row, day(row))
            or (self.kept_back(row) if row.channel == MAIL else "")
            for row in rows
        }
        return {pk: reason for pk, reason in reasons.items() if reason}


def in_turn(
    organization_id: UUID, judged: Iterable[Judged], again: Callable[[list[Judged]], Iterable[Judged]]
) -> Iterator[Judged]:
    """Yield what was judged one by one, each as it is wanted when its turn comes: a slow server leaves time to finish work.

    `again` is given what is left, in the organization's scope, and returns it as it is judged now.
    """
    left, looked = deque(judged), time.monotonic()
    while left:
        if time.monotonic() - looked >= FRESH_SECONDS:
            with scope(organization_id):
                left = deque(again(list(left)))
            looked = time.monotonic()
        yield left.popleft()


def judge(rows: list[Reminder]) -> tuple[dict[UUID, Description], dict[UUID, str]]:
    """Return what each row would say on its day, and why those that would be left out are; by row. Needs the scope."""
    known = Judgement(rows)
    return known.described, known.left_out(rows, lambda row: row.on)


def _describe(rows: Iterable[Reminder]) -> tuple[dict[UUID, Description], dict[UUID, str]]:
    """Ask each kind about its subjects at once; where that fails one by one, so that only the broken ones stay behind."""
    described: dict[UUID, Description] = {}
    broken: dict[UUID, str] = {}
    by_kind: dict[str, list[Reminder]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    for name, theirs in by_kind.items():
        found = _ask(name, theirs)
        if isinstance(found, Exception):
            singly = {row.pk: _ask(name, [row]) for row in theirs}
        else:
            singly = dict.fromkeys((row.pk for row in theirs), found)
        for row in theirs:
            answer = singly[row.pk]
            if isinstance(answer, Exception):
                broken[row.pk] = f"{type(answer).__name__}: {answer}"
            elif row.subject_id in answer:
                described[row.pk] = answer[row.subject_id]
    return described, broken


def _ask(name: str, rows: list[Reminder]) -> Mapping[UUID, Description] | Exception:
    try:
        with transaction.atomic():
            return kinds.find(name).describe({row.subject_id for row in rows})
    except Exception as error:
        log.exception("the kind %s could not describe %s subjects", name, len(rows))
        return error
