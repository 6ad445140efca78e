"""Many organizations with everything in them, written by generate_series as the administrator with triggers off.

Every deployment is a copy of one that the product's own verbs planned: same items and team. Ids grow in the order of
writing, so that every index grows at its end. Resumable: an organization that is there already is left alone.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from django.utils import timezone
from psycopg import sql

from tenancy import months
from tenancy.months import Month
from testing import databases

PER_ORGANIZATION = 10
"""Deployments; each has the items of the starter playbook."""
TRAINING, EVENTS, REMINDERS = 500, 2500, 500
"""Rows for each organization. Half of the events lie in the host's own log: one large tenant among many small ones."""
LOG_CHUNK = 250_000
LOG_SPAN = timedelta(days=6 * 365)
# Ids are computed, so that rows of different tables find each other without a lookup: a kind, then a number.
_ID = "('0190b000-000{}-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
_ORGANIZATION = _ID.format(0, "o.n")
_DEPLOYMENT = _ID.format(1, "o.n * 16 + d.k")
_SITE = _ID.format(2, "o.n * 16 + d.k")
_ITEM = _ID.format(3, "(o.n * 16 + d.k)::bigint * 1024 + x.number")


@dataclass(frozen=True, slots=True)
class Size:
    """What a database was filled with."""

    organizations: int
    deployments: int
    items: int
    training: int
    events: int
    reminders: int


def fill(
    database: str,
    *,
    template: UUID,
    viewer: UUID,
    organizations: int,
    say: Callable[[str], object] = lambda words: None,
) -> Size:
    """Bring the database to so many organizations, every deployment shared with the viewer; return what there is."""
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        connection.execute("set jit = off")
        there = _count(connection, "tenancy_organization where slug like 'bench-%'")
        for number in range(there + 1, organizations + 1):
            _organization(connection, template, viewer, number)
            connection.commit()  # each in a transaction of its own: the log is read in the order of transactions
            if number % 100 == 0:
                say(f"  {number:,} of {organizations:,} organizations")
        connection.commit()
        connection.autocommit = True
        if there < organizations:
            connection.execute("vacuum analyze")
        tables = (
            "tenancy_organization", "deployments_deployment", "deployments_item", "learning_assignment", "audit_event",
            "notices_reminder",
        )  # fmt: skip
        return Size(*(_count(connection, table) for table in tables))


def fill_log(database: str, *, host: UUID, template: UUID, count: int) -> None:
    """Write so many events into one organization's log, over six years up to now, as if 200 people had worked on 1,000 items.

    `make_months` before: what a log costs that is as old as it is kept.
    """
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        for first in range(1, count + 1, LOG_CHUNK):
            values = {
                "host": host,
                "template": template,
                "count": count,
                "apart": LOG_SPAN.total_seconds() / count,
                "first": first,
                "last": min(first + LOG_CHUNK - 1, count),
            }
            connection.execute(_LOG, values)
        connection.execute("vacuum analyze audit_event")


def make_months(database: str) -> None:
    """Make the months of such a log, before anything lies in the partition of the rest."""
    with psycopg.connect(
        databases.with_database(os.environ["DATABASE_ADMIN_URL"], database), autocommit=True
    ) as connection:
        cursor = connection.execute("set role causeway_owner")
        for table in months.monthly_tables():
            have = months.standing(table, cursor)
            month = Month.of(timezone.now() - LOG_SPAN)
            while month not in have:
                months.make(cursor, table, month)
                month = month.following


def _count(connection: psycopg.Connection, what: str) -> int:
    (found,) = connection.execute(sql.SQL("select count(*) from ") + sql.SQL(what)).fetchone() or (0,)  # type: ignore[arg-type]
    return int(found)


def _organization(connection: psycopg.Connection, template: UUID, viewer: UUID, number: int) -> None:
    names = {"template": template, "viewer": viewer, "number": number, "each": PER_ORGANIZATION}
    series = "(values (%(number)s::int)) as o (n)"
    both = f"{series} cross join generate_series(1, %(each)s::int) as d (k)"
    moved = "x.go_live_on + (o.n * 7 + d.k * 13) %% 400"
    of_host = "x.id = (select organization_id from deployments_deployment where id = %(template)s)"
    _copy(
        connection, "tenancy_organization", names, series, of_host,
        {"id": _ORGANIZATION, "slug": "'bench-' || o.n", "name": "'Organization ' || lpad(o.n::text, 5, '0')"},
    )  # fmt: skip
    _copy(
        connection, "tenancy_site", names, both,
        "x.id = (select site_id from deployments_deployment where id = %(template)s)",
        {"id": _SITE, "organization_id": _ORGANIZATION, "name": "'Site ' || d.k"},
    )  # fmt: skip
    _copy(
        connection, "deployments_deployment", names, both, "x.id = %(template)s",
        {"id": _DEPLOYMENT, "organization_id": _ORGANIZATION, "site_id": _SITE, "go_live_on": moved},
    )  # fmt: skip
    own = {"organization_id": _ORGANIZATION, "deployment_id": _DEPLOYMENT}
    of_template = "x.deployment_id = %(template)s"
    _copy(connection, "deployments_item", names, both, of_template, {"id": _ITEM, **own})
    _copy(connection, "deployments_teamrole", names, both, of_template,
          {"id": f"md5(x.id::text || {_DEPLOYMENT})::uuid", **own})  # fmt: skip
    for owner, part in ((_ORGANIZATION, "''"), ("%(viewer)s::uuid", "'funder'")):
        _copy(
            connection, "deployments_portfoliorow", names, both, f"{of_template} and x.part = ''",
            {
                **own, "id": f"md5({owner}::text || {_DEPLOYMENT})::uuid", "organization_id": owner,
                "host_id": _ORGANIZATION, "host_name": "'Organization ' || lpad(o.n::text, 5, '0')",
                "host_slug": "'bench-' || o.n", "part": part, "site": "'Site ' || d.k", "go_live_on": moved,
                "blocked": "case when (o.n + d.k) %% 9 = 0 then 2 else 0 end",
            },
        )  # fmt: skip
    for statement in (_TRAINING, _EVENTS, _REMINDERS):
        connection.execute(statement, names)


