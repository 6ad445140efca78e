"""Two health organizations that look alike, each with all roles, three partners of its own, and canaries in its texts."""

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from django.db import models
from psycopg import sql

from access.permissions import Part, Role
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from audit.actor import Actor
from tenancy import schema
from tenancy.models import Organization, Site
from tenancy.models.base import Partners
from tenancy.scope import scope
from testing import databases
from testing.isolation.registry import Lane, builders

SETUP = Actor.system("isolation set-up")
SHARED, HIDDEN = "shared", "hidden"
ELSEWHERE = "elsewhere"
LIMITED = "limited manager"
"""A member who manages, limited to the site of the shared lane."""


@dataclass(slots=True)
class Home:
    """A tenant: its people by role, its partners, and two lanes, of which only one is shared with the partners."""

    organization: Organization
    people: dict[str, User]
    partners: dict[str, Organization]
    lanes: dict[str, Lane] = field(default_factory=dict)
    shared_things: dict[str, Any] = field(default_factory=dict)
    """What belongs to the tenant and not to a deployment; both lanes hold it."""

    bearer: str = ""
    """The secret of a token of the owner's, with every scope."""

    untouched: set[UUID] = field(default_factory=set)
    """Rows into which no canary goes, since a verb compares their words with what it wrote."""

    @property
    def slug(self) -> str:
        """The tenant's place in addresses."""
        return self.organization.slug

    @property
    def closed_token(self) -> str:
        """Stands in rows that partners may not reach."""
        return f"cnry{self.slug}closed"

    @property
    def open_token(self) -> str:
        """Stands in rows that partners may reach."""
        return f"cnry{self.slug}open"

    @property
    def hidden_token(self) -> str:
        """Stands in rows of the deployment that is not shared, and of its site."""
        return f"cnry{self.slug}hidden"

    def actor(self, role: str) -> Actor:
        """Return one of its people as the actor of a verb; to be called in its scope."""
        return Membership.objects.active().get(user=self.people[role]).actor


def build(slug: str) -> Home:
    """Create a tenant with everything that the apps' builders know to make."""
    owner = _person("owner", slug)
    host = _organization(slug, Organization.Kind.HEALTH, owner)
    people = {"owner": owner}
    with scope(host.pk):
        for role in Role:
            if role is not Role.OWNER:
                people[role.value] = _person(role.value.replace("_", "."), slug)
                Membership.add(people[role.value], roles=[role], by=SETUP, title=f"Title cnry{slug}open")
    partners = {}
    for part in Part:
        people[part.value] = _person("manager", f"{slug}-{part.value}")
        partners[part.value] = _organization(f"{slug}-{part.value}", part.value, people[part.value])
    home = Home(host, people, partners)
    for name, token in ((SHARED, home.open_token), (HIDDEN, home.hidden_token)):
        home.lanes[name] = Lane(token, {"slug": slug})
        with scope(host.pk):
            for builder in builders():
                builder.build(home, home.lanes[name])
    with scope(host.pk):
        people[LIMITED] = _person("limited.manager", slug)
        member = Membership.add(people[LIMITED], roles=[Role.IMPLEMENTATION_MANAGER], by=SETUP)
        if "site" in home.lanes[SHARED].things:
            member.limit_to([Site.objects.get(pk=home.lanes[SHARED].things["site"])], by=SETUP)
    return home


def _person(name: str, slug: str) -> User:
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(f"{name}@{slug}.example", name=f"{name.title()} cnry{slug}open")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _organization(slug: str, kind: str, owner: User) -> Organization:
    return create_organization(name=f"Organization {slug}", slug=slug, kind=kind, owner=owner, by=SETUP)


def plant_canaries(home: Home, database: str) -> int:
    """Put the tenant's tokens into every text a person wrote, through the administrator; return how many were planted."""
    planted = 0
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        for model in schema.tenant_models():
            for column in _prose(model):
                planted += _plant(connection, home, model, column)
    return planted


