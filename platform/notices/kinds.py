"""The closed list of what a message can be about. Each app declares its own in `notices.py`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.functional import lazy
from django.utils.translation import gettext

from accounts.models import User


class UnknownKind(LookupError):
    """A reminder names a kind that no app declares."""


@dataclass(frozen=True, slots=True)
class Description:
    """One subject as a message shows it. Never patient data: it goes out by mail."""

    title: str
    detail: str
    """One quiet line: "#22 · Measurewell at Riverbend"."""
    path: str
    """The address inside the product, beginning with a slash; it asks for sign-in."""
    due_on: date | None = None
    lines: tuple[tuple[str, str], ...] = ()
    """Further lines for a message of its own: (text, path or "")."""


Describe = Callable[[Collection[UUID]], Mapping[UUID, Description]]
PrivatePaths = Callable[[Collection[UUID]], Mapping[UUID, str]]


def no_private_paths(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return none: the address of the description is for everybody who may see it."""
    return {}


DUE, AHEAD, EXPIRY, WEEKLY, MONTHLY = "due", "ahead", "expiry", "weekly", "monthly"
"""How a kind is planned: around a due date, up to a day and not after it, before something expires, every week since a day,
on each first of a month."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a message is about, and how its subjects are described.

    `describe` takes ids and runs in the organization's scope just before sending. A subject it leaves out needs no
    message any more: its reminder is cancelled. `apart` messages go out alone; all others wait for the day's digest.
    `urgent` ones do not wait for the digest's hour or the end of quiet hours either: somebody must act within minutes.
    """

    name: str
    title: str
    describe: Describe
    apart: bool = False
    urgent: bool = False
    template: str = "notices/mail/reminder"
    private_paths: PrivatePaths = no_private_paths
    """Addresses that take the place of the description's in the message to the recipient, and are shown nowhere else:
    links that prove who holds them. Only for a kind whose subject concerns one person."""
    ladder: str = DUE
    sla: int | None = None
    """Working days in which it is answered, for what has no due date of its own; the policy may say another number."""
    digest: bool = False
    """A digest of its own: it can be stopped from any mail program, and whoever stopped digests gets none."""


ReplyTo = Callable[[User, UUID], str]
"""Where a person answers a message about a subject: an address, or "" where there is none."""
Waiting = Callable[[Collection[UUID]], Mapping[UUID, int]]
"""How many things of each of these people are blocked by others, for one line at the end of the digest."""
_kinds: dict[str, Kind] = {}
_waiting: list[Waiting] = []
_answers: dict[str, ReplyTo] = {}


def kind(
    name: str,
    title: str,
    *,
    describe: Describe,
    apart: bool = False,
    urgent: bool = False,
    template: str = "notices/mail/reminder",
    private_paths: PrivatePaths = no_private_paths,
    ladder: str = DUE,
    sla: int | None = None,
    digest: bool = False,
) -> Kind:
    """Declare a kind; raise ValueError if the name is taken."""
    if name in _kinds:
        raise ValueError(f"The reminder kind {name} is declared twice.")
    _kinds[name] = Kind(name, title, describe, apart, urgent, template, private_paths, ladder, sla, digest)
    return _kinds[name]


def find(name: str) -> Kind:
    """Return the kind of that name; raise UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"No app declares the reminder kind {name}.") from None


def every() -> list[Kind]:
    """Return all kinds by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def with_sla() -> list[Kind]:
    """Return the kinds that are answered within some working days, by title."""
    return sorted((kind for kind in every() if kind.sla is not None), key=lambda kind: kind.title)


def answered_at(name: str, address: ReplyTo) -> None:
    """Let messages of a kind be answered by mail; only those that go out alone are."""
    _answers[name] = address


def reply_address(name: str, person: User, subject_id: UUID) -> str:
    """Return where a person answers a message of a kind, "" where nobody reads an answer."""
    found = _answers.get(name)
    return found(person, subject_id) if found else ""


def waiting_for_others(count: Waiting) -> Waiting:
    """Declare what counts things that are blocked by others; it runs in the organization's scope."""
    _waiting.append(count)
    return count


def blocked_by_others(people: Collection[UUID]) -> dict[UUID, int]:
    """Return how many things of each of these people wait for others, who were reminded instead."""
    found: dict[UUID, int] = {}
    for count in _waiting:
        for person, number in count(people).items():
            found[person] = found.get(person, 0) + number
    return found


def said(sentence: str, **values: str) -> str:
    """Return a sentence that is said when it is written, in its reader's language: one description goes to many."""
    return lazy(lambda: gettext(sentence) % values, str)()
