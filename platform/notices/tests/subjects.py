"""Kinds for the tests of this app: subjects are sites, since every organization has them."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from notices.kinds import Description, kind
from tenancy.models import Site

POISON = "Poison"
DUE_ON = date(2026, 11, 24)
DUE_OTHERWISE: dict[str, date] = {}
"""By name, what a test lets be due on another day."""


def describe(subjects: Collection[UUID]) -> dict[UUID, Description]:
    found = {}
    for site in Site.objects.filter(pk__in=subjects, closed_on=None):
        if site.name == POISON:
            raise RuntimeError("cannot be described")
        due = DUE_OTHERWISE.get(site.name, DUE_ON)
        found[site.pk] = Description(site.name, "#22 · Measurewell", f"/o/host/sites/{site.pk}", due)
    return found


ITEM = kind("test_item", "Item due", describe=describe)
URGENT = kind("test_urgent", "Wanted now", describe=describe, apart=True)
