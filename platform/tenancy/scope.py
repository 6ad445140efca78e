"""The scope: which organization's rows this code may touch, and of those which deployments and sites.

One context variable for the Python wall, three transaction-local settings for the database wall, always set together.
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
    """An organization, and what of it is open: all of it, a partner's deployments, or a member's sites."""

    organization_id: UUID
    deployments: frozenset[UUID] | None = None
    """The deployments that are open; None means every one."""
    sites: frozenset[UUID] | None = None
    """The sites that a member of the organization is limited to; None for everybody else."""

    @property
    def of_host(self) -> bool:
        """Whether one of the organization's own people or tasks is at work, and no partner."""
        return self.deployments is None or self.sites is not None


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
def scope(
    organization_id: UUID, deployments: Collection[UUID] | None = None, sites: Collection[UUID] | None = None
) -> Iterator[Scope]:
    """Enter an organization's scope inside a transaction; nested scopes restore the outer one on exit.

    `deployments` narrows a partner to what is shared with it; leave it out for the host's own people and tasks.
    `sites` narrows a member to places of care, and comes with the deployments there. Raises ValueError without them.
    """
    if sites is not None and deployments is None:
        raise ValueError("Whoever is limited to sites is limited to the deployments there.")
    inner = Scope(organization_id, *(None if ids is None else frozenset(ids) for ids in (deployments, sites)))
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
def supposed(wanted: Scope) -> Iterator[None]:
    """Let querysets be written as if in this scope; nothing may be run, for the database still stands in another."""
    token = _current.set(wanted)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def joined(deployment_id: UUID) -> Iterator[None]:
    """Open a deployment that is being planned: a member who is limited to sites plans at one of them.

    The site itself was read in scope, so it is theirs. Raises WrongScope for a partner, which plans nothing.
    """
    now = current()
    if not now.of_host:
        raise WrongScope("A partner does not plan deployments.")
    if now.deployments is None:
        yield
        return
    with scope(now.organization_id, now.deployments | {deployment_id}, now.sites):
        yield


@contextmanager
def person_scope(user_id: UUID) -> Iterator[None]:
    """Let the transaction see this person's own seats (accounts.Seat), whatever the organization."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user', %s, true)", [str(user_id)])
        yield
        if len(connection.atomic_blocks) > 1:  # with the outermost transaction it ends by itself
            with connection.cursor() as cursor:
                cursor.execute("select set_config('app.user', '', true)")


def _announce(wanted: Scope | None) -> None:
    organization, deployments, sites = "", "", ""
    if wanted is not None:
        organization, deployments = str(wanted.organization_id), _list(wanted.deployments)
        sites = _list(wanted.sites) if wanted.of_host else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.organization', %s, true), set_config('app.deployments', %s, true),"
            " set_config('app.sites', %s, true)",
            [organization, deployments, sites],
        )


def _list(ids: frozenset[UUID] | None) -> str:
    """Return ids as PostgreSQL writes an array; `*` for all of them."""
    return "*" if ids is None else "{" + ",".join(sorted(map(str, ids))) + "}"
