"""The closed list of fact kinds. Each app declares its own in `facts.py`."""

from dataclasses import dataclass
from datetime import timedelta


class UnknownKind(LookupError):
    """A fact or a criterion names a kind that no app declares."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be stated: name, what it is about, the type of its value, who states it and how long it stays fresh."""

    name: str
    says: str
    """One line for the generated page of the docs."""
    subject: str
    value_type: type
    source: str
    fresh_for: timedelta | None = None
    unit: str = ""
    page: str = ""
    """The page of a deployment where it is made true, by the name of its address below `org:`."""
    private: bool = False
    """Whether it is money: kept without its deployment, so that no partner reads it, and shown to who may read contracts."""


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    says: str,
    *,
    subject: str,
    value_type: type,
    source: str,
    fresh_for: timedelta | None = None,
    unit: str = "",
    page: str = "",
    private: bool = False,
) -> Kind:
    """Declare a kind; raise ValueError if the name is taken."""
    if name in _kinds:
        raise ValueError(f"The fact kind {name} is declared twice.")
    _kinds[name] = Kind(name, says, subject, value_type, source, fresh_for, unit, page, private)
    return _kinds[name]


def find(name: str) -> Kind:
    """Return the kind of that name; raise UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"No app declares the fact kind {name}.") from None


def unit_of(name: str) -> str:
    """Return the unit of a kind, or nothing for a name that no app declares."""
    found = _kinds.get(name)
    return found.unit if found else ""


def fresh_for(name: str) -> timedelta | None:
    """Return how long a statement of that kind stays fresh; None: for good, or a name that no app declares."""
    found = _kinds.get(name)
    return found.fresh_for if found else None


def private_names() -> list[str]:
    """Return the names of the kinds that are money, and shown to nobody who may not read contracts."""
    return [name for name in sorted(_kinds) if _kinds[name].private]


def every() -> list[Kind]:
    """Return all kinds by name."""
    return [_kinds[name] for name in sorted(_kinds)]
