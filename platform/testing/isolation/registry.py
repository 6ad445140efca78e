"""What the suite must be told about each address: how to fill it for a tenant. An address nobody filled in fails the run.

Each app does so in `<app>/tests/isolation.py`: `@builds` puts its objects into a tenant's lanes, `operation(...)` says
how an address is called with them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tenancy.ids import uuid7

Values = Mapping[str, Any]
Filler = Callable[[Values], dict[str, Any]]


@dataclass(slots=True)
class Lane:
    """A tenant's objects around one deployment, by name; every text in it carries the token."""

    token: str
    things: dict[str, Any] = field(default_factory=dict)


class Missing(Mapping[str, Any]):
    """A lane like another whose ids belong to nothing."""

    def __init__(self, lane: Values) -> None:
        # Two names of one thing stay two names of one thing.
        made = {thing: uuid7() for thing in lane.values() if isinstance(thing, UUID)}
        self._things = {name: made[thing] if isinstance(thing, UUID) else thing for name, thing in lane.items()}

    def __getitem__(self, name: str) -> Any:
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)


@dataclass(frozen=True, slots=True)
class Operation:
    """How one address is called. `path`, `body` and `query` take a lane's things."""

    name: str
    path: Filler
    body: Filler | None = None
    """The body of a POST that a person with the right may send; None where the address takes none."""
    query: Filler | None = None
    get: bool = True
    """Whether the address answers GET."""
    api: bool = False
    """Whether it is called with JSON, by tokens too, and refuses query parameters that it does not know."""
    never_succeeds: str = ""
    """Why no request of the suite can succeed."""
    lends_eyes: bool = False
    """Whether a signed link shows whoever holds it what its owner sees of the tenant, all of which is its own."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that answer somebody with success."""
        return (*(("GET",) if self.get else ()), *(("POST",) if self.body is not None else ()))


@dataclass(frozen=True, slots=True)
class Builder:
    """Puts an app's objects into a lane."""

    order: int
    build: Callable[[Any, Lane], None]


_operations: dict[str, Operation] = {}
_public: dict[str, Operation] = {}
_builders: dict[str, Builder] = {}
# Sign-in, the operators' admin and pages of no organization: other tests hold those.
OUTSIDE = ("account_", "mfa_", "usersessions_", "admin:", "accounts:")
OUTSIDE_NAMES = {
    "appearance",
    "offline",
    "robots",
    "livez",
    "readyz",
    "metrics",
    "favicon",
    "components",
    "mailbox",
    "mailbox_message",
    "mailbox_html",
    "mail_hook",
    "reminded",
    "push_on",
    "push_off",
    "push_test",
    "push_worker",
}


API = "o/<slug:org>/api/v1/"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def nothing(lane: Values) -> dict[str, Any]:
    """Fill nothing in."""
    return {}


def ids(*names: str) -> Filler:
    """Fill each path argument with the thing of the same name."""
    return lambda lane: {name: lane[name] for name in names}


def operation(name: str, path: Filler = nothing, **details: Any) -> None:
    """Say how an address below `/o/<org>/` is called; `name` is its full name in the URLconf."""
    if name in _operations:
        raise ValueError(f"The address {name} is filled in twice.")
    _operations[name] = Operation(name, path, **details)


def api(path: str, filler: Filler = nothing, **details: Any) -> None:
    """Say how an address of the API is called; `path` as the URLconf has it below `/o/<org>/api/v1/`."""
    operation(f"{API}{path}", filler, api=True, **details)


def public_link(name: str, path: Filler, **details: Any) -> None:
    """Say how a signed link is called, which carries its organization itself."""
    _public[name] = Operation(name, path, **details)


def builds(order: int) -> Callable[[Callable[[Any, Lane], None]], Callable[[Any, Lane], None]]:
    """Declare a function that puts an app's objects into a tenant's lane; lower orders come first."""

    def declare(function: Callable[[Any, Lane], None]) -> Callable[[Any, Lane], None]:
        _builders[f"{function.__module__}.{function.__name__}"] = Builder(order, function)
        return function

    return declare


def load() -> None:
    """Read every app's `tests/isolation.py`."""
    for config in apps.get_app_configs():
        if (Path(config.path) / "tests" / "isolation.py").exists():
            import_module(f"{config.name}.tests.isolation")


def builders() -> list[Builder]:
    """Return the builders in order."""
    return sorted(_builders.values(), key=lambda builder: builder.order)


def addresses(patterns: Any = None, namespace: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the route of every address of the product."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, inner, route)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else route, route


def address(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the address with its arguments; those of the API have no name but their route."""
    if name.startswith(API):
        return "/" + ARGUMENT.sub(lambda found: str(arguments[found[1]]), name)
    return reverse(name, kwargs=dict(arguments))


def operations() -> list[Operation]:
    """Return how to call every address inside organizations."""
    standing = {name for name, route in addresses() if route.startswith("o/")}
    return [found for name, found in sorted(_operations.items()) if name in standing]


def public_links() -> list[Operation]:
    """Return how to call every signed link."""
    standing = {name for name, _ in addresses()}
    return [found for name, found in sorted(_public.items()) if name in standing]


def unregistered() -> list[str]:
    """Return the addresses that nobody filled in."""
    found = []
    for name, route in addresses():
        if route.startswith("o/"):
            known = name in _operations or name in _public
        else:
            known = name in _public or name.startswith(OUTSIDE) or name in OUTSIDE_NAMES or route.startswith("admin/")
        if not known:
            found.append(f"{name} (/{route})")
    return sorted(set(found))
