"""Wall 2: the database itself refuses, with the Python wall out of the way."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import IntegrityError, ProgrammingError

from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World


def names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select name from tenancy_site order by name")
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def two_sites(world: World) -> World:
    with scope(world.host.pk):
        Site.objects.create(name="Main Street")
    with scope(world.elsewhere.pk):
        Site.objects.create(name="Far Away")
    return world


def test_without_a_scope_no_row_is_seen(two_sites: World) -> None:
    assert names() == []


def test_in_scope_only_the_own_rows_are_seen(two_sites: World) -> None:
    with scope(two_sites.host.pk):
        assert names() == ["Main Street"]
    with scope(two_sites.elsewhere.pk):
        assert names() == ["Far Away"]


@pytest.mark.asvs("V8.4.1")
@pytest.mark.parametrize("statement", ["update tenancy_site set name = 'Taken'", "delete from tenancy_site"])
def test_a_write_touches_only_the_own_rows(two_sites: World, statement: str) -> None:
    with scope(two_sites.elsewhere.pk), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1
    with scope(two_sites.host.pk):
        assert names() == ["Main Street"]


def test_a_row_cannot_be_given_to_another_organization(two_sites: World) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        scope(two_sites.elsewhere.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("update tenancy_site set organization_id = %s", [two_sites.host.pk])
    with scope(two_sites.host.pk):
        assert names() == ["Main Street"]


def test_a_partner_with_no_shared_deployment_sees_no_closed_table(two_sites: World) -> None:
    with scope(two_sites.host.pk, deployments=[]), connection.cursor() as cursor:
        cursor.execute("select count(*) from accounts_membership")
        assert cursor.fetchone() == (0,)


def test_a_person_reads_their_own_seats_outside_any_organization(two_sites: World) -> None:
    from accounts.models import Seat
    from tenancy.scope import person_scope

    assert Seat.of(two_sites.owner.pk) == []
    with person_scope(two_sites.owner.pk):
        assert [seat.organization for seat in Seat.of(two_sites.owner.pk)] == [two_sites.host]
        assert Seat.of(two_sites.stranger.pk) == []


@pytest.mark.asvs("V8.4.1")
@pytest.mark.django_db(transaction=True)
def test_a_reference_cannot_leave_its_organization(two_sites: World, member_of: Callable[[World], UUID]) -> None:
    with scope(two_sites.elsewhere.pk):
        foreign = Site.objects.get().pk
    with (
        pytest.raises(IntegrityError, match="tfk_accounts_membershipsite_site_id"),
        scope(two_sites.host.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "insert into accounts_membershipsite (id, organization_id, membership_id, site_id) values (uuid7(), %s, %s, %s)",
            [two_sites.host.pk, member_of(two_sites), foreign],
        )


@pytest.fixture
def member_of() -> Callable[[World], UUID]:
    def find(world: World) -> UUID:
        from accounts.models import Membership

        return Membership.objects.get(user=world.manager).pk

    return find


@pytest.mark.parametrize(
    "statement",
    [
        "truncate tenancy_site",
        "update audit_event set action = 'x'",
        "delete from audit_event",
        "drop policy tenant on tenancy_site",
        "alter table tenancy_site disable row level security",
    ],
)
def test_the_app_role_cannot_weaken_the_walls(two_sites: World, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        scope(two_sites.host.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
