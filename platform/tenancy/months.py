"""Tables kept by the month: each month's rows lie in a partition of their own, which can be taken off whole.

A row's month is the one in which its id was made: UUIDv7 begins with the milliseconds since 1970. Reading and writing go by the
parent alone; the partitions have row-level security without a policy and no grants, so nobody but the owner reaches one by
its own name. What has no month (the rows from before there were months, the last images of rows from months that ended, and
whatever a forgotten month leaves) lies in the partition of the rest.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction

from tenancy import ids

AHEAD = 3
"""Months after this one that have their partition already."""
CHUNK = 50_000
"""Rows that are copied in one transaction."""
PATIENCE = "5s"
"""Who waits longer for a table's lock lets everybody else wait behind itself."""
TRIES = 5
SETTLED = timedelta(days=1)
"""After this long no clock of ours still makes ids of the month before."""
NEAR = timedelta(days=2)
"""A month that begins sooner is not kept out of the rest by a constraint: if that were left behind it would refuse rows."""
KEPT_OUT = "_kept_out"
"""How such a constraint's name ends."""


class Month(NamedTuple):
    """A calendar month in UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """Return the month of a moment."""
        there = moment.astimezone(UTC)
        return cls(there.year, there.month)

    @classmethod
    def of_id(cls, pk: UUID) -> "Month":
        """Return the month in which a UUIDv7 was made."""
        return cls.of(datetime.fromtimestamp((pk.int >> 80) / 1000, UTC))

    @property
    def first(self) -> datetime:
        """The moment at which it begins."""
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def following(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def least(self) -> UUID:
        """The least id that may be made in it; its rows go from there up to the least of the month after."""
        return ids.least(self.first)

    @property
    def bounds(self) -> str:
        """Its partition's bounds as PostgreSQL prints them."""
        return f"FOR VALUES FROM ('{self.least}') TO ('{self.following.least}')"

    def name(self, table: str) -> str:
        """Return the name of its partition."""
        return f"{table}_y{self.year:04}m{self.number:02}"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def monthly_tables() -> list[str]:
    """Return the tables that are kept by the month."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "monthly", False))


def rest(table: str) -> str:
    """Return the name of the partition of what has no month."""
    return f"{table}_rest"


def parent_of(name: str) -> str | None:
    """Return the table that a table of this name is a part of: a month, attached or not, or the rest."""
    for table in monthly_tables():
        if name == rest(table) or re.fullmatch(rf"{table}_y\d{{4}}m\d{{2}}", name):
            return table
    return None


def of_name(name: str) -> Month:
    """Return the month of a partition of that name."""
    return Month(int(name[-7:-3]), int(name[-2:]))


def standing(table: str, cursor: Any = None) -> dict[Month, str]:
    """Return the months that have a partition, oldest first, with its name."""
    if cursor is None:
        with connection.cursor() as own:
            return standing(table, own)
    cursor.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = %s::regclass",
        [table],
    )
    found = {of_name(name): name for (name,) in cursor.fetchall() if name != rest(table)}
    return dict(sorted(found.items()))


def missing(now: datetime) -> list[Month]:
    """Return the months from the next one on that should have partitions by now and have none in some table."""
    wanted = set(list(_coming(now))[1:])
    return sorted(set().union(*(wanted - standing(table).keys() for table in monthly_tables())))


def make_ahead(now: datetime) -> list[str]:
    """Make the partitions of this month and the next ones, as the owner; return the names of the new ones.

    A month of which rows lie in the rest already is left: `settle` makes it once it is over. Who comes second waits.
    """
    made = []
    with _alone("ahead"):
        for table in monthly_tables():
            _let_in(table)
            have = standing(table)
            wanted = [month for month in _coming(now) if month not in have and not _in_rest(table, month)]
            made += [month.name(table) for month in wanted if _attach(table, month, now)]
    return made


def settle(now: datetime, oldest: datetime) -> Iterator[tuple[str, int]]:
    """Give each month that is over and lies in the rest a partition of its own, as the owner; yield name and rows.

    Copied in transactions of 50,000 rows beside the work that goes on; where it is broken off it goes on the next time. Months
    that ended before `oldest` stay in the rest, which is where retention finds them. Raises IntegrityError where a row of the
    month arrives while it is taken out of the rest; nothing is moved then. Who comes second waits.
    """
    over = Month.of(now - SETTLED)
    with _alone("settle"):
        for table in monthly_tables():
            month = Month.of(oldest)
            while (found := _first_in_rest(table, month)) is not None and found < over:
                yield found.name(table), _settle(table, found)
                month = found.following


def make(cursor: Any, table: str, month: Month) -> None:
    """Make a month of which the rest holds nothing, with its walls, as the owner, in the caller's transaction.

    Whoever reads or writes the table waits while PostgreSQL looks through the rest.
    """
    _create(cursor, table, month)
    cursor.execute(_attaching(table, month))


def detach(cursor: Any, table: str, month: Month) -> str:
    """Take a month off its table, in the caller's transaction; return the name of what is now a table of its own."""
    cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
    cursor.execute(f"alter table {table} detach partition {month.name(table)}")
    return month.name(table)


