"""Hashes over everything that a backup has to bring back: each table in the server's binary form, each file."""

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

KEPT = ("files", "keys", "heads")
"""Folders of the instance's state that belong to the data: evidence, signing keys, the noted heads of the log."""
TABLES = """
select c.relname, coalesce((
  select array_agg(a.attname::text order by k.place) from pg_index i
  cross join lateral unnest(i.indkey) with ordinality k (number, place)
  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where i.indrelid = c.oid and i.indisprimary), '{}')
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1
"""


def of_tables(connection: psycopg.Connection) -> dict[str, str]:
    """Return the SHA-256 of each table's rows in the order of its key, as of the connection's snapshot."""
    return {name: _table(connection, name, key) for name, key in connection.execute(TABLES).fetchall()}


def of_files(state: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of the state that is kept, by its path in it."""
    found = {}
    for folder in KEPT:
        for path in sorted((state / folder).rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    found[str(path.relative_to(state))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _table(connection: psycopg.Connection, name: str, key: list[str]) -> str:
    columns = sql.SQL(", ").join(map(sql.Identifier, key)) if key else sql.SQL("1")
    statement = sql.SQL("copy (select * from {} order by {}) to stdout (format binary)").format(
        sql.Identifier(name), columns
    )
    digest = hashlib.sha256()
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for row in rows:
            digest.update(row)
    return digest.hexdigest()
