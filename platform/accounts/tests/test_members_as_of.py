"""Who belonged to the organization at a moment is who belonged to it then: as-of equals replay."""

import random
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client

from access.permissions import Role
from accounts.as_of import members_at
from accounts.models import Membership, User
from accounts.models.membership import CannotLimit, LastOwner
from audit.actor import Actor
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World, person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

ClientOf = Callable[[User], Client]
BY = Actor.system("test")
Told = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
LIMITABLE = [Role.CONTRIBUTOR, Role.LEARNER, Role.AUDITOR, Role.IMPLEMENTATION_MANAGER]


def now(world: World) -> tuple[datetime, Told]:
    with scope(world.host.pk), connection.cursor() as cursor:
        told = {
            one.user.email: (tuple(one.roles), tuple(sorted(each.site.name for each in one.site_limits.all())))
            for one in Membership.objects.active().select_related("user").prefetch_related("site_limits__site")
        }
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0], told


def test_every_moment_is_told_as_it_was(world: World) -> None:
    chance, people = random.Random("members"), [person(f"p{number}@host.example", f"P {number}") for number in range(6)]
    with scope(world.host.pk):
        sites = [Site.objects.create(name=f"Clinic {number}") for number in range(4)]
    moments = [now(world)]
    for _ in range(50):
        with scope(world.host.pk):
            who = chance.choice(people)
            member = Membership.objects.active().filter(user=who).first()
            some = chance.sample(sites, chance.randint(0, 3))
            roles = [role.value for role in chance.sample(LIMITABLE, chance.randint(1, 2))]
            try:
                if member is None:
                    Membership.add(who, roles=roles, sites=some, by=BY)
                else:
                    chance.choice(
                        [
                            lambda member=member, roles=roles: member.change_roles(roles, by=BY),
                            lambda member=member, some=some: member.limit_to(some, by=BY),
                            lambda member=member: member.end(by=BY),
                        ]
                    )()
            except (CannotLimit, LastOwner):
                pass
        moments.append(now(world))
    assert len({str(told) for _, told in moments}) > 25
    with scope(world.host.pk):
        for at, told in moments:
            assert {one.user.email: (one.roles, one.sites) for one in members_at(at)} == told


def test_the_page_tells_who_was_there(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        Membership.objects.get(user=world.contributor).end(by=BY)
    client = client_of(world.auditor)
    page = client.get("/o/host/admin/people/as-of/", {"at": "2100-01-01T00:00"}).content.decode()
    assert "Analyst Host" not in page
    assert "Prescriber Host" in page
    assert (
        "Nobody belonged here yet"
        in client.get("/o/host/admin/people/as-of/", {"at": "2001-01-01T00:00"}).content.decode()
    )
    assert client.get("/o/host/admin/people/as-of/", {"at": "soon"}).status_code == 422
    assert client_of(world.learner).get("/o/host/admin/people/as-of/").status_code == 403
