"""The scope: which organization's rows this code may touch, and of those which deployments.

One context variable for the Python wall, two transaction-local settings for the database wall, always set together.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction


class NoScope(RuntimeError):
    """Tenant data was touched outside any organization's scope."""


class WrongScope(RuntimeError):
    """A row of one organization was written inside the scope of another."""


@dataclass(frozen=True, slots=True)
class Scope:
    """An organization, and the deployments visible in it; None means every deployment (a member of the host)."""

    organization_id: UUID
    deployments: frozenset[UUID] | None = None

    @property
    def of_host(self) -> bool:
        """Whether the whole organization is open, not only shared deployments."""
        return self.deployments is None


_current: ContextVar[Scope | None] = ContextVar("causeway_scope", default=None)


def current() -> Scope:
    """Return the scope in force; raise NoScope outside any."""
    found = _current.get()
    if found is None:
        raise NoScope("Tenant data needs an organization: enter `with scope(organization_id):` first.")
    return found


def current_or_none() -> Scope | None:
    """Return the scope in force, or None."""
    return _current.get()


@contextmanager
def scope(organization_id: UUID, deployments: Collection[UUID] | None = None) -> Iterator[Scope]:
    """Enter an organization's scope inside a transaction; nested scopes restore the outer one on exit.

    `deployments` narrows a partner to what is shared with it; leave it out for the host's own people and tasks.
    """
    inner = Scope(organization_id, None if deployments is None else frozenset(deployments))
    outer = _current.get()
    token = _current.set(inner)
    try:
        with transaction.atomic():
            _announce(inner)
            yield inner
            # A released savepoint would keep the inner tenant: hand the transaction back as it was.
            if len(connection.atomic_blocks) > 1:
                _announce(outer)
    finally:
        _current.reset(token)


@contextmanager
def person_scope(user_id: UUID) -> Iterator[None]:
    """Let the transaction see this person's own seats (accounts.Seat), whatever the organization."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user', %s, true)", [str(user_id)])
        yield
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user', '', true)")


def _announce(wanted: Scope | None) -> None:
    organization = str(wanted.organization_id) if wanted else ""
    if wanted is None:
        deployments = ""
    elif wanted.deployments is None:
        deployments = "*"
    else:
        deployments = "{" + ",".join(sorted(map(str, wanted.deployments))) + "}"
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.organization', %s, true), set_config('app.deployments', %s, true)",
            [organization, deployments],
        )
