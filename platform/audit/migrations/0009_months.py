"""The event log and the row history by the month: what there is becomes the partition of the rest, without copying a row.

Walls move with it: policies and grants of the old table stand on the new parent before the transaction ends, so that the
version before goes on working beside it. `tenancy.months` makes the months; `audit upkeep` moves old rows into theirs.
"""

from importlib import import_module

from django.db import migrations

CANONICAL = import_module("audit.migrations.0005_canonical")
TABLES = ("audit_event", "audit_rowimage")
POLICIES = """
select p.policyname, p.permissive, p.roles::text[], p.cmd, p.qual, obj_description(o.oid, 'pg_policy')
from pg_policies p join pg_policy o on o.polname = p.policyname and o.polrelid = %s::regclass where p.tablename = %s
"""
GRANTS = """
select pg_get_userbyid(grantee), lower(privilege_type), null
from pg_class, aclexplode(relacl) where oid = %s::regclass and grantee not in (0, relowner)
union all select pg_get_userbyid(a.grantee), lower(a.privilege_type), b.attname
from pg_attribute b join pg_class c on c.oid = b.attrelid, aclexplode(b.attacl) a
where c.oid = %s::regclass and b.attnum > 0 and a.grantee not in (0, c.relowner)
"""


def forward(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(CANONICAL.BACKWARD)
        for table in TABLES:
            _partition(cursor, table)
        cursor.execute(CANONICAL.FORWARD)


def _partition(cursor, table):
    def rows(statement, *values):
        cursor.execute(statement, values or None)
        return cursor.fetchall()

    rest = f"{table}_rest"
    ties = rows(
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass"
        " and contype in ('p', 'u', 'f')",
        table,
    )
    indexes = rows("select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = %s", table)
    policies, grants = rows(POLICIES, table, table), rows(GRANTS, table, table)
    cursor.execute(f"alter table {table} rename to {rest}")
    for name, _ in indexes:
        cursor.execute(f'alter index "{name}" rename to "{name[:58]}_rest"')
    cursor.execute(
        f"create table {table} (like {rest} including defaults including constraints including storage)"
        " partition by range (id)"
    )
    for name, definition in ties:
        cursor.execute(f'alter table {table} add constraint "{name}" {definition}')
    for name, definition in indexes:
        if name not in dict(ties):
            cursor.execute(definition)
    if policies:
        cursor.execute(f"alter table {table} enable row level security")
        cursor.execute(f"alter table {table} force row level security")
    for name, permissive, roles, command, using, digest in policies:
        cursor.execute(f"create policy {name} on {table} as {permissive} for {command} to {', '.join(roles)} using ({using})")
        if digest:
            cursor.execute(f"comment on policy {name} on {table} is '{digest}'")
        cursor.execute(f"drop policy {name} on {rest}")
    for role, right, column in grants:
        cursor.execute(f"grant {right} {f'({column})' if column else ''} on {table} to {role}")
        cursor.execute(f"revoke {right} {f'({column})' if column else ''} on {rest} from {role}")
    cursor.execute(f"alter table {rest} enable row level security")
    cursor.execute(f"alter table {rest} force row level security")
    cursor.execute(f"alter table {table} attach partition {rest} default")


class Migration(migrations.Migration):
    dependencies = [("audit", "0008_legal_hold")]
    operations = [migrations.RunPython(forward, elidable=False)]
