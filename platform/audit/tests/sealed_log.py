"""A log to seal and to tamper with."""

from django.db import connection

from accounts import audit as vocabulary
from audit.actor import Actor
from audit.models.event import record
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.settling import settle

ROBOT = Actor.system("test")


def happen(organization: Organization, count: int) -> None:
    """Commit `count` events, each with a row image beside it."""
    for number in range(count):
        with scope(organization.pk):
            site = Site(name=f"Clinic {number}")
            site.save(force_insert=True)
            record(vocabulary.ORGANIZATION_CREATED, by=ROBOT, subject=site, name=f'No. {number} “straße” \\ "quoted"')
    if not connection.in_atomic_block:
        settle()
