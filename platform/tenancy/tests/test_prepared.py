"""A query that is written once is run in the scope in force, whoever's scope it was written in."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from tenancy.models import Organization, Site
from tenancy.prepared import prepared
from tenancy.scope import NoScope, scope
from testing.cast import World

TODAY, WEEK = date(2026, 11, 26), timedelta(days=7)


@pytest.fixture
def named() -> Callable[..., list[Any]]:
    """Sites by name: written anew for each test."""

    @prepared
    def named(name: str) -> QuerySet[Site]:
        return Site.objects.filter(name=name).order_by("pk")

    return named


def a_site(organization: Organization, name: str = "Main Street", **profile: Any) -> Site:
    with scope(organization.pk):
        return Site.objects.create(name=name, **profile)


def test_each_organization_finds_its_own_rows(world: World, named: Callable[..., list[Any]]) -> None:
    ours, theirs = a_site(world.host), a_site(world.elsewhere)
    for organization, site in ((world.host, ours), (world.elsewhere, theirs), (world.host, ours), (world.vendor, None)):
        with scope(organization.pk):
            assert named("Main Street") == ([site] if site else [])
            assert named("Side Street") == []


def test_the_organization_stands_in_the_sql_whoever_asked_first(world: World, named: Callable[..., list[Any]]) -> None:
    """What the first wall alone says: the second would hide a wrong organization's id here."""
    for organization in (world.host, world.elsewhere):
        with (
            scope(organization.pk),
            CaptureQueriesContext(
                connection,
            ) as asked,
        ):
            named("Main Street")
        [statement] = asked.captured_queries
        assert f"\"organization_id\" = '{organization.pk.hex}'" in statement["sql"].replace("-", "")
        assert statement["sql"].count('organization_id" =') == 1


def test_rows_are_those_of_the_queryset_with_what_it_joins_adds_and_picks(world: World) -> None:
    def build(site_id: UUID, until: date) -> QuerySet[Site]:
        like = Site.objects.filter(name=OuterRef("name"), closed_on__lt=until)
        return Site.objects.filter(pk=site_id).annotate(twin=Exists(like)).select_related("organization")

    def pick(kind: str) -> QuerySet[Site, Any]:
        return Site.objects.filter(kind=kind).order_by("name").values_list("name", flat=True)

    kept, picked = prepared(build), prepared(pick)
    site = a_site(world.host, closed_on=date(2026, 11, 1))
    a_site(world.host, "Annex", kind=Site.Kind.SCHOOL)
    with scope(world.host.pk), CaptureQueriesContext(connection) as asked:
        for until, twin in ((date(2026, 11, 2), True), (date(2026, 11, 1), False)):
            [found] = kept(site.pk, until)
            assert (found, found.twin, found.organization.name) == (site, twin, world.host.name)
        assert picked("school") == ["Annex"]
        assert picked("clinic") == ["Main Street"]
    assert len(asked) == 4


def test_outside_a_scope_it_refuses_also_when_it_was_written_inside(
    world: World, named: Callable[..., list[Any]]
) -> None:
    with pytest.raises(NoScope):
        named("Main Street")
    with scope(world.host.pk):
        named("Main Street")
    with pytest.raises(NoScope):
        named("Main Street")


def test_whoever_is_limited_to_sites_finds_those_alone(world: World, named: Callable[..., list[Any]]) -> None:
    here, there = a_site(world.host), a_site(world.host)
    with scope(world.host.pk):
        assert named("Main Street") == [here, there]
    with scope(world.host.pk, deployments=[], sites=[there.pk]), CaptureQueriesContext(connection) as asked:
        assert named("Main Street") == [there]
    assert there.pk.hex in asked.captured_queries[0]["sql"].replace("-", "")
    with scope(world.host.pk):
        assert named("Main Street") == [here, there]


def test_nothing_may_differ_that_does_not_stand_in_the_sql(world: World) -> None:
    @prepared
    def altered(words: str) -> QuerySet[Site]:
        return Site.objects.filter(name__icontains=words)

    @prepared
    def forgotten(name: str, kind: str) -> QuerySet[Site]:
        return Site.objects.filter(name=name)

    @prepared
    def in_a_list(name: str) -> QuerySet[Site]:
        return Site.objects.filter(name=name).extra(where=["name = any(%s)"], params=[[name]])

    @prepared
    def also_derived(today: date) -> QuerySet[Site]:
        return Site.objects.filter(closed_on__lte=today, pk__in=Site.objects.filter(closed_on__gte=today - WEEK))

    @prepared
    def fetches_more(name: str) -> QuerySet[Site]:
        return Site.objects.filter(name=name).prefetch_related("organization")

    @prepared
    def asks_first(name: str) -> QuerySet[Site]:
        return Site.objects.filter(name=name, pk__in=[site.pk for site in Site.objects.all()])

    a_site(world.host)
    with scope(world.host.pk), CaptureQueriesContext(connection) as asked:
        for query, values in (
            (altered, ["a"]), (forgotten, ["a", "b"]), (in_a_list, ["a"]), (also_derived, [TODAY]), (fetches_more, ["a"]),
            (asks_first, ["a"]),
        ):  # fmt: skip
            for _ in range(2):
                with pytest.raises(TypeError):
                    query(*values)
    assert [one for one in asked.captured_queries if one["sql"]] == []  # what was refused has none
