"""The badge of the event log verifies what is on screen: an old event that was touched turns it red."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from audit import sealing
from audit.models import Event, Leaf
from audit.tests.sealed_log import happen
from audit.verification import verify_shown
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

ClientOf = Callable[[User], Client]
TOUCHED = 'update audit_event set data = data || \'{"name": "Other"}\' where id = %s'


def old_events(world: World) -> list[Event]:
    """Events of the first batch, with eight batches after it."""
    for _ in range(6):
        happen(world.host, 1)
        assert sealing.seal(world.host.pk)
    with scope(world.host.pk):
        leaves = Leaf.objects.filter(batch__number=1).order_by("number")
        return [Event.objects.get(pk=pk) for pk in leaves.values_list("event_id", flat=True)]


def test_untouched_events_are_recomputed_one_by_one(sealed: World) -> None:
    events = old_events(sealed)
    report = verify_shown(sealed.host.pk, [one.pk for one in events[:3]])
    assert (report.faults, report.events, report.batches, report.unsealed) == ([], 3, 1, 0)
    happen(sealed.host, 1)
    with scope(sealed.host.pk):
        fresh = Event.objects.latest("id")
    assert verify_shown(sealed.host.pk, [fresh.pk]).unsealed == 1


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (TOUCHED, "not what was sealed"),
        ("update audit_event set at = at + interval '1 second' where id = %s", "not what was sealed"),
        ("update audit_leaf set hash = sha256('forged') where event_id = %s", "not what was sealed"),
        ("update audit_batch set root = sha256('forged') where id = (select batch_id from audit_leaf where event_id = %s)", "head"),
        ("delete from audit_leaf where event_id = %s", "sealed without it"),
    ],
)  # fmt: skip
def test_a_touched_event_is_found_however_old(sealed: World, as_administrator: None, statement: str, says: str) -> None:
    event = old_events(sealed)[1]
    with connection.cursor() as cursor:
        cursor.execute(statement, [event.pk])
    assert any(says in str(fault) for fault in verify_shown(sealed.host.pk, [event.pk]).faults)


def test_the_page_turns_red_when_an_old_event_on_it_was_touched(
    sealed: World, as_administrator: None, client_of: ClientOf
) -> None:
    event = old_events(sealed)[1]
    client = client_of(sealed.owner)
    address = f"/o/host/admin/audit/?object={event.subject_id}"
    before = client.get(address).content.decode()
    assert "Record intact." in before
    assert "of this page, each in its signed batch" in before
    assert "As it was sealed." in client.get(f"/o/host/admin/audit/{event.pk}/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, [event.pk])
    after = client.get(address).content.decode()
    assert "The log does not match its seal." in after
    assert str(event.pk) in after
    assert "Record intact." not in after
    assert "This event does not match its seal." in client.get(f"/o/host/admin/audit/{event.pk}/").content.decode()
