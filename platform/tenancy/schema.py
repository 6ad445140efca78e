"""Wall 2: what PostgreSQL must hold for every table, derived from the models.

`sync` brings the database to it after each migration (a new table has no grants, hence is closed, until then);
`tenancy.catalogue` compares the two at test time and at start-up. Nobody writes a policy by hand.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from tenancy import months
from tenancy.fields import TenantForeignKey
from tenancy.globals import READ_ONLY_TABLES
from tenancy.models.base import SCOPE_ORGANIZATION, Partners, TenantModel

HISTORY_IMAGES = {
    "insert": "new table as new_rows",
    "update": "new table as new_rows",
    "delete": "old table as old_rows",
}
OWNER, MIGRATOR, APP, STEWARD = "causeway_owner", "causeway_migrator", "causeway_app", "causeway_steward"


def _list(setting: str) -> str:
    return (
        f"(select case when coalesce(current_setting('{setting}', true), '') in ('', '*') then '{{}}'"
        f" else current_setting('{setting}', true) end::uuid[])::uuid[]"
    )


def _listed(setting: str) -> str:
    return f"any ({_list(setting)})"


EVERY_DEPLOYMENT = "(select current_setting('app.deployments', true) = '*')"
LISTED_DEPLOYMENTS = _listed("app.deployments")
OF_HOST = "(select current_setting('app.sites', true) <> '')"
"""A partner has no sites; the organization's own people have all of them or a list."""
NOT_LIMITED = "(select coalesce(current_setting('app.sites', true), '') in ('', '*'))"
LISTED_SITES = _listed("app.sites")


@dataclass(frozen=True, slots=True)
class Policy:
    """A row-level security policy."""

    table: str
    name: str
    using: str
    restrictive: bool = False
    command: str = "all"
    role: str = "public"

    def create(self) -> str:
        """Return the statement that makes it."""
        kind = "restrictive" if self.restrictive else "permissive"
        return f'create policy {self.name} on "{self.table}" as {kind} for {self.command} to {self.role} using ({self.using})'


@dataclass(frozen=True, slots=True)
class Reference:
    """A composite foreign key inside one organization, and the index under it."""

    table: str
    column: str
    target: str
    nullable: bool

    @property
    def name(self) -> str:
        """The constraint's name, at most 63 bytes."""
        return _short(f"tfk_{self.table}_{self.column}")

    def create(self) -> str:
        """Return the statement that makes the constraint."""
        on_delete = f' on delete set null ("{self.column}")' if self.nullable else ""
        return (
            f'alter table "{self.table}" add constraint {self.name} foreign key (organization_id, "{self.column}")'
            f' references "{self.target}" (organization_id, id){on_delete} deferrable initially deferred'
        )


def tenant_models() -> list[type[TenantModel]]:
    """Return every concrete model whose rows belong to an organization, by table name."""
    found = [model for model in apps.get_models(include_auto_created=True) if issubclass(model, TenantModel)]
    return sorted(found, key=lambda model: model._meta.db_table)


def global_models() -> list[type[models.Model]]:
    """Return every other managed model, by table name."""
    found = [model for model in apps.get_models(include_auto_created=True) if not issubclass(model, TenantModel)]
    return sorted((model for model in found if model._meta.managed), key=lambda model: model._meta.db_table)


def policies(model: type[TenantModel]) -> Iterator[Policy]:
    """Yield the policies of a tenant table."""
    table = model._meta.db_table
    yield Policy(table, "tenant", f"organization_id = {SCOPE_ORGANIZATION}")
    # A restrictive policy binds the further ways to read as well: it must let them through.
    further = list(model.extra_select_policies.values())
    if model.partners is Partners.CLOSED:
        command = "select" if model.partners_append else "all"
        using = [OF_HOST, *further]
        yield Policy(table, "partners", " or ".join(using), restrictive=True, command=command, role=APP)
    elif model.partners is Partners.DEPLOYMENT and (field := model.deployment_field()):
        using = [EVERY_DEPLOYMENT, f"{field.column} = {LISTED_DEPLOYMENTS}"]
        using += [f"({OF_HOST} and {without})" for without in _without(field)]
        yield Policy(table, "partners", " or ".join(using), restrictive=True, role=APP)
    yield from _limits(model)
    if model.steward_columns:
        yield Policy(table, "steward", "true", command="select", role=STEWARD)
    for name, condition in model.extra_select_policies.items():
        yield Policy(table, name, condition, command="select", role=APP)


