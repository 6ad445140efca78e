"""Many organizations and deployments, written by generate_series as the administrator with triggers off.

Every deployment is a copy of one that the product's own verbs planned: same items, dependencies and team. Resumable: an
organization that is there already is left alone.
"""

import os
from uuid import UUID

import psycopg
from psycopg import sql

from testing import databases

PER_ORGANIZATION = 10
CHUNK = 20
"""Organizations per transaction."""
# Deployment ids are computed, so that rows of different tables find each other without a lookup.
_ID = "md5('deployment' || o.n || '-' || d.k)::uuid"
_ORGANIZATION = "md5('organization' || o.n)::uuid"
COPIED = ["deployments_teamrole", "deployments_item"]


def fill(database: str, *, template: UUID, viewer: UUID, organizations: int) -> int:
    """Bring the database to so many organizations of ten deployments each, all shared with the viewer; return how many are new."""
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
    made = 0
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        (there,) = connection.execute(
            "select count(*) from tenancy_organization where slug like 'bench-%'"
        ).fetchone() or (0,)
        for first in range(there + 1, organizations + 1, CHUNK):
            last = min(first + CHUNK - 1, organizations)
            _chunk(connection, template, viewer, first, last)
            connection.commit()
            made += last - first + 1
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
    return made


def _chunk(connection: psycopg.Connection, template: UUID, viewer: UUID, first: int, last: int) -> None:
    names = {"template": template, "viewer": viewer, "first": first, "last": last, "each": PER_ORGANIZATION}
    series = "generate_series(%(first)s::int, %(last)s::int) as o (n)"
    both = f"{series} cross join generate_series(1, %(each)s::int) as d (k)"
    _copy(
        connection, "tenancy_organization", names, series,
        "x.id = (select organization_id from deployments_deployment where id = %(template)s)",
        {"id": _ORGANIZATION, "slug": "'bench-' || o.n", "name": "'Organization ' || lpad(o.n::text, 5, '0')"},
    )  # fmt: skip
    _copy(
        connection, "deployments_deployment", names, both, "x.id = %(template)s",
        {
            "id": _ID, "organization_id": _ORGANIZATION, "site_id": f"md5('site' || {_ID})::uuid",
            "go_live_on": "x.go_live_on + (o.n * 7 + d.k * 13) %% 400",
        },
    )  # fmt: skip
    for table in COPIED:
        _copy(
            connection, table, names, both, "x.deployment_id = %(template)s",
            {"id": f"md5(x.id::text || {_ID})::uuid", "organization_id": _ORGANIZATION, "deployment_id": _ID},
        )  # fmt: skip
    for owner, part in ((_ORGANIZATION, "''"), ("%(viewer)s::uuid", "'funder'")):
        _copy(
            connection, "deployments_portfoliorow", names, both, "x.deployment_id = %(template)s and x.part = ''",
            {
                "id": f"md5({owner}::text || {_ID})::uuid", "organization_id": owner, "deployment_id": _ID,
                "host_id": _ORGANIZATION, "host_name": "'Organization ' || lpad(o.n::text, 5, '0')",
                "host_slug": "'bench-' || o.n", "part": part, "site": "'Site ' || d.k",
                "go_live_on": "x.go_live_on + (o.n * 7 + d.k * 13) %% 400",
                "blocked": "case when (o.n + d.k) %% 9 = 0 then 2 else 0 end",
            },
        )  # fmt: skip


def _copy(
    connection: psycopg.Connection, table: str, names: dict[str, object], series: str, which: str, new: dict[str, str]
) -> None:
    columns = [
        name
        for (name,) in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = '' order by attnum",
            [table],
        )
    ]
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from {} x cross join {} where {} on conflict do nothing").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(
                sql.SQL(new[name]) if name in new else sql.SQL("x.{}").format(sql.Identifier(name)) for name in columns
            ),
            sql.Identifier(table),
            sql.SQL(series),
            sql.SQL(which),
        ),
        names,
    )
