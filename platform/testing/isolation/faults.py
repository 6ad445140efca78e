"""Faults of the kinds that leak, planted one by one: a suite that does not catch them proves nothing."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

import tenancy.scope
from accounts.models import User
from notices import unsubscribe
from notices.web.views import unsubscribe as unsubscribe_view
from tenancy.models import Organization, Site
from tenancy.scope import NoScope, Scope, scope
from tenancy.tasks import AfterCommitTask
from testing import databases
from testing.isolation.homes import Home
from testing.isolation.modes import BOTH, DATABASE, PYTHON, mode
from testing.isolation.suite import Suite

Plant = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the addresses that show it, and the modes in which it can be seen: a wall behind it may hold."""

    name: str
    plant: Plant
    only: str
    modes: tuple[str, ...]

    def caught(self, homes: list[Home], reach: Any, database: str) -> str:
        """Return what the suite said in the modes where the fault shows; empty if it was silent in one of them."""
        said = []
        for name in self.modes:
            with mode(name, database), self.plant(database):
                result = Suite(homes, reach, self.only).run()
            if not result.leaks:
                return ""
            said.append(f"{name}: {result.leaks.total()} leaks of {result.requests} requests")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class TaskFault:
    """A task that forgets its scope: nothing may come of it, whichever wall is left."""

    name: str

    def caught(self, homes: list[Home], reach: Any, database: str) -> str:
        """Return how each wall stopped it."""
        said = []
        for name in (BOTH, PYTHON, DATABASE):
            with mode(name, database):
                try:
                    seen = list(_forgetful.run())
                except NoScope:
                    said.append(f"{name}: refused")
                    continue
            if seen:
                return ""
            said.append(f"{name}: saw nothing")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class StickyScope:
    """The organization set for the session instead of the transaction: a pooled connection hands it to the next user."""

    name: str

    def caught(self, homes: list[Home], reach: Any, database: str) -> str:
        """Return what a task without scope sees on a connection that was used before; soundly, nothing."""
        with mode(DATABASE, database):
            before = self._left_behind(homes[0])
            with _attribute(tenancy.scope, "_announce", _announce_for_the_session)(database):
                after = self._left_behind(homes[0])
            connection.close()
        return f"{DATABASE}: {len(after)} rows left open" if after and not before else ""

    @staticmethod
    def _left_behind(home: Home) -> list[str]:
        with scope(home.organization.pk):
            pass
        return list(_forgetful.run())


def _announce_for_the_session(found: Scope | None) -> None:
    if found is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('app.organization', %s, false), set_config('app.deployments', '*', false)",
                [str(found.organization_id)],
            )


class _Forgetful(AfterCommitTask):
    name = "isolation.forgetful"

    def run(self) -> list[str]:
        return list(Site.objects.values_list("name", flat=True))


_forgetful = _Forgetful()


def _pattern(wanted: str, patterns: Any = None, namespace: str = "") -> URLPattern:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            try:
                return _pattern(wanted, pattern.url_patterns, inner)
            except LookupError:
                continue
        elif f"{namespace}{pattern.name}" == wanted:
            return pattern
    raise LookupError(wanted)


def _view(name: str, make: Callable[[Any], Any]) -> Plant:
    """Replace a view by what `make` makes of it."""

    @contextmanager
    def plant(database: str) -> Iterator[None]:
        pattern = _pattern(name)
        sound = pattern.callback
        pattern.callback = make(sound)
        try:
            yield
        finally:
            pattern.callback = sound
            cache.clear()

    return plant


def _sql(statement: str, undo: str) -> Plant:
    """Change the database as its administrator, and change it back."""

    @contextmanager
    def plant(database: str) -> Iterator[None]:
        url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(statement)
            try:
                yield
            finally:
                connection.close()
                administrator.execute(undo)

    return plant


def _attribute(owner: Any, name: str, faulty: Any) -> Plant:
    """Replace a function of a module by a faulty one."""

    @contextmanager
    def plant(database: str) -> Iterator[None]:
        sound = getattr(owner, name)
        setattr(owner, name, faulty)
        try:
            yield
        finally:
            setattr(owner, name, sound)

    return plant


def _together(*plants: Plant) -> Plant:
    """Plant several faults as one: where there are two defenses, one alone shows nothing."""

    @contextmanager
    def plant(database: str) -> Iterator[None]:
        with ExitStack() as stack:
            for one in plants:
                stack.enter_context(one(database))
            yield

    return plant


def _unbound(token: str, organization: Organization) -> UUID:
    return UUID(signing.loads(token, salt=unsubscribe.SALT)[1])


def _rows(statement: str, *values: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return "\n".join(str(row) for row in cursor.fetchall())


def _unscoped_export(sound: Any) -> Any:
    def export(request: HttpRequest, **arguments: Any) -> HttpResponse:
        answer = sound(request, **arguments)
        return HttpResponse(_rows("select name from tenancy_site")) if answer.status_code == 200 else answer

    return export


def _raw_by_id(sound: Any) -> Any:
    def show(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
        return HttpResponse(_rows("select id, name from tenancy_site where id = %s", site))

    return show


def _cached_without_organization(sound: Any) -> Any:
    def cached(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if (known := cache.get("sites")) is not None:
            return HttpResponse(known)
        answer: HttpResponse = sound(request, **arguments)
        if answer.status_code == 200:
            cache.set("sites", answer.content)
        return answer

    return cached


FAULTS: list[Fault | TaskFault | StickyScope] = [
    Fault("export unscoped", _view("org:imports:rows", _unscoped_export), "imports:rows", (PYTHON,)),
    Fault("row read by id in raw SQL", _view("org:sites:show", _raw_by_id), "sites:show", (PYTHON,)),
    Fault("cache key without organization", _view("org:sites:list", _cached_without_organization), "sites:list", (BOTH, PYTHON, DATABASE)),
    Fault(
        "row-level security off",
        _sql("alter table tenancy_site disable row level security", "alter table tenancy_site enable row level security"),
        "sites:", (DATABASE,),
    ),
    Fault(
        "policy with or true",
        _sql("create policy more on tenancy_site using (true)", "drop policy more on tenancy_site"),
        "sites:", (DATABASE,),
    ),
    Fault(
        "link unbound, and nobody asks whether its person takes part",
        _together(
            _attribute(unsubscribe, "read", _unbound),
            _attribute(unsubscribe_view, "with_a_share", lambda person: User.objects.filter(pk=person)),
        ),
        "unsubscribe", (BOTH, PYTHON, DATABASE),
    ),
    TaskFault("task without scope"),
    StickyScope("SET without LOCAL"),
]  # fmt: skip