def _limits(model: type[TenantModel]) -> Iterator[Policy]:
    """Yield what closes the rows of other deployments and sites to a member limited to sites, wherever partners stand."""
    further = list(model.extra_select_policies.values())
    narrowed = [("sites", model.site_field(), LISTED_SITES)]
    if model.partners is not Partners.DEPLOYMENT:
        narrowed.append(("deployments", model.deployment_field(), LISTED_DEPLOYMENTS))
    for name, field, listed in narrowed:
        if field is not None:
            without = [] if name == "deployments" and model.whole_without_deployment else _without(field)
            using = [NOT_LIMITED, f"{field.column} = {listed}", *without, *further]
            yield Policy(model._meta.db_table, name, " or ".join(using), restrictive=True, role=APP)
    if several := model.deployments_field():
        using = [NOT_LIMITED, f"{several.column} <@ {_list('app.deployments')}"]
        yield Policy(model._meta.db_table, "several", " or ".join(using), restrictive=True, role=APP)
    if part := model.part_field():
        whole = part.related_model._meta.db_table
        # Its own policies narrow the inner select; for everybody else it is never run.
        using = [NOT_LIMITED, f"{part.column} in (select {whole}.id from {whole})"]  # noqa: S608 - our own tables
        yield Policy(model._meta.db_table, "whole", " or ".join(using), restrictive=True, role=APP)


def _without(field: "models.Field[Any, Any]") -> list[str]:
    return [f"{field.column} is null"] if field.null else []


def references(model: type[TenantModel]) -> Iterator[Reference]:
    """Yield the composite foreign keys of a tenant table."""
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            target = field.related_model._meta.db_table
            yield Reference(model._meta.db_table, field.column, target, field.null)


def grants(model: type[models.Model]) -> set[str]:
    """Return what the app role may do with a table."""
    if model._meta.db_table in READ_ONLY_TABLES:
        return {"select"}
    if getattr(model, "append_only", False):
        return {"select", "insert"}
    return {"select", "insert", "update", "delete"}


def index_name(table: str, column: str) -> str:
    """Return the name of the tenant-led index under a reference."""
    return _short(f"tix_{table}_{column}")


def unique_name(table: str) -> str:
    """Return the name of the (organization_id, id) key that composite references point at."""
    return _short(f"tid_{table}")


