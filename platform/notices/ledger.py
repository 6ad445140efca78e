"""Finding messages: by whom they are to, what they are about, what became of them, their kind and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from notices.models import Reminder
from notices.models.reminder import ReminderQuerySet, State
from notices.returns import read_message_id

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; "" and None narrow nothing."""

    to: str = ""
    about: str = ""
    """Words of the subject's name as it was sent, its id, or a Message-ID."""
    state: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Search":
        """Read query parameters; nonsense narrows nothing."""
        words = {name: given.get(name, "").strip()[:LONGEST] for name in ("to", "about", "state", "kind")}
        if words["state"] not in State.values:
            words["state"] = ""
        return cls(**words, since=read_day(given.get("since", "")), until=read_day(given.get("until", "")))

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return self != Search()

    def rows(self) -> ReminderQuerySet:
        """Return what was or should have been said by now; planned ones only where they are asked for."""
        found: ReminderQuerySet = Reminder.objects.all()
        found = found.filter(state=self.state) if self.state else found.filter(due_at__lte=timezone.now())
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.to:
            person = Q(recipient__email__icontains=self.to) | Q(recipient__name__icontains=self.to)
            found = found.filter(person | Q(sent_to__icontains=self.to))
        if self.about:
            found = found.filter(_about(self.about))
        zone = timezone.get_current_timezone()
        if self.since:
            found = found.filter(due_at__gte=datetime.combine(self.since, time(), zone))
        if self.until:
            found = found.filter(due_at__lt=datetime.combine(self.until, time(), zone) + timedelta(days=1))
        return found


def _about(words: str) -> Q:
    copy = read_message_id(words)
    if copy:
        return Q(message=copy.message)
    try:
        return Q(subject_id=UUID(words))
    except ValueError:
        return Q(title__icontains=words)


def read_day(text: str) -> date | None:
    """Return the day that a text names; None for nonsense and days out of reach."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if date(1970, 1, 2) <= day <= datetime(9000, 1, 1, tzinfo=UTC).date() else None
