"""What reminders are about, for pages: the subjects as they are now, and the words they were sent under."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from notices import kinds
from notices.kinds import Description
from notices.models import Reminder

WAYS = {
    "snoozed": "You put it off until this day",
    "lapsed": "It lapsed the day before",
    "0": "On the day itself",
    "escalate-manager": "It is late and goes up to the implementation manager",
    "escalate-sponsor": "It is late and goes up to the sponsor",
}


def described(rows: Collection[Reminder]) -> dict[UUID, Description]:
    """Return what each reminder is about, by the reminder's id; what is done or gone is left out."""
    found: dict[UUID, Description] = {}
    for name in {row.kind for row in rows}:
        try:
            with transaction.atomic():
                about = kinds.find(name).describe({row.subject_id for row in rows if row.kind == name})
        except Exception:  # noqa: S112 - a kind that cannot tell must not take the page with it; the engine logs it
            continue
        found |= {row.pk: about[row.subject_id] for row in rows if row.kind == name and row.subject_id in about}
    return found


def named(rows: Collection[Reminder]) -> Iterable[tuple[Reminder, Description | None, str]]:
    """Yield each reminder with what it is about now and what it is called: as it was sent, else as it is now."""
    about = described(rows)
    for row in rows:
        now = about.get(row.pk)
        yield row, now, row.title or (str(now.title) if now else "")


def step_in_words(step: str) -> str:
    """Return what a step of the ladder means; other steps stand as they are."""
    if step in WAYS:
        return WAYS[step]
    number = step.lstrip("+-")
    if number.isdecimal() and step[0] in "+-":
        days = f"{number} working day{'' if number == '1' else 's'}"
        return f"{days} {'late' if step[0] == '+' else 'before it is due'}"
    return ""
