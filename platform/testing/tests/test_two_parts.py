"""A partner with two parts at one host: what the greater part opens in one deployment reaches nothing of the other."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.test import Client

from access.permissions import LEAST_FIRST, Part
from accounts.models import User
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item
from tenancy.models import Site
from tenancy.scope import scope
from testing.isolation import homes, registry
from testing.isolation.answers import Person
from testing.isolation.homes import HIDDEN, SETUP, SHARED, Home
from testing.isolation.registry import Missing, Operation, Values
from testing.isolation.suite import Suite
from testing.management.commands.isolation import own_database
from testing.scenes import GO_LIVE, Scene
from testing.settling import settle

registry.load()


@pytest.fixture
def suite() -> Iterator[Suite]:
    """Two tenants; the vendor of the first funds its other deployment."""
    with own_database() as database:
        built = [homes.build("alder"), homes.build("birch")]
        home = built[0]
        with scope(home.organization.pk):
            other = Deployment.objects.get(pk=home.lanes[HIDDEN].things["deployment"])
            Item.objects.update(owner="VEN")  # each is one that a vendor works on
            other.share_with(home.partners[Part.VENDOR], part=Part.FUNDER, by=SETUP)
        settle()
        yield Suite(built, {home.slug: homes.ids_by_reach(home, database) for home in built})


def crossed(own: Values, other: Values) -> Values:
    """Return the things of another deployment under the address of the own one."""
    return {**own, **{name: thing for name, thing in other.items() if isinstance(thing, UUID) and thing != own.get(name)},
            "deployment": own["deployment"]}  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_a_vendor_that_funds_another_deployment_works_on_nothing_of_it(suite: Suite) -> None:
    home: Home = suite.homes[0]
    vendor = Person(Part.VENDOR.value, home.people[Part.VENDOR], home)
    own, other = home.lanes[SHARED].things, home.lanes[HIDDEN].things
    theirs = crossed(own, other)
    apart = {name: thing for name, thing in theirs.items() if thing != own.get(name)}
    nobodys = {**theirs, **Missing(apart)}
    browser = suite._client(vendor)
    for place in (f"{own['deployment']}/items/{own['item']}/", f"{other['deployment']}/stages/"):
        assert browser.get(f"/o/alder/deployments/{place}").status_code == 200, place
    assert browser.get(f"/o/alder/deployments/{other['deployment']}/items/{other['item']}/").status_code == 403
    asked = 0
    for operation in suite.operations:
        if "deployment" not in operation.path(own):
            continue
        for method in operation.methods:
            if same_anyway(operation, method, own, theirs):
                continue
            answers = [suite._ask(operation, vendor, home, method, things, things) for things in (theirs, nobodys)]
            one = answers[0].plain(apart, home.slug, suite.known)
            none = answers[1].plain({name: nobodys[name] for name in apart}, home.slug, suite.known)
            suite._same(operation, vendor, method, "the other deployment's", one, none)
            asked += 1
    found = [leak for leak in suite.result.leaks if "the other deployment's" in leak]
    assert (found, dict(suite.result.errors)) == ([], {})
    assert asked > 30


def same_anyway(operation: Operation, method: str, own: Values, theirs: Values) -> bool:
    """Whether the request says the same with either deployment's things."""
    body = operation.body or registry.nothing
    return operation.path(own) == operation.path(theirs) and (method != "POST" or body(own) == body(theirs))


@pytest.mark.parametrize("parts", [(Part.VENDOR, Part.HUB), (Part.HUB, Part.VENDOR)], ids=lambda both: "-".join(both))
def test_a_vendor_that_helps_elsewhere_finds_no_more_of_its_own_deployment(
    scene: Scene, client_of: Callable[[User], Client], parts: tuple[Part, Part]
) -> None:
    """Outside one deployment the part that opens least holds for all of them, in whatever order they were given."""
    world = scene.world
    with scope(world.host.pk):
        site = Site.objects.create(name="Harbor", kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
        for deployment, part in zip((scene.deployment, other), parts, strict=True):
            deployment.share_with(world.vendor, part=part, by=scene.manager)
        alien = Item.objects.get(
            deployment=dict(zip(parts, (scene.deployment, other), strict=True))[Part.VENDOR], number=1
        )
        Item.objects.filter(pk=alien.pk).update(title="Quokka census")
    vendor, helper = client_of(world.vendor_manager), client_of(world.hub_manager)
    assert vendor.get(f"/o/host/deployments/{alien.deployment_id}/items/1/").status_code == 404
    found = vendor.get("/o/host/find", {"q": "quokka"})
    assert (found.status_code, b"Quokka census" in found.content) == (200, False)
    with scope(world.host.pk):
        alien.deployment.share_with(world.hub, part=Part.HUB, by=scene.manager)
    assert b"Quokka census" in helper.get("/o/host/find", {"q": "quokka"}).content


def test_every_part_has_its_place_among_what_the_parts_open() -> None:
    assert sorted(LEAST_FIRST) == sorted(Part)
