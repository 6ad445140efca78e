"""The event log page: what it shows, to whom, narrowed by its address; and the timeline of one object."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import audit as accounts_vocabulary
from accounts.models import Membership, User
from audit import sealing, vocabulary
from audit.actor import Actor
from audit.models import Event
from audit.models.event import record
from audit.timeline import timeline
from tenancy.scope import scope
from testing.cast import World
from testing.settling import settle

LOG = "/o/host/admin/audit/"
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def own_state(settings: object, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]


@pytest.mark.asvs("V16.2.1")
def test_an_auditor_reads_who_did_what(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        member = Membership.objects.active().get(user=world.contributor)
        member.change_roles(["auditor"], by=Membership.objects.active().get(user=world.owner).actor)
    page = client_of(world.auditor).get(LOG).content.decode()
    assert "Owner Host" in page
    assert "changed a member&#39;s roles from contributor to auditor" in page
    assert "Nothing is sealed yet" in page


@pytest.mark.parametrize("who", ["manager", "contributor", "approver", "learner"])
def test_others_are_refused(world: World, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(world, who))
    with scope(world.host.pk):
        event = Event.objects.first()
        assert event is not None
    for address in (LOG, f"{LOG}export.jsonl", f"{LOG}{event.pk}/", f"{LOG}{event.pk}/proof.json"):
        assert client.get(address).status_code == 403


def test_a_stranger_gets_the_same_answer_as_for_a_missing_organization(world: World, client_of: ClientOf) -> None:
    client = client_of(world.stranger)
    assert client.get(LOG).status_code == 404
    assert client.get(LOG).content == client.get("/o/nowhere/admin/audit/").content


@pytest.mark.parametrize(
    ("value", "said"),
    [("2027-01-15", "15 Jan 2027"), ("2027-02-30", "2027-02-30"), ("2027-01-15 or later",) * 2, (7, "7")],
)
def test_a_sentence_writes_days_as_people_do(value: object, said: str) -> None:
    assert vocabulary.Action("site.opened", "opened it on {day}").read({"day": value}) == f"opened it on {said}"


NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("?action=member.added", {"member.added"}),
        ("?action=organization.created", {"organization.created"}),
        ("?since=2000-01-01&until=2000-12-31", set()),
        (f"?object={NOBODY}", set()),
        (f"?who={NOBODY}", set()),
        ("?since=0001-01-01&until=9999-12-31", {"member.added", "organization.created"}),
        ("?until=9999-12-30", {"member.added", "organization.created"}),
        ("?until=0001-01-01", set()),
    ],
)
def test_the_address_narrows_the_list(world: World, client_of: ClientOf, asked: str, shown: set[str]) -> None:
    page = client_of(world.auditor).get(LOG + asked).content.decode()
    actions = {"member.added", "organization.created"}
    assert {action for action in actions if f"<code>{action}</code>" in page} == shown
    assert ("No event matches" in page) is not shown if not shown else True


ROW = re.compile(r'href="/o/host/admin/audit/([0-9a-f-]{36})/"')
EARLIER = re.compile(r'href="\?([^"]*after=[^"]*)"')


def test_a_day_is_walked_page_by_page_without_a_gap_though_moments_are_shared(
    world: World, client_of: ClientOf
) -> None:
    day = datetime(2026, 3, 2, 12, tzinfo=UTC)
    by = Actor.system("test")
    with scope(world.host.pk):
        for number in range(110):
            at = day + timedelta(minutes=number % 3) if number % 10 else day + timedelta(days=1)
            record(accounts_vocabulary.ORGANIZATION_CREATED, by=by, subject=world.host, at=at, name=str(number))
        listed = Event.objects.filter(at__gte=day, at__lt=day + timedelta(hours=1)).order_by("-at", "-id")
        expected = [str(pk) for pk in listed.values_list("pk", flat=True)]
    client, asked, seen = client_of(world.auditor), "since=2026-03-02&until=2026-03-02", list[str]()
    for _ in range(3):
        page = client.get(f"{LOG}?{asked}").content.decode()
        seen += dict.fromkeys(ROW.findall(page))
        if (further := EARLIER.search(page)) is None:
            break
        asked = unescape(further[1])
    assert seen == expected
    assert len(seen) == 99
    unknown = client.get(f"{LOG}?since=2026-03-02&after={uuid4()}").content.decode()
    assert "No event matches" in unknown


def test_an_unreadable_filter_says_so(world: World, client_of: ClientOf) -> None:
    page = client_of(world.auditor).get(LOG + "?action=nothing.known&since=yesterday")
    assert page.status_code == 200
    assert "There is no action nothing.known." in page.content.decode()
    assert "Enter a valid date." in page.content.decode()


def test_an_event_of_another_organization_is_answered_like_a_missing_one(world: World, client_of: ClientOf) -> None:
    with scope(world.elsewhere.pk):
        foreign = Event.objects.first()
        assert foreign is not None
    client = client_of(world.auditor)
    for suffix in ("", "proof.json"):
        answer, missing = client.get(f"{LOG}{foreign.pk}/{suffix}"), client.get(f"{LOG}{uuid4()}/{suffix}")
        assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.django_db(transaction=True)
def test_a_sealed_log_is_checked_shown_and_exported(world: World, client_of: ClientOf) -> None:
    settle()
    assert sealing.seal(world.host.pk)
    client = client_of(world.auditor)
    assert "Record intact." in client.get(LOG).content.decode()
    lines = [json.loads(line) for line in b"".join(client.get(f"{LOG}export.jsonl")).decode().splitlines()]
    with scope(world.host.pk):
        total = Event.objects.count()
        event = Event.objects.order_by("id").first()
        assert event is not None
    assert sum("event" in line for line in lines) == total
    proof = client.get(f"{LOG}{event.pk}/proof.json").json()
    assert json.loads(proof["canonical"])["id"] == str(event.pk)
    detail = client.get(f"{LOG}{event.pk}/").content.decode()
    assert "sealed in batch 1" in detail


@pytest.mark.django_db(transaction=True)
def test_a_changed_log_is_shown_as_broken(world: World, client_of: ClientOf, as_administrator: None) -> None:
    settle()
    assert sealing.seal(world.host.pk)
    with connection.cursor() as cursor:
        cursor.execute("update audit_event set data = '{}' where organization_id = %s", [world.host.pk])
    page = client_of(world.auditor).get(LOG).content.decode()
    assert "The log does not match its seal." in page
    assert "event 1 " in page


def test_a_timeline_names_everybody_with_one_query(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with scope(world.host.pk):
        member = Membership.objects.active().get(user=world.contributor)
        member.change_roles(["auditor"], by=Membership.objects.active().get(user=world.owner).actor)
        member.change_roles(["contributor"], by=world.manager.acting(world.host.pk, frozenset({"owner"})))
        with django_assert_num_queries(2):
            found = timeline(member.pk)
    assert [entry.who for entry in found] == ["Manager Host", "Owner Host", "System, test set-up"]
    assert found[0].text == "changed a member's roles from auditor to contributor"


def test_a_timeline_is_of_an_object_or_of_a_deployment(world: World) -> None:
    with scope(world.host.pk), pytest.raises(ValueError, match="a subject or a deployment"):
        timeline()


@pytest.mark.asvs("V16.5.3")
@pytest.mark.django_db
def test_where_the_event_cannot_be_written_nothing_happens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Event, *args: object, **kwargs: object) -> None:
        raise DatabaseError("The disk is full.")

    with scope(world.host.pk):
        member, by = Membership.objects.get(user=world.learner), Membership.objects.get(user=world.owner).actor
        monkeypatch.setattr(Event, "save", full)
        for change in (lambda: member.change_roles(["auditor"], by=by), lambda: member.end(by=by)):
            with pytest.raises(DatabaseError):
                change()
            standing = Membership.objects.get(pk=member.pk)
            assert (standing.roles, standing.ended_at) == (["learner"], None)
