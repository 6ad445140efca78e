"""One template database per state of the schema, cloned per test worker."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from tenancy import roles, schema

ROOT = Path(settings.BASE_DIR)
PREFIX = "causeway_test"
LOGINS = {
    "causeway_app": "DATABASE_URL",
    "causeway_migrator": "DATABASE_MIGRATOR_URL",
    "causeway_steward": "DATABASE_STEWARD_URL",
}


def clone_for(worker: str) -> str:
    """Return the name of a fresh database for this worker, built from the template (made now if there is none)."""
    template = f"{PREFIX}_template_{_state()}"
    name = f"{PREFIX}_{os.getpid()}_{worker}"
    server = hashlib.sha256(os.environ["DATABASE_ADMIN_URL"].encode()).hexdigest()[:12]
    with (Path(tempfile.gettempdir()) / f"{PREFIX}_{server}.lock").open("w") as lock, _admin() as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(connection, template):
            _build(connection, template)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        roles.create(connection, name, template)
    return name


def kept(purpose: str) -> str:
    """Return the name of a database that outlives this process: made from the template when this schema has none yet."""
    name = f"{PREFIX}_{purpose}_{_state()}"
    with _admin() as connection:
        there = _exists(connection, name)
    if not there:
        fresh = clone_for(purpose)
        with _admin() as connection:
            connection.execute(
                sql.SQL("alter database {} rename to {}").format(sql.Identifier(fresh), sql.Identifier(name))
            )
    return name


def drop(name: str) -> None:
    """Drop a worker's database."""
    with _admin() as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def empty(name: str) -> None:
    """Delete every row that tests may have committed, once every transaction that writes any has ended.

    Few tables hold any, and most of truncating a table is making its files anew: for all of them it takes ten times the CPU and more.
    """
    keep = {"django_content_type", "auth_permission"}
    models = [*schema.tenant_models(), *schema.global_models()]
    tables = sorted({model._meta.db_table for model in models} - keep)
    with psycopg.connect(with_database(os.environ["DATABASE_ADMIN_URL"], name)) as connection:
        connection.execute("set session_replication_role = replica")
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("lock table {} in access exclusive mode").format(names))
        for (table,) in connection.execute(
            "select name from unnest(%s::text[]) as name join pg_class on pg_class.oid = quote_ident(name)::regclass"
            " where relkind = 'p' or pg_relation_size(pg_class.oid) > 0",  # kept by the month, it has no file of its own
            [tables],
        ).fetchall():
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))


def administrator() -> dict[str, str]:
    """Return Django's settings for signing in as the administrator."""
    parameters = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_ADMIN_URL"])
    return {"USER": str(parameters.get("user", "")), "PASSWORD": str(parameters.get("password", ""))}


def _build(connection: psycopg.Connection, template: str) -> None:
    building = f"{template}_building"
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(building)))
    logins = {role: os.environ.get(variable, "") for role, variable in LOGINS.items()}
    roles.ensure(os.environ["DATABASE_ADMIN_URL"], logins, building)
    environment = {
        **os.environ,
        "CAUSEWAY_DATABASE_ROLE": "migrator",
        "DATABASE_MIGRATOR_URL": with_database(os.environ["DATABASE_MIGRATOR_URL"], building),
        "DATABASE_URL": with_database(os.environ["DATABASE_URL"], building),
    }
    environment.pop("DATABASE_STEWARD_URL", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The test template could not be migrated:\n{done.stdout}\n{done.stderr}")
    for (old,) in connection.execute(
        "select datname from pg_database where datname ~ %s", [f"^{PREFIX}_template_[0-9a-f]+$"]
    ).fetchall()[4:]:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(old)))
    connection.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(building), sql.Identifier(template))
    )


def _state() -> str:
    digest = hashlib.sha256(schema.fingerprint().encode())
    folders = [
        folder
        for room in ("platform", "onboarding", "training", "billing")
        for folder in (ROOT / room).rglob("migrations")
    ]
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _admin() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True)


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def with_database(url: str, name: str) -> str:
    """Return the URL with another database's name."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
