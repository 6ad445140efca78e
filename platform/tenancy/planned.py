"""Statements that the database plans once a connection and then only runs, with the values beside the text."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg import ClientCursor

_PLACE = re.compile("%%|%s")
_LENGTH = re.compile(r"\(.*?\)")


class Planned:
    """A connection whose cursors keep a statement's plan with the session, under its text.

    Where statements are written down (tests, DEBUG) they are sent with the values in them, so that they can be read.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> Any:
        """Return a cursor of the connection, as its own method does."""
        if self._connection.queries_logged:
            return self._connection.cursor()
        self._connection.ensure_connection()
        driver: Any = self._connection.connection
        usual, driver.cursor_factory = driver.cursor_factory, _Cursor
        try:
            return self._connection.cursor()
        finally:
            driver.cursor_factory = usual


class _Cursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, **{"prepare": True, **options})  # type: ignore[misc]  # the stubs do not know the driver


@contextmanager
def planned_once(using: str = DEFAULT_DB_ALIAS) -> Iterator[Any]:
    """Open a cursor whose statements are planned once a connection, whatever their values, to the end of the transaction.

    For what looks over every month of a long log: to plan over 77 partitions takes ten milliseconds, to run over them one.
    """
    with transaction.atomic(using=using), Planned(connections[using]).cursor() as cursor:
        cursor.execute("select set_config('plan_cache_mode', 'force_generic_plan', true)")
        yield cursor


def planned(compiler: Any, sql: str, parameters: Sequence[Any], places: Sequence[int | None]) -> str:
    """Return the statement of a compiler so that its plan serves every run, also after a migration.

    Values that are always the same (no place) stand in the text: a plan made for them may use partial indexes. Columns
    come without their length, because a plan is refused once a result is of another type than when it was made.
    """
    connection.ensure_connection()
    columns = [expression for expression, *_ in compiler.select[: compiler.col_count]]
    names = [f"c{number}" for number in range(len(columns))]
    picked = ", ".join(map(_picked, names, columns))
    return f"select {picked} from ({_inlined(sql, parameters, places)}) as q ({', '.join(names)})"  # noqa: S608


def _picked(name: str, column: Any) -> str:
    kind = column.output_field.db_type(connection) or ""
    free = _LENGTH.sub("", kind)
    return name if free == kind else f"{name}::{free}"


def _inlined(sql: str, parameters: Sequence[Any], places: Sequence[int | None]) -> str:
    cursor = ClientCursor(connection.connection)
    left = iter(zip(parameters, places, strict=True))

    def put(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%%"
        value, place = next(left)
        return "%s" if place is not None else cursor.mogrify("%s", [value]).replace("%", "%%")

    return _PLACE.sub(put, sql)
