"""The log is kept for years, longer under a legal hold; what ends leaves a chain that still verifies."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.models import Membership, User
from audit import keys, proofs, retention, sealing
from audit.models import Event, Leaf, LegalHold, RowImage
from audit.models.legal_hold import HoldRefused
from audit.tests.sealed_log import happen
from audit.verification import verify
from audit.web.views.log import VERIFIER
from tenancy.scope import scope
from testing.cast import World
from testing.settling import settle

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state"),
]
ClientOf = Callable[[User], Client]
PAGE = "/o/host/admin/audit/holds/"
REASON = "Counsel asked for it."
LONG_AGO = datetime(2019, 5, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def old(world: World) -> World:
    """A log whose first batch was sealed years ago and whose second is of today."""
    with time_machine.travel(LONG_AGO, tick=True):
        happen(world.host, 3)
        settle()
        assert sealing.seal(world.host.pk)
    happen(world.host, 2)
    assert sealing.seal(world.host.pk)
    return world


def held(world: World, matter: str = "Doe v. Host") -> LegalHold:
    with scope(world.host.pk):
        by = Membership.objects.active().get(user=world.owner).actor
        return LegalHold.place(matter=matter, reason=REASON, by=by)


def events(world: World) -> int:
    with scope(world.host.pk):
        return int(Event.objects.count())


def test_what_is_old_enough_ends_and_the_rest_verifies(old: World, as_administrator: None) -> None:
    with scope(old.host.pk):
        first = Leaf.objects.filter(batch__number=1).count()
        leaves, images = Leaf.objects.count(), RowImage.objects.count()
    before = events(old)
    done = retention.expire(old.host.pk)
    assert (done.batches, done.events) == (1, first)
    assert events(old) == before - first + 1
    with scope(old.host.pk):
        marker = Event.objects.get(action="audit_log.expired")
        assert (marker.data, marker.actor_process) == ({"through": 1, "events": first}, "retention")
        assert Leaf.objects.count() == leaves
        assert RowImage.objects.count() == images - done.images
        assert retention.expired_through() == 1
    settle()
    assert sealing.seal(old.host.pk)
    report = verify(old.host.pk)
    assert (report.faults, report.batches) == ([], 3)
    assert retention.expire(old.host.pk) == retention.Expired(0, 0, 0)


def test_how_rows_stood_is_still_known(old: World, as_administrator: None) -> None:
    with scope(old.host.pk):
        rows = set(RowImage.objects.values_list("table", "row_id"))
    retention.expire(old.host.pk)
    with scope(old.host.pk):
        assert set(RowImage.objects.exclude(table="audit_legalhold").values_list("table", "row_id")) == rows


def test_nothing_ends_under_a_hold_and_it_does_after_the_release(old: World, as_administrator: None) -> None:
    hold = held(old)
    before = events(old)
    with pytest.raises(retention.Held, match=r"Doe v\. Host"):
        retention.expire(old.host.pk)
    assert events(old) == before
    with scope(old.host.pk):
        hold.release(reason="The case was settled.", by=Membership.objects.active().get(user=old.owner).actor)
    assert retention.expire(old.host.pk).batches == 1


def test_another_organizations_hold_holds_nothing_here(old: World, as_administrator: None) -> None:
    with scope(old.elsewhere.pk):
        by = Membership.objects.active().get(user=old.stranger).actor
        LegalHold.place(matter="Elsewhere", reason=REASON, by=by)
    assert retention.expire(old.host.pk).batches == 1


def test_who_deletes_younger_events_and_says_that_they_expired_is_found(old: World, as_administrator: None) -> None:
    with scope(old.host.pk), connection.cursor() as cursor:
        last = sealing.Batch.objects.newest()
        assert last is not None
        retention.record(
            retention.own_actions.LOG_EXPIRED, by=retention.BY, subject=last, through=last.number, events=2
        )
        cursor.execute(
            "delete from audit_event where xact >= %s::text::xid8 and xact < %s::text::xid8", [last.since, last.through]
        )
    settle()
    assert sealing.seal(old.host.pk)
    report = verify(old.host.pk)
    assert str(report.first_fault).endswith("it was deleted")


def test_an_export_begins_where_the_content_begins_and_checks(
    old: World, as_administrator: None, tmp_path: Path
) -> None:
    with scope(old.host.pk):
        gone = Leaf.objects.order_by("number").first()
        assert gone is not None
    retention.expire(old.host.pk)
    lines = list(proofs.export(old.host.pk))
    assert [json.loads(line)["batch"]["number"] for line in lines if '"batch":{' in line] == [2]
    file = tmp_path / "log.jsonl"
    file.write_text("".join(lines))
    trusted = [base64.b64encode(key.public_bytes_raw()).decode() for key in keys.public_keys().values()]
    done = subprocess.run(
        [sys.executable, str(VERIFIER), str(file), "--key", trusted[0]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with scope(old.host.pk), pytest.raises(Leaf.DoesNotExist):
        proofs.inclusion(gone.event_id)


def test_only_the_databases_owner_ends_anything(old: World) -> None:
    before = events(old)
    with pytest.raises(CommandError, match="CAUSEWAY_DATABASE_ROLE=migrator"):
        call_command("audit", "expire")
    assert events(old) == before


@pytest.fixture
def browser(world: World, client_of: ClientOf) -> Client:
    return client_of(world.owner)


def test_an_administrator_places_and_releases_a_hold(world: World, browser: Client) -> None:
    assert browser.post(PAGE, {"matter": "Doe  v. Host", "reason": REASON}).status_code == 302
    assert browser.post(PAGE, {"matter": "Doe v. Host", "reason": REASON}).status_code == 302
    with scope(world.host.pk):
        hold = LegalHold.objects.get()
    assert "Doe v. Host" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{hold.pk}/release", {"reason": "short"})
    with scope(world.host.pk):
        assert LegalHold.objects.in_force().count() == 1
    for _ in range(2):
        assert browser.post(f"{PAGE}{hold.pk}/release", {"reason": "The case was settled."}).status_code == 302
    with scope(world.host.pk):
        assert LegalHold.objects.in_force().count() == 0
        told = Event.objects.filter(action__startswith="legal_hold").order_by("id").values_list("action", flat=True)
        assert list(told) == ["legal_hold.placed", "legal_hold.released"]
    assert "The case was settled." in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("values", [{"matter": "", "reason": REASON}, {"matter": "Doe", "reason": "short"}])
def test_a_hold_that_says_too_little_is_refused(world: World, browser: Client, values: dict[str, Any]) -> None:
    assert browser.post(PAGE, values).status_code == 422
    with scope(world.host.pk):
        by = Membership.objects.active().get(user=world.owner).actor
        with pytest.raises(HoldRefused):
            LegalHold.place(**values, by=by)
        assert not LegalHold.objects.exists()


def test_an_auditor_sees_holds_and_places_none(world: World, client_of: ClientOf) -> None:
    hold = held(world)
    client = client_of(world.auditor)
    page = client.get(PAGE).content.decode()
    assert "Doe v. Host" in page
    assert "Place the hold" not in page
    assert client.post(PAGE, {"matter": "Mine", "reason": REASON}).status_code == 403
    assert client.post(f"{PAGE}{hold.pk}/release", {"reason": "The case was settled."}).status_code == 403
    assert client_of(world.stranger).get(PAGE).status_code == 404
    with scope(world.host.pk):
        assert [one.matter for one in LegalHold.objects.in_force()] == ["Doe v. Host"]
