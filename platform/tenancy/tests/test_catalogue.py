"""The catalogue check finds nothing on the database as migrated, and every fault planted in it."""

import os
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from django.db import ProgrammingError, connections

from tenancy import catalogue, schema
from tenancy.models.base import TenantModel
from testing import databases

# Fault: (SQL run as the owner or administrator, the rule that names it, a part of what it says).
FAULTS = {
    "policy dropped": ("drop policy tenant on tenancy_site", "policy missing", "tenancy_site.tenant"),
    "partner policy dropped": ("drop policy partners on audit_event", "policy missing", "audit_event.partners"),
    "force dropped": (
        "alter table tenancy_site no force row level security",
        "row security not forced",
        "tenancy_site",
    ),
    "row security off": ("alter table tenancy_site disable row level security", "row security off", "tenancy_site"),
    "policy with or true": (
        f"alter policy tenant on tenancy_site using (organization_id = {schema.SCOPE_ORGANIZATION} or true)",
        "policy shape",
        "tenancy_site.tenant",
    ),
    "policy of other columns": (
        f"alter policy tenant on tenancy_site using (id = {schema.SCOPE_ORGANIZATION})",
        "policy shape",
        "tenancy_site.tenant",
    ),
    "policy of another setting": (
        "alter policy tenant on tenancy_site using (organization_id = (select nullif(current_setting('app.user', true), '')::uuid))",
        "policy shape",
        "tenancy_site.tenant",
    ),
    "policy with a volatile function": (
        (
            "create function mine() returns uuid language sql volatile as $$select nullif(current_setting('app.organization', true), '')::uuid$$;"
            " alter policy tenant on tenancy_site using (organization_id = mine())"
        ),
        "policy shape",
        "tenancy_site.tenant",
    ),
    "policy with a loose check": (
        "alter policy tenant on tenancy_site with check (true)",
        "policy shape",
        "tenancy_site.tenant",
    ),
    "restrictive made permissive": (
        f"drop policy partners on accounts_membership; create policy partners on accounts_membership to causeway_app using ({schema.EVERY_DEPLOYMENT})",
        "policy shape",
        "accounts_membership.partners",
    ),
    "policy for the steward on rows": (
        "alter policy steward on audit_event to public",
        "policy shape",
        "audit_event.steward",
    ),
    "policy added": ("create policy more on tenancy_site using (true)", "policy extra", "tenancy_site.more"),
    "reference without the organization": (
        "alter table accounts_membershipsite add constraint loose foreign key (site_id) references tenancy_site (id)",
        "reference leaves its organization",
        "accounts_membershipsite.loose",
    ),
    "reference dropped": (
        "alter table accounts_membershipsite drop constraint tfk_accounts_membershipsite_site_id",
        "reference missing",
        "tfk_accounts_membershipsite_site_id",
    ),
    "reference not validated": (
        (
            "alter table accounts_membershipsite drop constraint tfk_accounts_membershipsite_site_id,"
            " add constraint tfk_accounts_membershipsite_site_id foreign key (organization_id, site_id)"
            " references tenancy_site (organization_id, id) not valid"
        ),
        "reference not checked",
        "tfk_accounts_membershipsite_site_id",
    ),
    "global table refers to a tenant's": (
        "alter table accounts_user add column site_id uuid references tenancy_site (id)",
        "reference into a tenant",
        "accounts_user",
    ),
    "constraint triggers disabled": (
        "admin: alter table accounts_membershipsite disable trigger all",
        "reference not checked",
        "accounts_membershipsite",
    ),
    "index not led": (
        "create index by_name on tenancy_site (name)",
        "index not led by the organization",
        "tenancy_site.by_name",
    ),
    "index over an expression": (
        "create index by_lower on tenancy_site (lower(name), organization_id)",
        "index not led by the organization",
        "tenancy_site.by_lower",
    ),
    "key not led": (
        "create unique index once on tenancy_site (source_id)",
        "key not led by the organization",
        "tenancy_site.once",
    ),
    "unique queue index": (
        "create unique index queue_once on tenancy_site (source_id)",
        "key not led by the organization",
        "tenancy_site.queue_once",
    ),
    "key under references dropped": (
        "alter table tenancy_site drop constraint tid_tenancy_site cascade",
        "index missing",
        "tid_tenancy_site",
    ),
    "organization nullable": (
        "alter table tenancy_site alter organization_id drop not null",
        "no organization",
        "tenancy_site",
    ),
    "security definer function": (
        "create function peek() returns bigint language sql security definer as $$select count(*) from tenancy_site$$",
        "security definer",
        "peek()",
    ),
    "view": ("create view everything as select * from tenancy_site", "view", "everything"),
    "materialized view": (
        "create materialized view everything as select * from tenancy_site",
        "view",
        "everything",
    ),
    "rule": (
        "create rule nothing as on delete to tenancy_site do instead nothing",
        "rule",
        "tenancy_site.nothing",
    ),
    "unlisted table": ("create table notes (id uuid primary key, words text)", "unknown table", "notes"),
    "second schema": ("admin: create schema elsewhere", "unknown schema", "elsewhere"),
    "grant on a month": (
        "grant select on audit_event_rest to causeway_app",
        "grant",
        "audit_event_rest: causeway_app may",
    ),
    "row security off on a month": (
        "alter table audit_rowimage_rest disable row level security",
        "row security off",
        "audit_rowimage_rest",
    ),
    "policy on a month": (
        "create policy tenant on audit_event_rest using (true)",
        "policy extra",
        "audit_event_rest.tenant",
    ),
    "rest dropped": ("drop table audit_event_rest", "partition", "audit_event: has no partition for the rest"),
    "a partition that is no month": (
        (
            "create table audit_event_y2001m01 partition of audit_event for values"
            " from ('00000000-0000-0000-0000-000000000000') to ('00e00000-0000-0000-0000-000000000000')"
        ),
        "partition",
        "audit_event_y2001m01: is no month",
    ),
    "table missing": ("drop table accounts_membershipsite", "table missing", "accounts_membershipsite"),
    "history trigger dropped": (
        "drop trigger history_update on tenancy_site",
        "history missing",
        "update leaves no row image",
    ),
    "history trigger disabled": (
        "alter table tenancy_site disable trigger history_delete",
        "history missing",
        "delete is disabled",
    ),
    "grant truncate": ("grant truncate on tenancy_site to causeway_app", "grant", "causeway_app may truncate"),
    "grant references": ("grant references on tenancy_site to causeway_app", "grant", "causeway_app may references"),
    "grant trigger": ("grant trigger on tenancy_site to causeway_app", "grant", "causeway_app may trigger"),
    "grant update on the log": ("grant update on audit_event to causeway_app", "grant", "causeway_app may update"),
    "grant of one column": (
        "grant update (data) on audit_event to causeway_app",
        "grant",
        "audit_event.data: causeway_app may update",
    ),
    "grant to everybody": ("grant select on tenancy_site to public", "grant", "public may select"),
    "grant to pass on": (
        "grant select on tenancy_site to causeway_app with grant option",
        "grant",
        "with grant option",
    ),
    "steward reads more columns": (
        "grant select (data) on audit_event to causeway_steward",
        "grant",
        "audit_event.data: causeway_steward may select",
    ),
    "steward reads the table": (
        "grant select on audit_event to causeway_steward",
        "grant",
        "audit_event: causeway_steward may select",
    ),
    "grant taken": ("revoke insert on audit_event from causeway_app", "grant missing", "may not insert"),
    "default grant": (
        "alter default privileges in schema public grant all on tables to causeway_app",
        "default grant",
        "causeway_app gets truncate",
    ),
    "app may create": ("admin: grant create on schema public to causeway_app", "grant", "causeway_app may create"),
    "app owns a table": ("admin: alter table tenancy_share owner to causeway_app", "role too strong", "owns table"),
    "app owns a function": (
        "admin: create function f() returns int language sql as 'select 1'; alter function f() owner to causeway_app",
        "role too strong",
        "owns function",
    ),
    # Roles belong to the whole server: these run in a transaction that is rolled back.
    "app bypasses row security": ("admin: alter role causeway_app bypassrls", "role too strong", "has bypassrls"),
    "app is a superuser": ("admin: alter role causeway_app superuser", "role too strong", "has superuser"),
    "steward bypasses row security": (
        "admin: alter role causeway_steward bypassrls",
        "role too strong",
        "causeway_steward: has bypassrls",
    ),
    "app is a member of the owner": (
        "admin: grant causeway_owner to causeway_app",
        "role too strong",
        "causeway_app: is a member of causeway_owner",
    ),
    "app reads everything": (
        "admin: grant pg_read_all_data to causeway_app",
        "role too strong",
        "is a member of pg_read_all_data",
    ),
    "owner may sign in": ("admin: alter role causeway_owner login", "role too strong", "causeway_owner: has login"),
}


