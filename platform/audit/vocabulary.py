"""The closed vocabulary of events. Each app declares its own in `audit.py`; an unknown name cannot be recorded."""

from dataclasses import dataclass


class UnknownAction(LookupError):
    """An event was recorded, or a reaction declared, under a name that no app declares."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happened, named `subject.verbed`, and the sentence a person reads.

    The sentence follows the actor's name ("completed {title}"); its fields come from the event's data.
    """

    name: str
    sentence: str

    def read(self, data: dict[str, object]) -> str:
        """Return the sentence with the event's data filled in; a field that the data lacks reads as a dash."""
        return self.sentence.format_map(_Dashes(data))


class _Dashes(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"


_actions: dict[str, Action] = {}


def action(name: str, sentence: str) -> Action:
    """Declare an action; raise ValueError if the name is taken."""
    if name in _actions:
        raise ValueError(f"The action {name} is declared twice.")
    _actions[name] = Action(name, sentence)
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
