"""Months as ranges of UUIDv7: every id made in a month lies in its range, and in no other."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import psycopg
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tenancy import ids, months
from tenancy.months import Month
from tenancy.tests.test_catalogue import administrator

__all__ = ["administrator"]
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_an_id_lies_in_the_month_in_which_it_was_made(moment: datetime) -> None:
    ids._last = 0  # what was made for another example a second away holds nothing back
    with time_machine.travel(moment, tick=False):
        pk = ids.uuid7()
    month = Month.of(moment)
    assert month.least <= pk < month.following.least
    assert Month.of_id(pk) == month
    assert month.first <= moment < month.following.first


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC), Month(2026, 12)),
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC) + timedelta(microseconds=1), Month(2027, 1)),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), Month(2024, 2)),
    ],
)
def test_a_month_ends_where_the_next_begins(moment: datetime, month: Month) -> None:
    assert Month.of(moment) == month


def test_a_partition_is_known_by_its_name(db: None) -> None:
    assert months.parent_of("audit_event_y2026m11") == "audit_event"
    assert months.parent_of("audit_rowimage_rest") == "audit_rowimage"
    assert months.of_name("audit_event_y2026m11") == Month(2026, 11)
    for other in ("audit_event", "audit_event_y26m11", "audit_leaf_rest", "tenancy_site_y2026m11"):
        assert months.parent_of(other) is None


def test_an_old_table_becomes_the_rest_with_its_rows_and_its_walls(administrator: psycopg.Connection) -> None:
    try:
        cursor = administrator.execute("set local role causeway_owner")
        cursor.execute("create table before (like audit_event including all)")
        cursor.execute(
            "alter table before add constraint of_whom foreign key (organization_id) references tenancy_organization"
        )
        cursor.execute("alter table before enable row level security")
        cursor.execute("alter table before force row level security")
        cursor.execute("create policy tenant on before using (organization_id is not null)")
        cursor.execute("comment on policy tenant on before is 'digest'")
        cursor.execute("create policy steward on before for select to causeway_steward using (true)")
        cursor.execute("grant select, insert on before to causeway_app")
        cursor.execute("grant select (id, xact) on before to causeway_steward")
        indexes = {index for (index,) in cursor.execute("select indexdef from pg_indexes where tablename = 'before'")}
        import_module("audit.migrations.0009_months")._partition(cursor, "before")
        found = cursor.execute(
            "select c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relispartition from pg_class c"
            " where c.relname in ('before', 'before_rest') order by c.relname"
        ).fetchall()
        assert found == [("p", True, True, False), ("r", True, True, True)]
        after = cursor.execute("select indexdef from pg_indexes where tablename = 'before'").fetchall()
        assert {index.replace(" ONLY ", " ") for (index,) in after} == indexes
        policies = "select tablename, policyname, obj_description(o.oid, 'pg_policy') from pg_policies p"
        policies += " join pg_policy o on o.polname = p.policyname and o.polrelid = p.tablename::regclass"
        assert cursor.execute(f"{policies} where tablename ~ '^before' order by 2").fetchall() == [
            ("before", "steward", None),
            ("before", "tenant", "digest"),
        ]
        rights = (
            "select has_table_privilege('causeway_app', {0}, 'select'), has_table_privilege('causeway_app', {0}, 'insert'),"
            " has_column_privilege('causeway_steward', {0}, 'xact', 'select'),"
            " has_column_privilege('causeway_steward', {0}, 'data', 'select')"
        )
        assert cursor.execute(rights.format("'before'")).fetchone() == (True, True, True, False)
        assert cursor.execute(rights.format("'before_rest'")).fetchone() == (False, False, False, False)
    finally:
        administrator.rollback()