@pytest.fixture(scope="module")
def administrator(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """An administrator's connection to this worker's own clone; every test of this file rolls it back."""
    name = str(connections["default"].settings_dict["NAME"])
    with psycopg.connect(databases.with_database(os.environ["DATABASE_ADMIN_URL"], name)) as connection:
        yield connection
        connection.rollback()


def test_the_migrated_database_has_no_finding(db: None) -> None:
    assert [str(finding) for finding in catalogue.findings()] == []


@pytest.mark.parametrize(("statement", "rule", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_named(administrator: psycopg.Connection, statement: str, rule: str, said: str) -> None:
    if statement.startswith("admin: "):
        statement = statement.removeprefix("admin: ")
    else:
        administrator.execute("set local role causeway_owner")
    administrator.execute(statement)
    try:
        found = catalogue.findings(administrator.cursor())
        assert [str(finding) for finding in found if finding.rule == rule and said in str(finding)]
    finally:
        administrator.rollback()


def test_a_policy_that_cannot_be_made_leaves_the_one_that_stands(
    as_administrator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schema.policies

    def misspelled(model: type[TenantModel]) -> Iterator[schema.Policy]:
        for policy in made(model):
            yield replace(policy, using="nonsense") if policy.name == "partners" else policy

    def standing() -> list[tuple[str, ...]]:
        with connections["default"].cursor() as cursor:
            cursor.execute("select tablename, policyname, qual from pg_policies order by 1, 2")
            return list(cursor.fetchall())

    before = standing()
    monkeypatch.setattr(schema, "policies", misspelled)
    with pytest.raises(ProgrammingError, match='column "nonsense" does not exist'):
        schema.sync()
    assert standing() == before


def test_start_up_passes_on_a_sound_database(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    catalogue.refuse_to_serve()


def test_start_up_refuses_on_one_finding(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "close", lambda: None)
    monkeypatch.setattr(catalogue, "findings", lambda: [catalogue.Finding("view", "everything", "is open")])
    with pytest.raises(catalogue.WallsOpen, match="view: everything: is open"):
        catalogue.refuse_to_serve()


def test_a_condition_reads_the_same_as_written_and_as_printed() -> None:
    printed = (
        "(organization_id = ( SELECT (NULLIF(current_setting('app.organization'::text, true), ''::text))::uuid"
        ' AS "nullif"))'
    )
    assert catalogue.plain(printed) == catalogue.plain(f"organization_id = {schema.SCOPE_ORGANIZATION}")
    assert catalogue.plain(printed + " OR true") != catalogue.plain(printed)