def _prose(model: type[models.Model]) -> list[Any]:
    fields = [field for field in model._meta.local_fields if isinstance(field, models.CharField | models.TextField)]
    return [field for field in fields if not field.choices and (field.max_length or 1000) >= 80]


def _plant(connection: psycopg.Connection, home: Home, model: Any, column: Any) -> int:
    token: sql.Composable = sql.Literal(home.closed_token)
    if model.partners is Partners.OPEN:
        token = sql.Literal(home.open_token)
    elif model.partners is Partners.DEPLOYMENT:
        shared = home.lanes[SHARED].things.get("deployment")
        token = sql.SQL("case when {} then {} when {} = {} then {} else {} end").format(
            _elsewhere(home, model), sql.Literal(home.hidden_token),
            sql.Identifier(model.deployment_column), sql.Literal(shared), sql.Literal(home.open_token),
            sql.Literal(home.closed_token),
        )  # fmt: skip
    elif model.deployment_field() or model.site_field():
        token = sql.SQL("case when {} then {} else {} end").format(
            _elsewhere(home, model), sql.Literal(home.hidden_token), sql.Literal(home.closed_token)
        )
    # Only prose: a word without space or capital, or of three letters (NY), may be a key that the code looks up.
    statement = sql.SQL(
        "update {table} set {column} = left({column}, {room}) || ' ' || {token} where organization_id = {home}"
        " and id <> all({untouched}) and length({column}) > 3 and {column} ~ '[A-Z ]' and {column} !~ 'cnry' and {column} !~ '^[A-Z][A-Za-z]+/[A-Z]'"
    ).format(
        table=sql.Identifier(model._meta.db_table), column=sql.Identifier(column.column), token=token,
        untouched=sql.Literal(list(home.untouched)), room=sql.Literal((column.max_length or 1000) - 40), home=sql.Literal(home.organization.pk),
    )  # fmt: skip
    return connection.execute(statement).rowcount


def _elsewhere(home: Home, model: Any) -> sql.Composable:
    """Return the condition of rows at the deployment that is not shared, at its site, or of every site."""
    things = home.lanes[HIDDEN].things
    columns = ((model.deployment_field(), "deployment"), (model.site_field(), "site"))
    found = [
        sql.SQL("coalesce({} = {}, false)").format(sql.Identifier(field.column), sql.Literal(things.get(name)))
        for field, name in columns
        if field is not None
    ]
    if (several := model.deployments_field()) is not None:
        one = sql.Literal(things.get("deployment"))
        found.append(sql.SQL("coalesce({} = any({}), false)").format(one, sql.Identifier(several.column)))
    if model.whole_without_deployment:
        found.append(sql.SQL("{} is null").format(sql.Identifier(model.deployment_column)))
    return sql.SQL(" or ").join(found) if found else sql.SQL("false")


def ids_by_reach(home: Home, database: str) -> dict[str, set[UUID]]:
    """Return the ids of the tenant's rows: all, those of the deployment that is not shared, and those at its site too."""
    found: dict[str, set[UUID]] = {"all": set(), HIDDEN: set(), ELSEWHERE: set()}
    hidden = home.lanes[HIDDEN].things.get("deployment")
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], database)
    with psycopg.connect(url) as connection:
        for model in schema.tenant_models():
            table = sql.Identifier(model._meta.db_table)
            of_home = sql.SQL("select id from {} where organization_id = %s").format(table)
            found["all"] |= {pk for (pk,) in connection.execute(of_home, [home.organization.pk])}
            if model.partners is Partners.DEPLOYMENT:
                of_lane = sql.SQL("select id from {} where {} = %s").format(
                    table, sql.Identifier(model.deployment_column)
                )
                found[HIDDEN] |= {pk for (pk,) in connection.execute(of_lane, [hidden])}
            away = sql.SQL("select id from {} where organization_id = %s and ({})").format(
                table, _elsewhere(home, model)
            )
            found[ELSEWHERE] |= {pk for (pk,) in connection.execute(away, [home.organization.pk])}
    return found
