"""A prepared query is planned once a connection, with what never differs in its text."""

import os
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from tenancy.models import Site
from tenancy.prepared import prepared
from tenancy.scope import scope
from testing import databases
from testing.cast import World


@prepared
def of_kind(kind: str) -> QuerySet[Site]:
    return Site.objects.filter(kind=kind, closed_on=None, region__in=["NY", "100%"]).order_by("name")


def plans() -> list[tuple[str, int]]:
    """The statements that this connection keeps, and how often each was run."""
    with connection.cursor() as cursor:
        cursor.execute("select statement, generic_plans + custom_plans from pg_prepared_statements where not from_sql")
        return [(text, runs) for text, runs in cursor if "tenancy_site" in text]


def test_the_plan_is_kept_and_serves_every_organization(world: World) -> None:
    with transaction.atomic():
        for organization in (world.host, world.elsewhere):
            with scope(organization.pk):
                made = Site.objects.create(name="Main Street", kind="school", region="100%")
                assert of_kind("school") == [made]
                assert of_kind("clinic") == []
        [(text, runs)] = plans()
        assert runs == 4
        assert "IN ('NY', '100%')" in text
        assert str(world.host.pk) not in text
        assert ("$1" in text, "$2" in text, "$3" in text) == (True, True, False)


@pytest.mark.transactional
@pytest.mark.django_db(transaction=True)
def test_a_column_that_a_migration_lengthens_disturbs_nobody_who_reads_it(world: World) -> None:
    with scope(world.host.pk):
        assert of_kind("school") == []
    length = Site._meta.get_field("name").max_length

    def alter(to: int) -> None:
        url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], connection.settings_dict["NAME"])
        with psycopg.connect(url) as administrator:
            administrator.execute(f"alter table tenancy_site alter column name type varchar({to})")

    def ask() -> list[Any]:
        with transaction.atomic(), scope(world.host.pk):
            return of_kind("school")

    assert length is not None
    assert ask() == []
    alter(length + 1)
    try:
        assert [ask(), ask()] == [[], []]
    finally:
        alter(length)
        connection.close()
