"""What a test commits is gone before the next one."""

import os

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from audit.models import Event
from tenancy.models import Organization
from testing import databases
from testing.cast import World


@pytest.mark.django_db(transaction=True)
def test_emptying_leaves_no_row_in_any_table_also_of_those_kept_by_the_month(world: World) -> None:
    name = str(connections["default"].settings_dict["NAME"])
    for alias in connections:
        connections[alias].close()
    held = rows(name)
    assert {Event._meta.db_table, Organization._meta.db_table} <= held
    databases.empty(name)
    assert rows(name) == {"django_content_type", "auth_permission", "django_migrations"} & held


def rows(name: str) -> set[str]:
    """Return the tables that hold any row, partitions as the table they belong to."""
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], name)
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition"
        ).fetchall()
        has_row = sql.SQL("select 1 from {} limit 1")
        return {table for (table,) in tables if connection.execute(has_row.format(sql.Identifier(table))).fetchone()}