_ROW = "o.n::bigint * 4096 + r.k"
_ROWS = "from (values (%(number)s::int)) as o (n), generate_series(1, {}) as r (k)"
_TRAINING = f"""
insert into learning_assignment
  (id, organization_id, deployment_id, required, due_on, cycle, assigned_at, course_id, version_id, site_id, user_id, learner_id)
select {_ID.format(4, _ROW)}, {_ORGANIZATION}, {_ID.format(1, f"o.n * 16 + 1 + r.k % {PER_ORGANIZATION}")}, true,
  current_date + r.k % 90, 1, now(), {_ID.format(5, "r.k % 3")}, {_ID.format(6, "r.k % 3")},
  {_ID.format(2, f"o.n * 16 + 1 + r.k % {PER_ORGANIZATION}")}, {_ID.format(7, _ROW)}, {_ID.format(7, _ROW)}
{_ROWS.format(TRAINING)} on conflict do nothing
""".replace(" % ", " %% ")
_EVENTS = f"""
insert into audit_event
  (id, organization_id, action, subject_type, subject_id, deployment_id, actor_kind, actor_process, data, at)
select {_ID.format(8, _ROW)},
  case when r.k % 2 = 0 then {_ORGANIZATION} else (select organization_id from deployments_deployment where id = %(template)s) end,
  'item.completed', 'deployments.item', {_ID.format(3, f"(o.n * 16 + 1 + r.k % {PER_ORGANIZATION})::bigint * 1024 + r.k % 101")},
  {_ID.format(1, f"o.n * 16 + 1 + r.k % {PER_ORGANIZATION}")}, 'system', 'bench',
  jsonb_build_object('number', r.k % 101, 'title', 'Interface between the tool and the record tested'), now()
{_ROWS.format(EVENTS)} on conflict do nothing
""".replace(" % ", " %% ")  # noqa: S608
_LOG = """
insert into audit_event
  (id, organization_id, action, subject_type, subject_id, deployment_id, actor_kind, actor_id, actor_process, data, at, recorded_at)
select (lpad(to_hex((extract(epoch from t.at) * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(r.k), 12, '0'))::uuid,
  %(host)s, case when r.k %% 7 = 0 then 'comment.added' else 'item.completed' end, 'deployments.item',
  md5('item ' || r.k %% 1000)::uuid, case when r.k %% 3 = 0 then %(template)s::uuid else md5('deployment ' || r.k %% 50)::uuid end,
  'person', md5('person ' || r.k %% 200)::uuid, '', jsonb_build_object('number', r.k %% 101, 'title', 'Interface tested'), t.at, t.at
from generate_series(%(first)s::bigint, %(last)s::bigint) as r (k),
  lateral (select now() - make_interval(secs => %(apart)s * (%(count)s - r.k)) as at) t
"""
_REMINDERS = f"""
insert into notices_reminder
  (id, organization_id, recipient_id, kind, apart, subject_type, subject_id, deployment_id, step, reason, title, "on", work_zone,
   time_zone, due_at, next_at, state, attempt, refusals, resends, possible_duplicate, last_error, sent_to, created_at)
select {_ID.format(9, _ROW)}, {_ORGANIZATION}, {_ID.format(7, _ROW)}, 'item_due', false, 'deployments.item',
  {_ID.format(3, _ROW)}, {_ID.format(1, f"o.n * 16 + 1 + r.k % {PER_ORGANIZATION}")}, '0', 'You own it.', '', current_date + 1 + r.k % 60,
  '', 'America/New_York', t.at, t.at, 'due', 0, 0, 0, false, '', '', now()
{_ROWS.format(REMINDERS)}, lateral (select now() + make_interval(days => 1 + r.k % 60, secs => o.n) as at) t
on conflict do nothing
""".replace(" % ", " %% ")


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
        sql.SQL("insert into {} ({}) select {} from {} cross join {} x where {} on conflict do nothing").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(
                sql.SQL(new[name]) if name in new else sql.SQL("x.{}").format(sql.Identifier(name)) for name in columns
            ),
            sql.SQL(series),
            sql.Identifier(table),
            sql.SQL(which),
        ),
        names,
    )
