"""Pages ask the months they need: of six years' log PostgreSQL plans over a few, and nothing that is older is missed."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit import sealing, verification
from audit.models import Batch, Event
from audit.tests.sealed_log import happen
from audit.tests.test_ending import MAY, in_may
from audit.timeline import timeline, together
from audit.verification import verify, verify_shown
from tenancy import ids, months
from tenancy.ids import uuid7
from tenancy.models import Site
from tenancy.months import Month
from tenancy.scope import scope
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state", "as_owner"),
]
ClientOf = Callable[[User], Client]
LOG = "/o/host/admin/audit/"
ROW = re.compile(r'href="/o/host/admin/audit/([0-9a-f-]{36})/"')
EARLIER = re.compile(r'href="\?([^"]*after=[^"]*)"')


@pytest.fixture
def old(as_owner: None, world: World) -> World:
    """A log with months of two years, three events in May of the first, and sixty of today, sealed in eight batches."""
    month = Month.of(MAY)
    with connection.cursor() as cursor:
        for table in months.monthly_tables():
            for number in range(24):
                months.make(cursor, table, Month(month.year + number // 12, number % 12 + 1))
    in_may(world.host, 3)
    for count in (5, 5, 5, 5, 5, 5, 30):
        happen(world.host, count)
        assert sealing.seal(world.host.pk)
    return world


def looked_at(look: Callable[[], Any]) -> Iterator[Month]:
    """Yield the months on which the planner took a lock, of both tables."""
    with transaction.atomic():
        look()
        with connection.cursor() as cursor:
            cursor.execute(
                "select c.relname from pg_locks l join pg_class c on c.oid = l.relation"
                " where l.pid = pg_backend_pid() and c.relkind = 'r' and c.relname ~ '_y[0-9]{4}m[0-9]{2}$'"
            )
            yield from (months.of_name(name) for (name,) in cursor.fetchall())


def is_old(month: Month) -> bool:
    return month.year < timezone.now().year - 1


@pytest.mark.parametrize("asked", ["", "?since={yesterday}", "?object={site}", "?action=organization.created"])
def test_the_newest_page_asks_no_old_month(old: World, client_of: ClientOf, asked: str) -> None:
    with scope(old.host.pk):
        site = Site.objects.latest("pk")
    client = client_of(old.owner)
    address = LOG + asked.format(yesterday=timezone.localdate() - timedelta(days=1), site=site.pk)

    def look() -> None:
        page = client.get(address).content.decode()
        assert "Record intact." in page
        assert len(set(ROW.findall(page))) == (1 if "object" in asked else 50)

    found = list(looked_at(look))
    assert Month.of(timezone.now()) in found
    assert [month for month in found if is_old(month)] == []


def test_a_page_far_down_asks_no_later_month(old: World, client_of: ClientOf) -> None:
    client = client_of(old.owner)
    with scope(old.host.pk):
        last = Event.objects.filter(pk__lt=Month(2019, 6).least).latest("pk")

    def look() -> None:
        with scope(old.host.pk):
            assert len(Event.objects.all().newest(2, before=last.pk)) == 2

    assert client.get(f"{LOG}?after={last.pk}").status_code == 200
    assert set(looked_at(look)) == {Month(2019, number) for number in (3, 4, 5)}


def test_history_and_one_event_ask_the_months_since_they_were_made(old: World, client_of: ClientOf) -> None:
    client = client_of(old.owner)
    with scope(old.host.pk):
        site = Site.objects.latest("pk")
        event = Event.objects.latest("pk")

    def look() -> None:
        with scope(old.host.pk):
            assert [entry.event for entry in timeline(site.pk)] == [event]
            assert [entry.event for entry in together([site.pk])] == [event]
        assert client.get(f"{LOG}{event.pk}/").status_code == 200

    assert [month for month in looked_at(look) if is_old(month)] == []


@pytest.mark.parametrize("asked", ["", "action=organization.created", "since=2019-05-01"])
def test_whoever_pages_on_finds_every_event_once(old: World, client_of: ClientOf, asked: str) -> None:
    client, seen, address = client_of(old.owner), list[str](), asked
    for _ in range(3):
        page = client.get(f"{LOG}?{address}").content.decode()
        seen += dict.fromkeys(ROW.findall(page))
        if (further := EARLIER.search(page)) is None:
            break
        address = unescape(further[1])
    with scope(old.host.pk):
        events = Event.objects.filter(action="organization.created") if "action" in asked else Event.objects.all()
        assert seen == [str(pk) for pk in events.order_by("-id").values_list("pk", flat=True)]
    assert len(seen) >= 63


def test_what_happened_in_the_first_month_is_found_by_whom_and_about_what(old: World, client_of: ClientOf) -> None:
    with scope(old.host.pk):
        first = Event.objects.filter(pk__gte=Month(2019, 5).least).earliest("pk")
    page = client_of(old.owner).get(f"{LOG}?object={first.subject_id}").content.decode()
    assert ROW.findall(page)[0] == str(first.pk)
    unheard = UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")
    with scope(old.host.pk):
        assert timeline(unheard) == []
        assert len(Event.objects.all().newest(100, before=unheard)) == Event.objects.count()


def test_an_event_of_a_clock_that_went_wrong_raises_no_alarm(old: World) -> None:
    with time_machine.travel(datetime(2019, 3, 1, tzinfo=MAY.tzinfo), tick=True):
        happen(old.host, 1)
    assert sealing.seal(old.host.pk)
    report = verify(old.host.pk, newest=1)
    assert (report.faults, report.batches) == ([], 1)


def slip_in(old: World, forged: UUID, table: str = "audit_event") -> None:
    """Add a row to the time of the newest batch."""
    columns = ", ".join(f'"{name}"' for name in months._columns(table) if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} (id, {columns}) select %s, {columns} from {table}"  # noqa: S608
            " where organization_id = %s order by id desc limit 1",
            [forged, old.host.pk],
        )


def test_what_was_slipped_in_lately_is_found_by_the_check_of_the_newest(old: World) -> None:
    slip_in(old, uuid7())
    assert "sealed without it" in str(verify(old.host.pk, newest=1).first_fault)


def test_what_was_slipped_in_with_an_old_id_is_found_by_the_whole_check_and_where_it_is_shown(old: World) -> None:
    with time_machine.travel(MAY, tick=True):
        forged = uuid7()
    slip_in(old, forged)
    for report in (verify(old.host.pk), verify_shown(old.host.pk, [forged])):
        assert "sealed without it" in str(report.first_fault)


def test_a_row_image_slipped_in_with_an_old_id_is_found_by_the_whole_check(old: World) -> None:
    with time_machine.travel(MAY, tick=True):
        forged = uuid7()
    slip_in(old, forged, "audit_rowimage")
    assert "row images " in str(verify(old.host.pk).first_fault)


def test_a_whole_check_asks_each_batch_of_its_own_months(old: World) -> None:
    def look(batch: Batch, reach: tuple[UUID, UUID]) -> None:
        with scope(old.host.pk):
            assert verification._rows_stand(old.host.pk, batch, reach)
            _, digest = verification._images_found(old.host.pk, batch, reach)
            assert digest == bytes(batch.images_digest)

    with scope(old.host.pk):
        batches = list(Batch.objects.order_by("number"))
    reaches = list(verification._reaches(batches, UUID(int=0)))
    assert [month for month in looked_at(lambda: look(batches[-1], reaches[-1])) if is_old(month)] == []


def test_ids_bound_moments() -> None:
    pk = uuid7()
    assert ids.earlier(pk, timedelta(0)) <= pk < ids.least(timezone.now() + timedelta(seconds=1))
    assert ids.earlier(pk, timedelta(days=2)) < ids.least(timezone.now() - timedelta(days=1))
    assert ids.least(timezone.now(), timedelta(days=2)) < ids.least(timezone.now() - timedelta(days=1))
    assert ids.earlier(pk, timedelta(days=10**6)) == UUID(int=0)
    assert ids.earlier(UUID("ffffffff-ffff-4fff-bfff-ffffffffffff"), timedelta(0)) == UUID(int=0)
