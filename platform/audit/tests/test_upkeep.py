"""What is done daily with the months of the log, and what becomes of the rest where a part of it fails."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from audit.models import Event
from audit.tests.test_ending import MAY, MONTH, in_may, in_month
from tenancy import months
from tenancy.scope import scope
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state", "as_owner"),
]


class Stopped(Exception):
    """Somebody ended the service between two turns."""


@pytest.fixture
def old(world: World, settings: Any) -> World:
    """A log with events of May 2019, which lie in the rest."""
    settings.DATABASE_ROLE = "migrator"
    in_may(world.host, 3)
    return world


def has_ended(world: World) -> bool:
    with scope(world.host.pk):
        return Event.objects.filter(action="audit_log.expired").exists()


def upkeep(**options: Any) -> tuple[str, str]:
    """Run it; return what it said, and what went wrong."""
    out, wrong = StringIO(), StringIO()
    try:
        call_command("audit", "upkeep", stdout=out, stderr=wrong, **options)
    except (CommandError, Stopped) as ended:
        wrong.write(str(ended))
    return out.getvalue(), wrong.getvalue()


def test_a_turn_makes_moves_and_ends(old: World) -> None:
    with time_machine.travel(MAY.replace(year=2020), tick=True):
        said, wrong = upkeep()
    made = [f"{table}_y2020m{number:02} made" for table in months.monthly_tables() for number in (5, 6, 7, 8)]
    moved = [f"{MONTH.name(table)}: {in_month(table):,} rows moved into it" for table in months.monthly_tables()]
    assert (said.splitlines(), wrong) == ([*made, *moved], "")
    assert in_month("audit_event") >= 3
    assert not has_ended(old)
    said, wrong = upkeep()
    assert "of 1 batches ended" in said
    assert "audit_event: 2019-05 dropped whole" in said
    assert wrong == ""
    assert has_ended(old)


def test_a_month_that_cannot_be_moved_keeps_nothing_from_ending(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlucky(*args: Any, **options: Any) -> Any:
        raise IntegrityError("a row arrived")

    monkeypatch.setattr(months, "settle", unlucky)
    said, wrong = upkeep()
    assert "of 1 batches ended" in said
    assert wrong == "upkeep: a row arrived\nNot everything was done; the next turn tries again."
    assert has_ended(old)


def test_an_archive_that_takes_nothing_is_tried_again(
    old: World, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, waited = tmp_path / "archive", []
    settings.AUDIT_ARCHIVE = archive
    archive.write_text("a file where the folder would be")

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise Stopped
        assert not has_ended(old)
        archive.unlink()
        with connection.cursor() as cursor:  # the next turn has a connection of its own
            cursor.execute("set role causeway_owner")

    monkeypatch.setattr("audit.management.commands.audit.time.sleep", wait)
    said, wrong = upkeep(every=24)
    assert waited == [86_400, 86_400]
    assert wrong.count("upkeep: ") == 1
    assert "archive" in wrong
    assert wrong.endswith("Again in 24 hours.\n")
    assert said.count("of 1 batches ended") == 1
    assert has_ended(old)
