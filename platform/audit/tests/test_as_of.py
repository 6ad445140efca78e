"""A row as of a moment is what a replay of its history up to that moment gives, and what the table held then."""

import random
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from audit.as_of import rows_at
from audit.models import RowImage
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(transaction=True)

Rows = dict[UUID, dict[str, Any]]
KEPT = ("name", "region", "time_zone")


def replayed(at: datetime) -> Rows:
    """Apply every image of a site's row that was written by then, oldest first."""
    rows: Rows = {}
    for image in RowImage.objects.filter(table="tenancy_site", at__lte=at).order_by("id"):
        if image.operation == "delete":
            del rows[image.row_id]
        else:
            rows[image.row_id] = image.image
    return rows


def act(chance: random.Random, number: int) -> None:
    """Do one thing to a site: make, rename, move, change several at once, or take it away."""
    sites = list(Site.objects.order_by("pk"))
    step = chance.choice(["make", "make", "rename", "move", "all", "remove"]) if sites else "make"
    site = chance.choice(sites) if sites else None
    if step == "make":
        Site(name=f"Clinic {number}", region="NY", time_zone="America/New_York").save(force_insert=True)
    elif step == "all":
        Site.objects.update(region=chance.choice(["NY", "MT", "WA"]))
    elif site and step == "rename":
        Site.objects.filter(pk=site.pk).update(name=f"Clinic {number}, renamed")
    elif site and step == "move":
        Site.objects.filter(pk=site.pk).update(time_zone=chance.choice(["America/Denver", "America/Los_Angeles"]))
    elif site:
        site.delete()


@pytest.mark.parametrize("seed", ["causeway", "as of"])
def test_as_of_equals_replay(world: World, seed: str) -> None:
    chance, moments = random.Random(seed), []
    for number in range(40):
        with scope(world.host.pk):
            act(chance, number)
        with scope(world.host.pk), connection.cursor() as cursor:
            stood = {row.pop("id"): row for row in Site.objects.values("id", *KEPT)}
            cursor.execute("select clock_timestamp()")
            moments.append((cursor.fetchone()[0], stood))
    with scope(world.host.pk):
        ids = set(RowImage.objects.filter(table="tenancy_site").values_list("row_id", flat=True))
        assert len(ids) > max(len(stood) for _, stood in moments) > 3  # some are gone
        for at, stood in moments:
            told = rows_at(Site, ids, at)
            assert told == replayed(at)
            assert {pk: {name: row[name] for name in KEPT} for pk, row in told.items()} == stood