def fingerprint() -> str:
    """Return a digest of everything the models ask of the database beyond their migrations."""
    lines = []
    for model in tenant_models():
        lines += [policy.create() for policy in policies(model)]
        lines += [reference.create() for reference in references(model)]
        lines += [model._meta.db_table, *sorted(grants(model)), *model.steward_columns, str(model.history)]
        lines += ["by the month"] if model.monthly else []
    lines += [f"{model._meta.db_table} {sorted(grants(model))}" for model in global_models()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sync() -> list[str]:
    """Bring the database to what the models ask; return the statements that were needed. Runs as the migrator.

    Each table is changed in transactions of its own: between an old policy and the new one nobody reads the table
    without either, nobody is refused between a revoke and its grant, and a statement that fails leaves what stood.
    """
    done: list[str] = []
    with connection.cursor() as cursor:
        standing = _Standing.read(cursor)

        def run(statements: Iterable[str]) -> None:
            with transaction.atomic():
                for statement in statements:
                    cursor.execute(statement)
                    done.append(statement)

        run([f"grant usage on schema public to {APP}, {STEWARD}"])
        for model in tenant_models():
            run(_wall(model, standing))
        for model in tenant_models():
            run(_ties(model, standing))
        for table_model in [*tenant_models(), *global_models()]:
            run(_granted(table_model))
        for name in sorted(standing.tables):
            if months.parent_of(name):
                run(_closed(name, standing))
        run(
            [
                f"revoke all on django_migrations from public, {APP}, {STEWARD}",
                f"grant select on django_migrations to {APP}",
                f"grant usage on all sequences in schema public to {APP}",
            ]
        )
    return done


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the database has already."""

    constraints: set[str]
    indexes: set[str]
    policies: set[tuple[str, str]]
    """Table and name."""
    digests: dict[str, str]
    """The statement behind each policy, "table.name", as its comment keeps it."""
    secured: set[str]
    triggers: set[str]
    tables: set[str]

    @classmethod
    def read(cls, cursor: Any) -> "_Standing":
        """Ask the system catalogues."""

        def rows(query: str) -> list[tuple[Any, ...]]:
            cursor.execute(query)
            return list(cursor.fetchall())

        def names(query: str) -> set[str]:
            return {name for (name,) in rows(query)}

        return cls(
            names("select conname from pg_constraint where connamespace = 'public'::regnamespace"),
            names("select indexname from pg_indexes where schemaname = 'public'"),
            {(table, name) for table, name in rows("select tablename, policyname from pg_policies")},
            dict(
                rows(
                    "select c.relname || '.' || p.polname, obj_description(p.oid, 'pg_policy')"
                    " from pg_policy p join pg_class c on c.oid = p.polrelid"
                )
            ),
            names("select relname from pg_class where relrowsecurity and relforcerowsecurity"),
            names("select tgname || '.' || relname from pg_trigger t join pg_class c on c.oid = tgrelid"),
            names("select tablename from pg_tables where schemaname = 'public'"),
        )


def _wall(model: type[TenantModel], standing: _Standing) -> Iterator[str]:
    """Yield what a tenant table's policies, and the key under its references, still need."""
    table = model._meta.db_table
    if table not in standing.secured:
        yield f'alter table "{table}" enable row level security'
        yield f'alter table "{table}" force row level security'
    wanted = {policy.name: policy for policy in policies(model)}
    for of, name in sorted(standing.policies):
        if of == table and name not in wanted:
            yield f'drop policy "{name}" on "{table}"'
    for policy in wanted.values():
        digest = hashlib.sha256(policy.create().encode()).hexdigest()
        if standing.digests.get(f"{table}.{policy.name}") == digest:
            continue
        yield f'drop policy if exists {policy.name} on "{table}"'
        yield policy.create()
        yield f"comment on policy {policy.name} on \"{table}\" is '{digest}'"
    if unique_name(table) not in standing.constraints:
        yield f'alter table "{table}" add constraint {unique_name(table)} unique (organization_id, id)'


def _ties(model: type[TenantModel], standing: _Standing) -> Iterator[str]:
    """Yield the composite references and history triggers that a tenant table still needs."""
    table = model._meta.db_table
    for reference in references(model):
        index = index_name(table, reference.column)
        if reference.name not in standing.constraints:
            yield reference.create()
        if index not in standing.indexes:
            yield f'create index {index} on "{table}" (organization_id, "{reference.column}")'
    if not model.history:
        return
    for operation, images in HISTORY_IMAGES.items():
        if f"history_{operation}.{table}" not in standing.triggers:
            yield (
                f'create trigger history_{operation} after {operation} on "{table}" referencing {images}'
                f" for each statement execute function audit_keep_rows()"
            )


def _granted(model: type[models.Model]) -> Iterator[str]:
    """Yield what gives the roles exactly what they may do with a table."""
    table = model._meta.db_table
    yield f'revoke all on "{table}" from public, {APP}, {STEWARD}'
    yield f'grant {", ".join(sorted(grants(model)))} on "{table}" to {APP}'
    if columns := getattr(model, "steward_columns", ()):
        yield f'grant select ({", ".join(columns)}) on "{table}" to {STEWARD}'


def _closed(name: str, standing: _Standing) -> Iterator[str]:
    """Yield what lets nobody but the owner reach a month, or the rest, by its own name: no policy and no grant."""
    if name not in standing.secured:
        yield f"alter table {name} enable row level security"
        yield f"alter table {name} force row level security"
    for of, policy in sorted(standing.policies):
        if of == name:
            yield f'drop policy "{policy}" on {name}'
    yield f"revoke all on {name} from public, {APP}, {STEWARD}"


def _short(name: str) -> str:
    if len(name) <= 60:
        return name
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:9]}"
