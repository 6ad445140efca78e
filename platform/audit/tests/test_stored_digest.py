"""The digest over the rows as they are stored: an intact log is checked fast, and a changed one by each event."""

from uuid import UUID

import pytest
from django.db import connection

from audit import sealing, stored, verification
from audit.models import Event, Leaf, RowImage
from audit.tests.sealed_log import happen
from audit.verification import verify
from tenancy.scope import scope
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state"),
]


def test_every_column_of_what_is_sealed_is_in_the_stored_digest() -> None:
    for columns, model in ((stored.EVENT, Event), (stored.LEAF, Leaf), (stored.IMAGE, RowImage)):
        without = {"id"} if model is Leaf else set()
        assert set(columns) == {field.column for field in model._meta.concrete_fields} - without


def test_an_intact_log_is_not_looked_at_event_by_event(sealed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an event was looked at by itself")

    monkeypatch.setattr(verification, "_contents", refuse)
    report = verify(sealed.host.pk)
    assert report.intact
    with scope(sealed.host.pk):
        assert report.events == Leaf.objects.count()


def test_a_log_sealed_before_there_was_a_stored_digest_still_verifies(
    world: World, as_administrator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(world.host, 4)
    with monkeypatch.context() as earlier:
        earlier.setattr(stored, "rows_digest", lambda *_, **__: b"")
        earlier.setattr(stored, "images_digest", old_images)
        assert sealing.seal(world.host.pk)
    happen(world.host, 2)
    assert sealing.seal(world.host.pk)
    report = verify(world.host.pk)
    assert report.intact, report.faults
    with connection.cursor() as cursor:
        cursor.execute(
            "update audit_event set action = 'site.closed' where id = (select event_id from audit_leaf where number = 2 and organization_id = %s)",
            [world.host.pk],
        )
    fault = verify(world.host.pk).first_fault
    assert fault
    assert fault.number == 2


def old_images(organization_id: UUID, *, since: int, through: int, least: UUID) -> tuple[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(sealing.OLD_IMAGES, {"organization": organization_id, "since": since, "through": through})
        found: tuple[int, bytes] = cursor.fetchone()
        return found
