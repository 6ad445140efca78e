"""Queries that every page asks, compiled once.

Django writes the SQL of a queryset anew each time it is run, which for a page's dozen statements is half of their cost.
A prepared query is written once a process, with markers where values differ, and run with the values in their places;
the database plans it once a connection (`tenancy/planned.py`).

Both walls stand. It is written in the scope of a marker, so that no organization's id can be left in it, and run with the
organization in scope; outside any scope it refuses as its queryset does. Whoever reaches only some deployments has it
written anew each time: what they reach is part of the SQL.
"""

from collections.abc import Callable
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import update_wrapper
from typing import Any, NoReturn
from uuid import UUID, uuid4

from django.db import connection, connections
from django.db.models import QuerySet

from tenancy.planned import Planned, planned, planned_once
from tenancy.scope import Scope, current_or_none, supposed

Value = UUID | date | str


class prepared:  # noqa: N801 - a decorator
    """Makes of a function that returns a queryset one that returns its rows.

    The function must be nothing but the queryset: all that may differ from one call to the next (today, who asks) is an
    argument, a UUID, a date or a text, and stands in the SQL as it is. Raises TypeError at the first call if one does not.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._written: dict[bool, _Written] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Value) -> list[Any]:
        """Return the rows for these values."""
        scope = current_or_none()
        if scope is not None and scope.deployments is not None:
            return list(self._build(*values))
        inside = scope is not None
        if inside not in self._written:
            self._written[inside] = _write(self._build, values, inside=inside)
        return self._written[inside].rows(values if scope is None else (*values, scope.organization_id))


def once(queryset: QuerySet[Any, Any]) -> list[Any]:
    """Return the rows of a queryset whose plan the database keeps for the next of the same text, whatever its values.

    Written anew each time, so it may be built of anything. For lists over every month of the log; inside a transaction.
    """
    compiler: Any = queryset.query.get_compiler(queryset.db)
    sql, parameters = compiler.as_sql()
    places = tuple(range(len(parameters)))
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    text = planned(compiler, sql, parameters, places)
    with planned_once(queryset.db):
        return _Written(queryset, compiler, text, places, compiler.get_converters(columns)).rows(parameters)


@dataclass(frozen=True, slots=True)
class _Written:
    """A queryset with its SQL, and where each value stands among the parameters."""

    queryset: Any
    compiler: Any
    sql: str
    places: tuple[int, ...]
    """For each parameter the value that belongs there."""
    converters: Any
    """How the compiler turns columns into Python's values."""

    def rows(self, values: tuple[Value, ...]) -> list[Any]:
        filled = tuple(values[place] for place in self.places)
        compiler = copy(self.compiler)
        compiler.connection = Planned(connections[compiler.using])
        compiler.as_sql = lambda *args, **options: (self.sql, filled)
        compiler.get_converters = lambda columns: self.converters
        query = copy(self.queryset.query)
        query.get_compiler = lambda *args, **options: compiler
        again = type(self.queryset)(model=self.queryset.model, query=query, using=compiler.using)
        again._iterable_class, again._fields = self.queryset._iterable_class, self.queryset._fields
        return list(again)


def _write(build: Callable[..., QuerySet[Any, Any]], values: tuple[Value, ...], *, inside: bool) -> _Written:
    """Write it twice with other markers: whatever is not the same then is made of a value and would never change again."""
    once, again = (_with_markers(build, values, inside=inside, turn=turn) for turn in (1, 2))
    if (once.sql, once.places) != (again.sql, again.places):
        raise TypeError(f"{build.__qualname__}: something that differs does not stand in the SQL as it is.")
    if forgotten := set(range(len(values))).difference(once.places):
        raise TypeError(f"{build.__qualname__}: argument {min(forgotten) + 1} does not stand in the SQL.")
    if once.queryset._prefetch_related_lookups:
        raise TypeError(
            f"{build.__qualname__}: what is prefetched is written anew each time, so nothing would be saved."
        )
    return once


def _with_markers(
    build: Callable[..., QuerySet[Any, Any]], values: tuple[Value, ...], *, inside: bool, turn: int
) -> _Written:
    markers = [_marker(value, number, turn) for number, value in enumerate(values)]
    organization = uuid4()
    with supposed(Scope(organization)) if inside else nullcontext(), connection.execute_wrapper(_refuse):
        queryset = build(*markers)
        compiler: Any = queryset.query.get_compiler(queryset.db)
        sql, parameters = compiler.as_sql()
    if inside:
        markers.append(organization)
    places = tuple(
        next((place for place, marker in enumerate(markers) if type(marker) is type(one) and marker == one), None)
        for one in parameters
    )
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    return _Written(
        queryset,
        compiler,
        planned(compiler, sql, parameters, places),
        tuple(place for place in places if place is not None),
        compiler.get_converters(columns),
    )


def _marker(value: Value, number: int, turn: int) -> Value:
    """Return a value of the same kind that nothing else in a query equals."""
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, date):
        return date.max - timedelta(days=number + 1000 * turn)
    return f"marker {uuid4()}"


def _refuse(*args: Any) -> NoReturn:
    raise TypeError("A prepared query must not ask the database while it is written.")
