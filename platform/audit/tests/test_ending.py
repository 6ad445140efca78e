"""Months of the log end whole where nobody keeps a row of them; a forgotten month is caught and given its own place later."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from audit import archive, ending, proofs, retention, sealing
from audit.models import Event, LegalHold, RowImage
from audit.tests.sealed_log import happen
from audit.verification import verify
from audit.web.views.log import VERIFIER
from tenancy import catalogue, months
from tenancy.ids import uuid7
from tenancy.models import Organization, Site
from tenancy.months import Month
from tenancy.scope import scope
from testing.cast import World
from testing.settling import settle

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state", "as_owner"),
]
MAY = datetime(2019, 5, 6, 9, 0, tzinfo=UTC)
MONTH = Month(2019, 5)
HOLD = "Counsel asked for it."


@pytest.fixture
def months_of_2019(as_owner: None, settings: Any) -> None:
    """Partitions of May to August 2019, and the command run as the owner."""
    settings.DATABASE_ROLE = "migrator"
    months.make_ahead(MAY)


@pytest.fixture
def old(months_of_2019: None, world: World) -> World:
    """Logs of two organizations: three events of May 2019, sealed then, and two of today."""
    for organization in (world.host, world.elsewhere):
        in_may(organization, 3)
        happen(organization, 2)
        assert sealing.seal(organization.pk)
    return world


def in_may(organization: Organization, count: int) -> None:
    """Let events and row images of this organization be of May 2019; seal them then."""
    with time_machine.travel(MAY, tick=True):
        happen(organization, count)
        settle()
        with connection.cursor() as cursor:  # the server's clock is not the one that travels
            cursor.execute(
                "update audit_rowimage set id = (%s || substr(id::text, 14))::uuid where organization_id = %s",
                [str(uuid7())[:13], organization.pk],
            )
        assert sealing.seal(organization.pk)


def in_month(table: str, organization: Organization | None = None) -> int:
    with connection.cursor() as cursor:
        which = f"where organization_id = '{organization.pk}'" if organization else ""
        cursor.execute(f"select count(*) from {MONTH.name(table)} {which}")  # noqa: S608
        return int(cursor.fetchone()[0])


def rows_known(organization: Organization) -> set[tuple[str, UUID]]:
    with scope(organization.pk):
        return set(RowImage.objects.exclude(table="audit_legalhold").values_list("table", "row_id"))


def test_a_month_that_nobody_keeps_goes_whole_and_the_rest_verifies(old: World) -> None:
    before = rows_known(old.host)
    assert in_month("audit_event") >= 6
    assert in_month("audit_rowimage") >= 6
    call_command("audit", "expire")
    for table in ("audit_event", "audit_rowimage"):
        assert not [month for month in months.standing(table) if month.year == 2019]
    assert rows_known(old.host) == before
    with scope(old.host.pk):
        assert not Event.objects.filter(pk__lt=MONTH.following.least).exists()
        assert Event.objects.get(action="audit_log.expired").data["through"] == 1
    for organization in (old.host, old.elsewhere):
        settle()
        assert sealing.seal(organization.pk)
        report = verify(organization.pk)
        assert (report.faults, report.expired) == ([], 1)
    assert [str(found) for found in catalogue.findings()] == []


def test_how_a_row_stood_is_kept_once_and_no_longer_once_it_is_followed(months_of_2019: None, world: World) -> None:
    in_may(world.host, 1)
    with scope(world.host.pk):
        image = RowImage.objects.filter(table="tenancy_site").get()
    call_command("audit", "expire")
    with scope(world.host.pk):
        assert RowImage.objects.get(pk=image.pk).image == image.image
    settle()
    june = Month(2019, 6)
    months.make_ahead(june.first)
    with time_machine.travel(june.first + timedelta(days=3), tick=True):
        with scope(world.host.pk), connection.cursor() as cursor:
            cursor.execute("update tenancy_site set name = 'High Street' where id = %s", [image.row_id])
            cursor.execute(
                "update audit_rowimage set id = (%s || substr(id::text, 14))::uuid where row_id = %s and id <> %s",
                [str(uuid7())[:13], image.row_id, image.pk],
            )
        happen(world.host, 1)
        settle()
        assert sealing.seal(world.host.pk)
    call_command("audit", "expire")
    with scope(world.host.pk):
        [left] = RowImage.objects.filter(row_id=image.row_id)
    assert left.image["name"] == "High Street"


def test_images_whose_batch_is_young_stay_in_it_however_old_they_are(months_of_2019: None, world: World) -> None:
    """Nothing is sealed where no event happens: changes by hand in two months of 2019 are sealed with the next event."""
    with scope(world.host.pk):
        site = Site.objects.create(name="Annex")
    for moment in (MAY, MAY + timedelta(days=31)):
        with scope(world.host.pk), time_machine.travel(moment, tick=True), connection.cursor() as cursor:
            cursor.execute("update tenancy_site set name = name || '!' where id = %s", [site.pk])
            cursor.execute(
                "update audit_rowimage set id = (%s || substr(id::text, 14))::uuid where row_id = %s and id > %s",
                [str(uuid7())[:13], site.pk, Month(2026, 1).least],
            )
    happen(world.host, 1)
    assert sealing.seal(world.host.pk)
    call_command("audit", "expire")
    assert MONTH not in months.standing("audit_rowimage")
    with scope(world.host.pk):
        assert RowImage.objects.filter(row_id=site.pk).count() == 3
    assert verify(world.host.pk).faults == []


def test_a_hold_of_one_organization_keeps_the_month_and_only_its_own_rows_in_it(old: World) -> None:
    with scope(old.host.pk):
        by = Membership.objects.active().get(user=old.owner).actor
        hold = LegalHold.place(matter="Doe v. Host", reason=HOLD, by=by)
    held = in_month("audit_event", old.host), in_month("audit_rowimage", old.host)
    call_command("audit", "expire")
    assert (in_month("audit_event", old.host), in_month("audit_rowimage", old.host)) == held
    assert in_month("audit_event", old.elsewhere) == 0
    with scope(old.host.pk):
        hold.release(reason="The case was settled.", by=by)
    call_command("audit", "expire")
    assert MONTH not in months.standing("audit_event")
    assert MONTH not in months.standing("audit_rowimage")


def test_a_hold_that_comes_between_is_found_before_the_month_goes(months_of_2019: None, world: World) -> None:
    for name in ("Annex", "Old annex"):
        with scope(world.elsewhere.pk):
            Site.objects.update_or_create(kind=Site.Kind.SCHOOL, defaults={"name": name})
    for organization in (world.host, world.elsewhere):
        in_may(organization, 3)
    old, images = world, in_month("audit_rowimage", world.elsewhere)
    before = retention.cutoff()
    spared = ending.ending(before)
    assert spared == (MONTH.least, Month(2019, 9).least)
    for organization in (old.host, old.elsewhere):
        retention.expire(organization.pk, spared=spared)
    with scope(old.host.pk):
        by = Membership.objects.active().get(user=old.owner).actor
        LegalHold.place(matter="Doe v. Host", reason=HOLD, by=by)
    count, held = in_month("audit_event"), in_month("audit_event", old.host)
    assert [gone for gone in ending.drop_months(before) if gone.month == MONTH] == []
    assert in_month("audit_event") == count
    call_command("audit", "expire")  # what the first turn left for the month goes by itself, as the month stays
    assert (in_month("audit_event", old.host), in_month("audit_event", old.elsewhere)) == (held, 0)
    assert in_month("audit_rowimage", old.elsewhere) == len(rows_known(old.elsewhere)) < images


def test_an_event_that_is_not_sealed_keeps_its_month(months_of_2019: None, world: World) -> None:
    with time_machine.travel(MAY, tick=True):
        happen(world.host, 1)
    count = in_month("audit_event")
    assert ending.ending(retention.cutoff()) == (retention.NOTHING, retention.NOTHING)
    call_command("audit", "expire")
    assert in_month("audit_event") == count


def test_what_ends_is_in_the_archive_first_and_checks_there(old: World, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ARCHIVE = tmp_path / "archive"
    wanted = list(proofs.export(old.host.pk, 0, 1))
    call_command("audit", "expire")
    [file] = (tmp_path / "archive" / str(old.host.pk)).iterdir()
    with gzip.open(file, "rt", encoding="utf-8") as packed:
        assert packed.readlines() == wanted
    plain = tmp_path / "log.jsonl"
    plain.write_text("".join(wanted))
    done = subprocess.run([sys.executable, str(VERIFIER), str(plain)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_ends_that_the_archive_does_not_take(old: World, settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_ARCHIVE = tmp_path / "archive"
    (tmp_path / "archive").write_text("a file where the folder would be")
    count = in_month("audit_event")
    with pytest.raises(OSError, match="archive"):
        call_command("audit", "expire")
    assert in_month("audit_event") == count
    with scope(old.host.pk):
        assert not Event.objects.filter(action="audit_log.expired").exists()


def test_of_two_that_write_at_once_the_one_that_has_everything_stays(
    old: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_ARCHIVE = tmp_path / "archive"
    export = proofs.export
    wanted = list(export(old.host.pk, 0, 1))

    def slow(*asked: Any) -> Any:
        monkeypatch.setattr(proofs, "export", export)
        retention.expire(old.host.pk, archive=archive.write)  # another process, from beginning to end
        return export(*asked)

    monkeypatch.setattr(proofs, "export", slow)
    archive.write(old.host.pk, 1, 1)
    assert proofs.export is export
    [file] = (tmp_path / "archive" / str(old.host.pk)).iterdir()
    with gzip.open(file, "rt", encoding="utf-8") as packed:
        assert packed.readlines() == wanted


def test_without_an_archive_nothing_is_written(old: World, tmp_path: Path) -> None:
    assert archive.write(old.host.pk, 1, 1) is None


def test_a_forgotten_month_is_caught_and_given_its_place_where_it_was_left_off(world: World, settings: Any) -> None:
    settings.DATABASE_ROLE = "migrator"
    in_may(world.host, 4)
    with scope(world.host.pk):
        all_events, images = list(Event.objects.order_by("id").values()), list(RowImage.objects.order_by("id").values())
    with connection.cursor() as cursor:  # as it is left by who was broken off after the first rows
        months._create(cursor, "audit_event", MONTH)
        cursor.execute(
            f"insert into {MONTH.name('audit_event')} select * from audit_event_rest where id < %s order by id limit 2",  # noqa: S608
            [MONTH.following.least],
        )
    moved = dict(months.settle(timezone.now(), oldest=MAY))
    assert moved["audit_event_y2019m05"] == in_month("audit_event") >= 4
    assert moved["audit_rowimage_y2019m05"] == in_month("audit_rowimage") >= 4
    with scope(world.host.pk):
        assert list(Event.objects.order_by("id").values()) == all_events
        assert list(RowImage.objects.order_by("id").values()) == images
    assert verify(world.host.pk).intact
    assert list(months.settle(timezone.now(), oldest=MAY)) == []
    assert [str(found) for found in catalogue.findings()] == []


def test_this_month_and_three_more_stand_and_are_made_once() -> None:
    now = timezone.now()
    months.make_ahead(now)
    assert months.make_ahead(now) == []
    with CaptureQueriesContext(connection) as asked:
        assert months.missing(now) == []
    assert len(asked) == len(months.monthly_tables()) == 2
    month = Month.of(now)
    for _ in range(4):
        assert month in months.standing("audit_event")
        month = month.following
    assert months.missing(month.first) != []
