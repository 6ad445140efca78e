"""Wall 1: tenant data outside a scope is refused, whatever method asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from accounts.audit import MEMBER_ADDED
from accounts.models import Membership
from audit.models import Event
from audit.models.event import record
from tenancy.ids import uuid7
from tenancy.models import Organization, Site
from tenancy.scope import NoScope, WrongScope, current_or_none, scope
from testing.cast import World

READS: dict[str, Callable[[], Any]] = {
    "list": lambda: list(Site.objects.all()),
    "get": lambda: Site.objects.get(name="x"),
    "first": lambda: Site.objects.first(),
    "count": lambda: Site.objects.count(),
    "exists": lambda: Site.objects.exists(),
    "exclude-exists": lambda: Site.objects.exclude(name="x").exists(),
    "aggregate": lambda: Site.objects.aggregate(Count("id")),
    "values": lambda: list(Site.objects.values("name")),
    "in_bulk": lambda: Site.objects.in_bulk(),
    "iterator": lambda: list(Site.objects.iterator()),
    "explain": lambda: Site.objects.all().explain(),
    "union": lambda: list(Site.objects.all().union(Site.objects.all())),
    "subquery": lambda: list(Organization.objects.filter(Exists(Site.objects.filter(organization_id=OuterRef("pk"))))),
    "base manager": lambda: list(Site._base_manager.all()),
    "raw queryset filter": lambda: list(Site.objects.filter(name="x") | Site.objects.filter(name="y")),
    "dates": lambda: list(Site.objects.datetimes("created_at", "day")),
    "contains": lambda: Site.objects.contains(Site(name="x")),
    "latest": lambda: Site.objects.latest("created_at"),
    "earliest": lambda: Site.objects.earliest("created_at"),
    "last": lambda: Site.objects.last(),
    "distinct": lambda: list(Site.objects.distinct()),
    "prefetch": lambda: list(Site.objects.prefetch_related("organization")),
    "only": lambda: list(Site.objects.only("name")),
    "refresh": lambda: Site(name="x").refresh_from_db(),
}
WRITES: dict[str, Callable[[], Any]] = {
    "update": lambda: Site.objects.update(name="x"),
    "delete": lambda: Site.objects.all().delete(),
    "filtered delete": lambda: Site.objects.filter(name="x").delete(),
    "bulk_update": lambda: Site.objects.bulk_update([Site(name="x")], ["name"]),
    "create": lambda: Site.objects.create(name="x"),
    "bulk_create": lambda: Site.objects.bulk_create([Site(name="x")]),
    "save": lambda: Site(name="x").save(),
    "get_or_create": lambda: Site.objects.get_or_create(name="x"),
    "update_or_create": lambda: Site.objects.update_or_create(name="x"),
    "select_for_update": lambda: Site.locked("00000000-0000-7000-8000-000000000000"),
}


@pytest.mark.parametrize("operation", [*READS.values(), *WRITES.values()], ids=[*READS, *WRITES])
def test_outside_a_scope_it_refuses(world: World, operation: Callable[[], Any]) -> None:
    with scope(world.host.pk):
        kept = Site.objects.create(name="Main Street").pk
    with pytest.raises(NoScope), transaction.atomic():
        operation()
    with scope(world.host.pk):
        assert list(Site.objects.values_list("pk", "name")) == [(kept, "Main Street")]


def test_an_empty_query_is_empty_and_not_refused(world: World) -> None:
    assert list(Site.objects.none()) == []


def test_in_scope_only_its_own_rows_are_there(world: World) -> None:
    with scope(world.host.pk):
        Site.objects.create(name="Main Street")
    with scope(world.elsewhere.pk):
        assert Site.objects.count() == 0


def test_a_row_of_another_organization_cannot_be_saved(world: World) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
    with scope(world.elsewhere.pk):
        site.name = "Taken"
        with pytest.raises(WrongScope):
            site.save()
    with scope(world.host.pk):
        assert Site.objects.get().name == "Main Street"


def test_nested_scopes_give_the_outer_one_back(world: World) -> None:
    with scope(world.host.pk):
        Site.objects.create(name="Main Street")
        with scope(world.elsewhere.pk):
            assert Site.objects.count() == 0
        assert Site.objects.count() == 1
        with pytest.raises(ZeroDivisionError), scope(world.elsewhere.pk):
            1 / 0  # noqa: B018
        assert Site.objects.count() == 1
    assert current_or_none() is None


@pytest.mark.django_db(transaction=True)
def test_a_partner_reaches_no_closed_table_and_only_shared_deployments(world: World, as_administrator: None) -> None:
    """The administrator's connection has no second wall."""
    shared, other = uuid7(), uuid7()
    by = world.owner.acting(world.host.pk)
    with scope(world.host.pk):
        for deployment_id in (shared, other):
            record(MEMBER_ADDED, by=by, subject=world.host, deployment_id=deployment_id)
        Site(name="Main Street").save(force_insert=True)
        assert Membership.objects.count() == 6
    with scope(world.host.pk, deployments=[shared]):
        assert Membership.objects.count() == 0
        assert [event.deployment_id for event in Event.objects.all()] == [shared]
        assert Site.objects.count() == 1
    with scope(world.host.pk, deployments=[]):
        assert Event.objects.count() == 0
