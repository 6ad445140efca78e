"""Wall 2, checked: the live database compared with what the models ask of it (`tenancy.schema`).

Runs in the tests, by `bin/manage catalogue`, and at start-up, where one finding is enough to refuse to serve.
Only the system catalogues are read, so the `app` role itself can run it.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from tenancy import months, roles, schema
from tenancy.globals import GLOBAL_TABLES

OWNER, MIGRATOR, APP, STEWARD = schema.OWNER, schema.MIGRATOR, schema.APP, schema.STEWARD
OUR_ROLES = (OWNER, MIGRATOR, APP, STEWARD)
QUEUE = "queue_"
"""An index with this prefix serves the steward's look over all tenants; it may not be unique."""
HISTORY = "audit_keep_rows"

Rows = Callable[..., list[tuple[Any, ...]]]


class WallsOpen(RuntimeError):
    """The database is not what the models ask for; serving it could show one organization's rows to another."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One difference: which rule is broken, by what, and how."""

    rule: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.detail}"


def findings(cursor: Any = None) -> list[Finding]:
    """Return every difference, in order. `cursor` is any open database cursor; by default the app's own connection."""
    if cursor is None:
        with connections["default"].cursor() as own:
            return findings(own)

    def rows(query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())

    found: set[Finding] = set()
    for check in CHECKS:
        found.update(check(rows))
    return sorted(found)


def refuse_to_serve() -> None:
    """Raise WallsOpen, listing the findings, unless there are none and this process serves as the app role."""
    connection = connections["default"]
    try:
        found = findings()
        with connection.cursor() as cursor:
            cursor.execute("select session_user, current_user")
            users = cursor.fetchone()
        if users != (APP, APP):
            found.append(Finding("serving role", users[0], f"serves as {users[1]}; only {APP} may"))
    finally:
        connection.close()  # A server that forks after this must not share the connection.
    if found:
        raise WallsOpen(
            f"{len(found)} findings; nothing is served until `bin/manage migrate` or an administrator mends them:\n"
            + "\n".join(f"  {finding}" for finding in found)
        )


