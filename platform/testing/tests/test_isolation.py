"""The isolation suite is complete, finds nothing here, and finds what is planted. All of it: `bin/manage isolation`."""

from collections.abc import Iterator

import pytest

from audit.sealing import seal
from testing.isolation import faults, homes, registry
from testing.isolation.answers import Answer
from testing.isolation.modes import BOTH, DATABASE, PYTHON, mode
from testing.isolation.suite import Suite
from testing.management.commands.isolation import own_database
from testing.settling import settle

registry.load()


@pytest.fixture
def tenants(transactional_db: None) -> Iterator[tuple[list[homes.Home], dict, str]]:
    with own_database() as database:
        built = [homes.build("alder"), homes.build("birch")]
        settle()
        for home in built:
            assert seal(home.organization.pk)
            assert homes.plant_canaries(home, database) > 50
        yield built, {home.slug: homes.ids_by_reach(home, database) for home in built}, database


@pytest.mark.parametrize(
    "said",
    [
        "Recomputed at {}: the newest 3 events",
        "good until {}; the page makes a new one",
        "<is><t>26 November 2026, {} EST</t></is>",
    ],
)
def test_two_answers_around_the_turn_of_a_minute_are_the_same(said: str) -> None:
    one, other = (Answer(200, b"", said.format(at).encode()).plain({}, "birch", set()) for at in ("14:07", "14:08"))
    assert one == other
    assert one != Answer(200, b"", said.format("14:07").encode() + b" Birch").plain({}, "birch", set())


def test_every_address_below_an_organization_and_every_signed_link_is_filled_in() -> None:
    assert registry.unregistered() == []


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.4.1")
@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_a_part_of_the_suite_finds_nothing_with_any_wall_gone_and_every_planted_fault(
    tenants: tuple[list[homes.Home], dict, str], subtests: pytest.Subtests
) -> None:
    built, reach, database = tenants
    for name in (BOTH, PYTHON, DATABASE):
        with subtests.test(name), mode(name, database):
            result = Suite(built, reach, only="org:sites:").run()
            assert result.requests > 150
            assert (dict(result.leaks), dict(result.errors), result.vacuous) == ({}, {}, [])
    for fault in faults.FAULTS:
        with subtests.test(fault.name):
            assert fault.caught(built, reach, database)
