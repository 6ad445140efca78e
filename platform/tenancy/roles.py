"""The four database roles and the database itself; made by an administrator's connection, safely repeated."""

from itertools import product
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

# The migrator's sessions take the owner's role (config/settings/base.py), and with it the owner's attributes:
# under FORCE a data migration would otherwise change 0 rows and a new foreign key be checked over rows it cannot see.
# The owner inherits: on PostgreSQL 15 it could not create in `public` else, which belongs to pg_database_owner.
ATTRIBUTES = {
    "causeway_owner": "nologin bypassrls inherit",
    "causeway_migrator": "login bypassrls noinherit",
    "causeway_app": "login nobypassrls noinherit",
    "causeway_steward": "login nobypassrls noinherit",
}
# Our statements are short: compiling one takes 100 ms and more, and planning every order of the eight tables behind a
# deployment's head took 12 ms where running it takes 0.1. Django writes joins in an order that is good already.
PLANNER = {"jit": "off", "join_collapse_limit": "4"}
SERVING = ("causeway_app", "causeway_steward")


def ensure(admin_url: str, login_urls: dict[str, str], database: str) -> None:
    """Create or correct the roles, with the passwords that `login_urls` (role to URL) carry, and the database."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        existing = {name for (name,) in connection.execute("select rolname from pg_roles")}
        for role, attributes in ATTRIBUTES.items():
            verb = "alter" if role in existing else "create"
            connection.execute(
                sql.SQL("{} role {} nosuperuser nocreatedb nocreaterole noreplication {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(attributes)
                )
            )
            password = unquote(urlsplit(login_urls.get(role, "")).password or "")
            if password:
                connection.execute(
                    sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password))
                )
        for role, (name, value) in product(SERVING, PLANNER.items()):
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
                )
            )
        connection.execute("grant causeway_owner to causeway_migrator")
        found = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
        if found is None:
            create(connection, database)


def create(connection: psycopg.Connection, database: str, template: str = "template0") -> None:
    """Create a database that causeway_owner owns and nobody else can create tables in."""
    statement = "create database {} owner causeway_owner template {}"
    if template == "template0":
        statement += " encoding 'UTF8'"
    connection.execute(sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(template)))
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
    connection.execute(
        sql.SQL("grant connect on database {} to causeway_migrator, causeway_app, causeway_steward").format(
            sql.Identifier(database)
        )
    )
