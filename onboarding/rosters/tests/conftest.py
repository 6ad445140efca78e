"""What the tests of imports share."""

import csv
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from audit.actor import Actor
from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.management.commands.load_reference import load_rural_codes, load_vulnerability
from onboarding.rosters.models import RosterImport, RuralCode, VulnerabilityIndex
from onboarding.rosters.tests.rosters import REFERENCE
from tenancy.scope import scope

ZIPS = {"06708", "36067", "94952", "59457"}
STATES = {"AL", "CT", "MT", "CA", "AZ", "HI", "OR", "WV", "NY", "WI", "IN", "IL"}
ACTOR = Actor.system("test")


@pytest.fixture
def actor() -> Actor:
    """Somebody who acts."""
    return ACTOR


@pytest.fixture
def full_reference(db: Any) -> None:
    """The reference data as it ships."""
    load_rural_codes()
    load_vulnerability()


@pytest.fixture
def reference(db: Any) -> None:
    """The shipped data for the few places that most tests are about."""
    with gzip.open(REFERENCE / "ruca_zip_2010.csv.gz", "rt", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["zip"] in ZIPS]
    RuralCode.objects.bulk_create(
        RuralCode(zip_code=row["zip"], state=row["state"], ruca1=row["ruca1"], ruca2=row["ruca2"]) for row in rows
    )
    with gzip.open(REFERENCE / "svi_county_2022.csv.gz", "rt", newline="") as lines:
        counties = [row for row in csv.DictReader(lines) if row["state"] in STATES]
    VulnerabilityIndex.objects.bulk_create(
        VulnerabilityIndex(fips=row["fips"], state=row["state"], county=row["county"], percentile=row["rpl_themes"])
        for row in counties
    )


@pytest.fixture
def at_host(world: Any) -> Any:
    """Work inside the host's scope."""
    with scope(world.host.pk):
        yield world


@pytest.fixture
def previewed() -> Callable[..., RosterImport]:
    """Upload a roster with its suggested mapping and check it to the end."""
    return preview


@pytest.fixture
def imported() -> Callable[..., RosterImport]:
    """Bring a roster in, to the end."""

    def bring_in(content: bytes, name: str = "sites.csv", **options: Any) -> RosterImport:
        roster = preview(content, name, **options)
        roster.start(by=ACTOR)
        return finish(roster)

    return bring_in


def preview(
    content: bytes, name: str = "sites.csv", mapping: dict[str, str] | None = None, **options: Any
) -> RosterImport:
    """Upload, map and check."""
    roster = upload_roster(content, name, by=ACTOR, **options)
    roster.map_columns(mapping or roster.mapping, by=ACTOR)
    roster.preview(by=ACTOR)
    return finish(roster)


def finish(roster: RosterImport, batch: int = 500) -> RosterImport:
    """Do every batch that is left."""
    roster.refresh_from_db()
    while roster.running:
        advance_once(roster, batch=batch)
        roster.refresh_from_db()
    return roster
