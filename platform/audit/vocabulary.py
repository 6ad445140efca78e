"""The closed vocabulary of events. Each app declares its own in `audit.py`; an unknown name cannot be recorded."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.dateformat import format as date_format

DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


class UnknownAction(LookupError):
    """An event was recorded, or a reaction declared, under a name that no app declares."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happened, named `subject.verbed`, and the sentence a person reads.

    The sentence follows the actor's name ("completed {title}"); its fields come from the event's data.
    """

    name: str
    sentence: str
    reads: bool = False
    """Whether somebody saw a sensitive paper and changed nothing: what the read log is made of."""
    words: Mapping[str, Callable[[str], str]] = field(default_factory=dict, compare=False)
    """For a field of the data that holds a name of the program: what people call it."""

    def read(self, data: dict[str, object]) -> str:
        """Return the sentence with the event's data filled in, days as people write them ("15 Jan 2027").

        A field that the data lacks reads as a dash.
        """
        told = {name: _said(value) for name, value in data.items()}
        told |= {name: say(str(data[name])) for name, say in self.words.items() if name in data}
        return self.sentence.format_map(_Dashes(told))


class _Dashes(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"


def _said(value: object) -> object:
    if not (isinstance(value, str) and DAY.match(value)):
        return value
    try:
        return date_format(date.fromisoformat(value), "j M Y")
    except ValueError:
        return value  # digits like a day's, in something a person wrote


_actions: dict[str, Action] = {}


def action(
    name: str, sentence: str, *, reads: bool = False, words: Mapping[str, Callable[[str], str]] | None = None
) -> Action:
    """Declare an action; raise ValueError if the name is taken."""
    if name in _actions:
        raise ValueError(f"The action {name} is declared twice.")
    _actions[name] = Action(name, sentence, reads, words or {})
    return _actions[name]


def find(name: str) -> Action:
    """Return the action of that name; raise UnknownAction."""
    try:
        return _actions[name]
    except KeyError:
        raise UnknownAction(f"No app declares the action {name}.") from None


def every() -> list[Action]:
    """Return all actions by name."""
    return [_actions[name] for name in sorted(_actions)]


def readings() -> list[str]:
    """Return the names of the actions by which somebody only saw something."""
    return [one.name for one in every() if one.reads]
