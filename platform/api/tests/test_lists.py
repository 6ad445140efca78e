"""Lists: pages without gap or double, filters by name, and what they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.permissions import Permission
from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from audit.models.event import record
from onboarding.rosters import audit as rosters
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import SETUP, World
from testing.scenes import Scene
from testing.settling import settle
from testing.statements import counted


def sites(world: World, count: int, name: str = "Site") -> list[Site]:
    with scope(world.host.pk):
        return Site.objects.bulk_create(
            [Site(name=f"{name} {number}", country="US", region="NY") for number in range(count)]
        )


def walk(program: Caller, path: str) -> list[str]:
    """Follow `next` to the end."""
    seen, address = [], path
    while address:
        answer = program.get(address)
        assert answer.status_code == 200, answer.content
        found = answer.json()
        seen += [row["id"] for row in found["results"]]
        address = found["next"]
    return seen


def test_pages_show_every_row_once_in_order(world: World) -> None:
    made = [str(site.pk) for site in sites(world, 23)]
    assert walk(caller(world, world.manager), "sites?limit=5") == sorted(made)


def test_rows_that_come_and_go_meanwhile_are_neither_doubled_nor_do_they_hide_others(world: World) -> None:
    first = [str(site.pk) for site in sites(world, 12)]
    program = caller(world, world.manager)
    seen, address = [], "sites?limit=5"
    while address:
        found = program.get(address).json()
        seen += [row["id"] for row in found["results"]]
        address = found["next"]
        if len(seen) <= 10:
            sites(world, 3, "Late")
            with scope(world.host.pk):
                Site.objects.filter(pk=seen[0]).delete()
    assert len(seen) == len(set(seen))
    assert set(first) <= set(seen)
    assert len(seen) == 18


def test_a_page_of_a_composite_order_goes_on_where_it_ended(scene: Scene) -> None:
    program = caller(scene.world, scene.world.manager)
    place = f"deployments/{scene.deployment.pk}/items"
    in_one = [row["id"] for row in program.get(f"{place}?limit=200").json()["results"]]
    assert len(in_one) > 60
    assert walk(program, f"{place}?limit=7") == in_one


def test_filters_stay_in_next(world: World) -> None:
    sites(world, 4)
    sites(world, 4, "North")
    program = caller(world, world.manager)
    assert len(walk(program, "sites?name=north&limit=2")) == 4
    assert len(walk(program, "sites?kind=clinic&open=true&region=NY&limit=3")) == 8
    assert walk(program, "sites?open=false") == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("state=live", "state"),
        ("kind=castle", "kind"),
        ("open=yes", "open"),
        ("kind=clinic&kind=hospital", "kind"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("cursor=", "cursor"),
        ("cursor=bm9uc2Vuc2U", "cursor"),
        ("cursor=WyJ4Il0", "cursor"),
        ("cursor=W10", "cursor"),
        ("name=%00", "name"),
    ],
)
def test_a_parameter_that_is_unknown_or_wrong_is_named(world: World, query: str, parameter: str) -> None:
    assert_problem(caller(world, world.manager).get(f"sites?{query}"), 400, "bad-request", parameter=parameter)


def test_a_single_row_takes_no_parameters(world: World) -> None:
    [site] = sites(world, 1)
    program = caller(world, world.manager)
    assert program.get(f"sites/{site.pk}").json()["name"] == "Site 0"
    assert_problem(program.get(f"sites/{site.pk}?fields=name"), 400, "bad-request", parameter="fields")


def statements(program: Caller, path: str) -> tuple[int, int]:
    """Return rows and SQL statements, leaving out transaction control and the scope's announcements."""
    with CaptureQueriesContext(connection) as captured:
        rows = len(program.get(path).json()["results"])
    return rows, len(counted(captured))


def test_a_list_costs_at_most_six_statements_however_long_it_is(scene: Scene) -> None:
    sites(scene.world, 50)
    with scope(scene.world.host.pk):
        for site in Site.objects.all():
            record(rosters.SITE_ADDED, by=SETUP, subject=site)
    program = caller(scene.world, scene.world.owner)
    program.get("sites")
    paths = ["sites", "deployments", "programs", "facts", "events", f"deployments/{scene.deployment.pk}/items"]
    with scope(scene.world.host.pk):
        version = scene.deployment.playbook_version
    paths += ["playbooks", f"playbooks/{version.playbook_id}/versions/{version.pk}/items", "assignments"]
    for path in paths:
        few, cost_of_few = statements(program, f"{path}?limit=2")
        many, cost = statements(program, f"{path}?limit=50")
        assert cost <= 6, path
        if few < many:
            assert cost == cost_of_few, path
    assert statements(program, f"deployments/{scene.deployment.pk}/items?limit=50")[0] == 50


@pytest.mark.django_db(transaction=True)
def test_events_are_followed_from_the_last_next(world: World) -> None:
    program = caller(world, world.owner, [Permission.AUDIT_READ])
    with scope(world.host.pk):
        standing = {str(pk) for pk in Event.objects.values_list("pk", flat=True)}
    settle()
    seen, address = [], "events?limit=2"
    while True:
        found = program.get(address).json()
        if not found["results"]:
            break
        seen += [row["id"] for row in found["results"]]
        address = found["next"]
    assert (set(seen), len(seen)) == (standing, len(standing))
    assert address == found["next"]
    with scope(world.host.pk):
        site = Site.objects.create(name="New")
        event = record(rosters.SITE_ADDED, by=SETUP, subject=site)
    settle()
    [new] = program.get(address).json()["results"]
    assert (new["id"], new["action"], new["sentence"]) == (str(event.pk), "site.added", "added the site")
    assert len(program.get("events?action=site.added").json()["results"]) == 1
    assert_problem(program.get("events?action=site.painted"), 400, "bad-request", parameter="action")
