"""The three modes: both walls, Python alone (a role that row-level security does not bind), the database alone (no guard)."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from tenancy import schema
from tenancy.guard import TenantManager
from testing import databases

BYPASS = f"causeway_isolation_{os.getpid()}"
BOTH, PYTHON, DATABASE = "both walls", "Python wall only", "database wall only"


@contextmanager
def mode(name: str, database: str) -> Iterator[None]:
    """Take a wall away, for as long as the block lasts."""
    if name == PYTHON:
        with _bypassing(database):
            yield
    elif name == DATABASE:
        with _unguarded():
            yield
    else:
        yield


@contextmanager
def _unguarded() -> Iterator[None]:
    guarded = TenantManager.get_queryset

    def unguarded(self: TenantManager[Any]) -> Any:
        return self._queryset_class(model=self.model, using=self._db)

    TenantManager.get_queryset = unguarded  # type: ignore[method-assign]
    try:
        yield
    finally:
        TenantManager.get_queryset = guarded  # type: ignore[method-assign]


@contextmanager
def _bypassing(database: str) -> Iterator[None]:
    password = secrets.token_urlsafe(24)
    connection = connections["default"]
    before = dict(connection.settings_dict)
    with _administrator(database) as administrator:
        _drop(administrator)
        administrator.execute(
            sql.SQL("create role {} login bypassrls password {}").format(sql.Identifier(BYPASS), sql.Literal(password))
        )
        administrator.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), sql.Identifier(BYPASS))
        )
        for statement in _grants():
            administrator.execute(statement)
    connection.close()
    connection.settings_dict |= {"USER": BYPASS, "PASSWORD": password}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
        with _administrator(database) as administrator:
            _drop(administrator)


def _grants() -> Iterator[str]:
    yield f"grant usage on schema public to {BYPASS}"
    yield f"grant usage on all sequences in schema public to {BYPASS}"
    for model in [*schema.tenant_models(), *schema.global_models()]:
        yield f'grant {", ".join(sorted(schema.grants(model)))} on "{model._meta.db_table}" to {BYPASS}'


def _drop(administrator: psycopg.Connection) -> None:
    if administrator.execute("select 1 from pg_roles where rolname = %s", [BYPASS]).fetchone():
        administrator.execute(f"drop owned by {BYPASS}")
        administrator.execute(f"drop role {BYPASS}")


def _administrator(database: str) -> psycopg.Connection:
    return psycopg.connect(databases.with_database(os.environ["DATABASE_ADMIN_URL"], database), autocommit=True)