def _tables(rows: Rows) -> Iterator[Finding]:
    tenants = {model._meta.db_table for model in schema.tenant_models()}
    globals_ = {model._meta.db_table for model in schema.global_models()}
    monthly = set(months.monthly_tables())
    standing = {
        name: (kind, secured, forced, owner, led)
        for name, kind, secured, forced, owner, led in rows(
            "select c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner),"
            " coalesce((select a.attnotnull from pg_attribute a where a.attrelid = c.oid and a.attname = 'organization_id'"
            " and a.atttypid = 'uuid'::regtype), false)"
            " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        )
    }
    for name, (kind, secured, forced, owner, led) in standing.items():
        if kind in {"v", "m", "f"}:
            what = {"v": "view", "m": "materialized view", "f": "foreign table"}[kind]
            yield Finding("view", name, f"a {what} runs with its owner's rights, past the policies")
            continue
        part = months.parent_of(name)
        if name not in tenants and name not in GLOBAL_TABLES and not part and name != "django_migrations":
            yield Finding("unknown table", name, "neither a tenant model nor listed in tenancy/globals.py")
        if owner != OWNER:
            yield Finding("owner", name, f"owned by {owner}, not {OWNER}")
        if name not in tenants and not part:
            continue
        if (kind == "p") is not (name in monthly):
            yield Finding("partition", name, "is partitioned and ought not to be, or the other way round")
        if not secured:
            yield Finding("row security off", name, "row-level security is not enabled")
        if not forced:
            yield Finding("row security not forced", name, "its owner is not bound by the policies")
        if not led:
            yield Finding("no organization", name, "organization_id must be a uuid and not null")
    for name in (tenants | globals_) - standing.keys():
        yield Finding("table missing", name, "the model has no table: migrate")
    yield from _months(rows, monthly)
    for (name,) in rows(
        "select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')"
    ):
        yield Finding("unknown schema", name, "everything lives in public, where it is checked")


def _months(rows: Rows, monthly: set[str]) -> Iterator[Finding]:
    """Yield every partition that is no month of its table, and every table without one for the rest."""
    resting = set()
    for table, name, bounds in rows(
        "select p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_inherits i"
        " join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent"
        " where c.relispartition and c.relkind in ('r', 'p') and p.relnamespace = 'public'::regnamespace"
    ):
        if table in monthly and name == months.rest(table) and bounds == "DEFAULT":
            resting.add(table)
        elif name == months.rest(table) or months.parent_of(name) != table or bounds != months.of_name(name).bounds:
            yield Finding("partition", name, f"is no month of {table}: {bounds}")
    for table in monthly - resting:
        yield Finding("partition", table, "has no partition for the rest: a forgotten month would refuse every change")


def _policies(rows: Rows) -> Iterator[Finding]:
    wanted = {
        (policy.table, policy.name): policy for model in schema.tenant_models() for policy in schema.policies(model)
    }
    standing = {
        (table, name): (permissive == "PERMISSIVE", roles_, command.lower(), using, check, comment)
        for table, name, permissive, roles_, command, using, check, comment in rows(
            "select p.tablename, p.policyname, p.permissive, p.roles::text[], p.cmd, p.qual, p.with_check,"
            " obj_description(o.oid, 'pg_policy') from pg_policies p join pg_policy o on o.polname = p.policyname"
            " and o.polrelid = format('%%I.%%I', p.schemaname, p.tablename)::regclass",
            [],
        )
    }
    for table, name in standing.keys() - wanted.keys():
        yield Finding("policy extra", f"{table}.{name}", "no model asks for it")
    for table, name in wanted.keys() - standing.keys():
        yield Finding("policy missing", f"{table}.{name}", "a model asks for it")
    for key in wanted.keys() & standing.keys():
        policy, (permissive, roles_, command, using, check, comment) = wanted[key], standing[key]
        where = ".".join(key)
        if permissive is policy.restrictive:
            yield Finding("policy shape", where, "permissive and restrictive are exchanged")
        if list(roles_) != [policy.role] or command != policy.command:
            yield Finding("policy shape", where, f"is for {command} to {', '.join(roles_)}")
        if check is not None:
            yield Finding("policy shape", where, f"has a WITH CHECK of its own: {check}")
        if using is None or plain(using) != plain(policy.using):
            yield Finding("policy shape", where, f"its condition is {using}")
        if comment != hashlib.sha256(policy.create().encode()).hexdigest():
            yield Finding("policy shape", where, "was not made from this source")


def plain(expression: str) -> str:
    """Return a condition without what PostgreSQL adds when it prints one: casts, aliases, brackets, spaces."""
    text = re.sub(r"\bin\s*\(((?:\s*'[^']*'\s*,?)+)\)", r"= any (array[\1])", expression.lower())
    text = re.sub(r"::(?:[a-z_]+(?: varying)?)(?:\(\d+\))?(?:\[\])?", "", text)
    text = re.sub(r"\bas \"?[a-z_]+\"?", "", text)
    return re.sub(r"[\s()\"]", "", text)


def _references(rows: Rows) -> Iterator[Finding]:
    tenants = {model._meta.db_table for model in schema.tenant_models()}
    standing = set()
    for name, table, target, columns, target_columns, valid in rows(
        "select k.conname, t.relname, f.relname,"
        " array(select a.attname::text from unnest(k.conkey) with ordinality u(n, i)"
        "       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by i),"
        " array(select a.attname::text from unnest(k.confkey) with ordinality u(n, i)"
        "       join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by i), k.convalidated"
        " from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_class f on f.oid = k.confrelid"
        " where k.contype = 'f' and k.connamespace = 'public'::regnamespace"
    ):
        where = f"{table}.{name}"
        standing.add((table, name))
        pairs = dict(zip(columns, target_columns, strict=True))
        if not valid:
            yield Finding("reference not checked", where, "NOT VALID: standing rows may leave their organization")
        if target not in tenants:
            continue
        if table not in tenants:
            yield Finding("reference into a tenant", where, f"a global table refers to {target}")
        elif pairs.get("organization_id") != "organization_id":
            yield Finding("reference leaves its organization", where, f"({', '.join(columns)}) to {target} without it")
    for model in schema.tenant_models():
        for reference in schema.references(model):
            if (reference.table, reference.name) not in standing:
                yield Finding("reference missing", f"{reference.table}.{reference.name}", f"to {reference.target}")
    for table, name in rows(
        "select distinct c.relname, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where c.relnamespace = 'public'::regnamespace and t.tgisinternal and t.tgenabled = 'D'"
    ):
        yield Finding("reference not checked", table, f"the constraint trigger {name} is disabled")


def _indexes(rows: Rows) -> Iterator[Finding]:
    tenants = {model._meta.db_table for model in schema.tenant_models()}
    standing = set()
    for table, name, unique, primary, columns, first in rows(
        "select t.relname, i.relname, x.indisunique or x.indisexclusion, x.indisprimary,"
        " array(select coalesce(a.attname::text, '') from unnest(x.indkey::int[]) with ordinality u(n, o)"
        "       left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = u.n and u.n > 0 order by o),"
        " coalesce((select attname::text from pg_attribute where attrelid = x.indrelid and attnum = x.indkey[0]"
        " and attnum > 0), 'an expression')"
        " from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid"
        " where t.relnamespace = 'public'::regnamespace and x.indislive"
    ):
        standing.add((table, name))
        if table not in tenants or first == "organization_id" or (primary and columns == ["id"]):
            continue
        where = f"{table}.{name}"
        if unique:
            yield Finding("key not led by the organization", where, f"starts with {first}")
        elif not name.startswith(QUEUE):
            yield Finding("index not led by the organization", where, f"starts with {first}")
    for model in schema.tenant_models():
        table = model._meta.db_table
        needed = [schema.index_name(table, reference.column) for reference in schema.references(model)]
        for name in [schema.unique_name(table), *needed]:
            if (table, name) not in standing:
                yield Finding("index missing", f"{table}.{name}", "composite references need it")


def _functions(rows: Rows) -> Iterator[Finding]:
    for name, owner in rows(
        "select p.oid::regprocedure::text, pg_get_userbyid(p.proowner) from pg_proc p join pg_namespace n"
        " on n.oid = p.pronamespace where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
    ):
        yield Finding("security definer", name, f"runs with the rights of {owner}")
    for table, name in rows(
        "select c.relname, r.rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    ):
        yield Finding("rule", f"{table}.{name}", "rewrites statements")


def _history(rows: Rows) -> Iterator[Finding]:
    standing = {
        (table, name): (enabled, function)
        for table, name, enabled, function in rows(
            "select c.relname, t.tgname, t.tgenabled::text, p.proname from pg_trigger t"
            " join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid"
            " where c.relnamespace = 'public'::regnamespace and not t.tgisinternal"
        )
    }
    for model in schema.tenant_models():
        table = model._meta.db_table
        for operation in ("insert", "update", "delete") if model.history else ():
            enabled, function = standing.get((table, f"history_{operation}"), ("", ""))
            if function != HISTORY:
                yield Finding("history missing", table, f"{operation} leaves no row image")
            elif enabled not in {"O", "A"}:
                yield Finding("history missing", table, f"the trigger for {operation} is disabled")


def _grants(rows: Rows) -> Iterator[Finding]:
    wanted: dict[tuple[str, str, str], set[str]] = {}
    for model in [*schema.tenant_models(), *schema.global_models()]:
        table = model._meta.db_table
        wanted[APP, table, ""] = schema.grants(model)
        for column in getattr(model, "steward_columns", ()):
            wanted[STEWARD, table, column] = {"select"}
    wanted[APP, "django_migrations", ""] = {"select"}
    standing: dict[tuple[str, str, str], set[str]] = {}
    for role, table, column, right in rows(
        "with rights as (select c.relname, ''::name as attname, c.relowner, a.* from pg_class c, aclexplode(c.relacl) a"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')"
        " union all select c.relname, b.attname, c.relowner, a.* from pg_class c join pg_attribute b on b.attrelid = c.oid,"
        " aclexplode(b.attacl) a where c.relnamespace = 'public'::regnamespace and b.attnum > 0)"
        " select case when grantee = 0 then 'public' else pg_get_userbyid(grantee)::text end, relname, attname,"
        " lower(privilege_type) || case when is_grantable then ' with grant option' else '' end"
        " from rights where grantee <> relowner"
    ):
        standing.setdefault((role, table, column), set()).add(right)
    for key in standing.keys() | wanted.keys():
        role, table, column = key
        where = f"{table}.{column}" if column else table
        has, may = standing.get(key, set()), wanted.get(key, set())
        for right in has - may:
            yield Finding("grant", where, f"{role} may {right}")
        for right in may - has:
            yield Finding("grant missing", where, f"{role} may not {right}")
    for role, name in rows(
        "select r.rolname, n.nspname from pg_namespace n, pg_roles r where n.nspname = 'public'"
        " and r.rolname = any (%s) and has_schema_privilege(r.oid, n.oid, 'create')",
        [[APP, STEWARD]],
    ):
        yield Finding("grant", f"schema {name}", f"{role} may create")
    for role, name in rows(
        "select r.rolname, d.datname from pg_database d, pg_roles r where d.datname = current_database()"
        " and r.rolname = any (%s) and has_database_privilege(r.oid, d.oid, 'create')",
        [[APP, STEWARD]],
    ):
        yield Finding("grant", f"database {name}", f"{role} may create")
    for (right,) in rows(
        "select distinct coalesce(nullif(a.grantee, 0)::regrole::text, 'public') || ' gets ' || lower(a.privilege_type)"
        " from pg_default_acl d, aclexplode(d.defaclacl) a where a.grantee <> d.defaclrole"
    ):
        yield Finding("default grant", "new objects", right)


def _roles(rows: Rows) -> Iterator[Finding]:
    standing = {
        name: {"superuser": super_, "createdb": createdb, "createrole": createrole, "replication": replication}
        | {"bypassrls": bypass, "login": login}
        for name, super_, createdb, createrole, replication, bypass, login in rows(
            "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin"
            " from pg_roles where rolname = any (%s)",
            [list(OUR_ROLES)],
        )
    }
    for role, attributes in roles.ATTRIBUTES.items():
        if role not in standing:
            yield Finding("role missing", role, "make the roles: bin/manage ensure_roles")
            continue
        may = set(attributes.split())
        for attribute, has in standing[role].items():
            if has and attribute not in may:
                yield Finding("role too strong", role, f"has {attribute}")
    for member, role in rows(
        "select m.rolname, r.rolname from pg_auth_members a join pg_roles m on m.oid = a.member"
        " join pg_roles r on r.oid = a.roleid where m.rolname = any (%s) or r.rolname = any (%s)",
        [list(OUR_ROLES), list(OUR_ROLES)],
    ):
        if (member, role) != (MIGRATOR, OWNER) and not (member not in OUR_ROLES and _is_administrator(rows, member)):
            yield Finding("role too strong", member, f"is a member of {role}")
    for role, what in rows(
        "select r.rolname, pg_describe_object(d.classid, d.objid, d.objsubid) from pg_shdepend d"
        " join pg_roles r on r.oid = d.refobjid and d.refclassid = 'pg_authid'::regclass"
        " join pg_database b on b.oid = d.dbid and b.datname = current_database()"
        " where d.deptype = 'o' and r.rolname = any (%s)",
        [[APP, STEWARD]],
    ):
        yield Finding("role too strong", role, f"owns {what}")


def _is_administrator(rows: Rows, role: str) -> bool:
    """Whether a role may make others: PostgreSQL 16 and later enters whoever made a role as its member."""
    return bool(rows("select 1 from pg_roles where rolname = %s and (rolsuper or rolcreaterole)", [role]))


CHECKS = (_tables, _policies, _references, _indexes, _functions, _history, _grants, _roles)