@contextmanager
def _alone(what: str) -> Iterator[None]:
    name = f"months {what}"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _coming(now: datetime) -> Iterator[Month]:
    month = Month.of(now)
    for _ in range(AHEAD + 1):
        yield month
        month = month.following


def _in_rest(table: str, month: Month) -> bool:
    found = _first_in_rest(table, month)
    return found == month


def _first_in_rest(table: str, since: Month) -> Month | None:
    """Return the first month from that one on of which a row lies in the rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id from {rest(table)} where id >= %s order by id limit 1",  # noqa: S608 - our own table
            [since.least],
        )
        row = cursor.fetchone()
    return Month.of_id(row[0]) if row else None


def _settle(table: str, month: Month) -> int:
    name, source = month.name(table), rest(table)
    columns = ", ".join(f'"{column}"' for column in _columns(table))
    reach = [month.least, month.following.least]
    with transaction.atomic(), connection.cursor() as cursor:
        _create(cursor, table, month)
    while _copied(name, source, columns, reach):
        pass
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
        within = "id >= %s and id < %s"
        cursor.execute(
            f"insert into {name} ({columns}) select {columns} from {source} r where {within}"  # noqa: S608
            f" and not exists (select from {name} n where n.id = r.id)",
            reach,
        )
        cursor.execute(f"delete from {name} n where not exists (select from {source} r where r.id = n.id)")  # noqa: S608
        cursor.execute(
            f"delete from {source} r where {within} and exists (select from {name} n where n.id = r.id)",  # noqa: S608
            reach,
        )  # a row that was committed since it was copied stays, and lets the attaching fail
        moved = int(cursor.rowcount)
        cursor.execute(_attaching(table, month))
    return moved


def _copied(name: str, source: str, columns: str, reach: list[UUID]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"select id from {name} order by id desc limit 1")  # noqa: S608
        row = cursor.fetchone()
        after = row[0] if row else UUID(int=reach[0].int - 1)
        cursor.execute(
            f"insert into {name} ({columns}) select {columns} from {source} where id > %s and id < %s"  # noqa: S608
            " order by id limit %s",
            [after, reach[1], CHUNK],
        )
        return int(cursor.rowcount)


def _columns(table: str) -> list[str]:
    [model] = [model for model in apps.get_models() if model._meta.db_table == table]
    return [str(field.column) for field in model._meta.local_concrete_fields]


def _create(cursor: Any, table: str, month: Month) -> None:
    name = month.name(table)
    cursor.execute(f"create table if not exists {name} (like {table} including all)")
    cursor.execute(f"alter table {name} enable row level security")
    cursor.execute(f"alter table {name} force row level security")


def _attaching(table: str, month: Month) -> str:
    return f"alter table {table} attach partition {month.name(table)} {month.bounds}"


def _attach(table: str, month: Month, now: datetime) -> bool:
    """Make a month that has no rows; return False where one came into the rest meanwhile.

    PostgreSQL reads the whole rest while nobody else may, unless a constraint says that it holds no row of the month; to
    validate one stops nobody.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _create(cursor, table, month)
    name, source, attach = month.name(table), rest(table), _attaching(table, month)
    outside = f"check (id < '{month.least}' or id >= '{month.following.least}')"
    try:
        if month.first - now < NEAR:
            _change(attach)
        else:
            _change(f"alter table {source} add constraint {name}{KEPT_OUT} {outside} not valid")
            _change(f"alter table {source} validate constraint {name}{KEPT_OUT}")
            _change(attach, f"alter table {source} drop constraint {name}{KEPT_OUT}")
    except IntegrityError:
        return False
    finally:
        _let_in(table)
    return True


def _let_in(table: str) -> None:
    """Drop what keeps a month out of the rest, also what somebody left who was broken off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype = 'c' and conname like %s",
            [rest(table), f"{table}%{KEPT_OUT}"],
        )
        left = [name for (name,) in cursor.fetchall()]
    for name in left:
        _change(f"alter table {rest(table)} drop constraint {name}")


def _change(*statements: str) -> None:
    """Run them in one transaction; a lock that is not to be had is tried for a few times."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
                for statement in statements:
                    cursor.execute(statement)
            return
        except OperationalError:
            if not left:
                raise
            time.sleep(1)
