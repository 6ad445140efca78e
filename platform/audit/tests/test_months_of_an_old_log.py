"""A log from before there were months becomes the partition of the rest, and stays what was sealed."""

from importlib import import_module

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit import sealing
from audit.models import Event, RowImage
from audit.tests.sealed_log import happen
from audit.tests.test_ending import MAY, MONTH, in_may, in_month
from audit.verification import verify
from tenancy import months
from tenancy.scope import scope
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state", "as_administrator"),
]
CANONICAL = import_module("audit.migrations.0005_canonical")
MONTHS = import_module("audit.migrations.0009_months")


def as_before() -> None:
    """Put both tables with their rows as they were: one table each, no partitions."""
    with connection.cursor() as cursor:
        cursor.execute(CANONICAL.BACKWARD)
        for table in months.monthly_tables():
            cursor.execute(f"create table before (like {table} including all)")
            cursor.execute(f"insert into before select * from {table}")  # noqa: S608 - our own table
            cursor.execute(f"drop table {table}")
            cursor.execute(f"alter table before rename to {table}")
        cursor.execute(CANONICAL.FORWARD)


def test_an_old_log_verifies_before_and_after_it_is_kept_by_the_month(world: World) -> None:
    in_may(world.host, 3)
    happen(world.host, 4)
    assert sealing.seal(world.host.pk)

    def stands() -> tuple[int, int, bytes]:
        report = verify(world.host.pk)
        assert report.faults == []
        return report.events, report.images, report.head

    sealed = stands()
    with scope(world.host.pk):
        events, images = list(Event.objects.order_by("id").values()), list(RowImage.objects.order_by("id").values())
    with transaction.atomic():
        as_before()
        assert stands() == sealed
        with connection.schema_editor() as editor:
            MONTHS.forward(None, editor)
        assert stands() == sealed
        assert months.standing("audit_event") == {}
        happen(world.host, 2)
        months.make_ahead(timezone.now())
        moved = dict(months.settle(timezone.now(), oldest=MAY))
        assert moved[MONTH.name("audit_event")] == in_month("audit_event") == 3
        assert moved[MONTH.name("audit_rowimage")] == in_month("audit_rowimage") >= 3
        assert stands() == sealed
        with scope(world.host.pk):
            assert list(Event.objects.order_by("id").values())[: len(events)] == events
            assert list(RowImage.objects.order_by("id").values())[: len(images)] == images
            assert Event.objects.count() == len(events) + 2
        transaction.set_rollback(True)
    assert stands() == sealed
