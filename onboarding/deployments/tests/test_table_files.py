"""A table as a file: the page's own permission, scope and filters, and no formula. The attacks first."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.models import Change, Item
from onboarding.logbook.models import LogEntry
from onboarding.vault.actions.hand_over import offer
from onboarding.vault.models import PaperOffer
from onboarding.vault.tests.shelf import paper
from tenancy.models import Site
from tenancy.scope import current_or_none, scope
from testing.scenes import Scene
from web.tables import harmless

ClientOf = Callable[[User], Client]
TABLES = [
    "portfolio/", "sites/", "admin/people/", "admin/deliveries/", "admin/audit/", "training/people/", "training/", "billing/", "vault/",
]  # fmt: skip


def rows(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def at(scene: Scene, rest: str = "") -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{rest}"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "|cmd", "%0A", "＝1"]
)  # fmt: skip
def test_nothing_that_begins_like_a_formula_is_left_to_be_run(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_ordinary_words_and_numbers_stay_as_they_are() -> None:
    assert [harmless(one) for one in ("Main Street", "", "a=b", -4, 2.5, None)] == [
        "Main Street", "", "a=b", -4, 2.5, None,
    ]  # fmt: skip


@pytest.mark.asvs("V1.2.10")
def test_a_formula_in_a_name_reaches_neither_kind_of_file(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        Site.objects.update(name='=HYPERLINK("http://x","y")')
    client = client_of(scene.world.manager)
    assert rows(client, "/o/host/sites/?as=csv")[1][0] == '\'=HYPERLINK("http://x","y")'
    book = b"".join(client.get("/o/host/sites/?as=xlsx").streaming_content)
    cell = load_workbook(io.BytesIO(book)).active["A2"]
    assert (cell.value, cell.data_type) == ('\'=HYPERLINK("http://x","y")', "s")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_stranger_gets_of_each_table_what_a_missing_organization_gives(
    scene: Scene, client_of: ClientOf, table: str, kind: str
) -> None:
    client = client_of(scene.world.stranger)
    answer, missing = client.get(f"/o/host/{table}?as={kind}"), client.get(f"/o/nowhere/{table}?as={kind}")
    assert answer.status_code == missing.status_code == 404
    assert Client().get(f"/o/host/{table}?as={kind}").status_code == 302


@pytest.mark.parametrize("table", TABLES)
def test_each_table_leaves_as_a_file_to_the_owner_and_holds_nothing_of_others(
    scene: Scene, client_of: ClientOf, table: str
) -> None:
    with scope(scene.world.host.pk):
        paper(scene.manager)
    with scope(scene.world.elsewhere.pk):
        Site.objects.create(name="Foreign clinic", region="NY", time_zone="America/New_York")
    found = rows(client_of(scene.world.owner), f"/o/host/{table}?as=csv")
    assert len(found[0]) >= 5
    text = str(found)
    assert "Foreign" not in text
    assert "Elsewhere" not in text


@pytest.mark.parametrize(
    ("table", "who"),
    [
        ("admin/people/", "contributor"), ("admin/deliveries/", "contributor"), ("admin/audit/", "manager"),
        ("training/people/", "approver"), ("billing/", "contributor"), ("vault/", "learner"), ("sites/", "learner"),
    ],
)  # fmt: skip
def test_who_may_not_see_the_page_gets_no_file(scene: Scene, client_of: ClientOf, table: str, who: str) -> None:
    assert client_of(getattr(scene.world, who)).get(f"/o/host/{table}?as=csv").status_code == 403


def test_a_partners_file_holds_what_its_page_shows(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        Site.objects.create(name="Not shared", region="NY", time_zone="America/New_York")
        everything = Item.objects.filter(deployment=scene.deployment).exclude(state="not_applicable").count()
    vendor, hub = client_of(scene.world.vendor_manager), client_of(scene.world.hub_manager)
    shown = vendor.get(at(scene)).content.decode().count("data-row")
    assert len(rows(vendor, at(scene, "?as=csv"))) - 1 == shown < everything
    assert len(rows(hub, at(scene, "?as=csv"))) > shown
    assert [line[0] for line in rows(vendor, "/o/host/sites/?as=csv")[1:]] == ["Main Street"]
    for table in ("portfolio/", "vault/", "admin/people/"):
        assert vendor.get(f"/o/host/{table}?as=csv").status_code == 403
    assert client_of(scene.world.funder_manager).get(at(scene, "?as=csv")).content.decode().count("data-row") == 0


def test_a_file_follows_the_filters_of_the_page(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    everything, first = rows(client, at(scene, "?as=csv")), rows(client, at(scene, "?stage=0&as=csv"))
    assert len(first) == 7
    assert len(everything) > 90
    assert rows(client, "/o/host/sites/?q=main&as=csv")[1][0] == "Main Street"
    assert len(rows(client, "/o/host/sites/?q=nothing&as=csv")) == 1


def test_what_is_sent_after_the_view_returned_is_read_in_its_scope_and_leaves_none_behind(
    scene: Scene, client_of: ClientOf
) -> None:
    answer = client_of(scene.world.manager).get("/o/host/sites/?as=csv")
    assert current_or_none() is None
    parts = iter(answer.streaming_content)
    assert next(parts) == "\ufeff".encode()
    assert current_or_none() is None
    assert "Main Street" in b"".join(parts).decode()
    assert current_or_none() is None
    broken_off = client_of(scene.world.manager).get("/o/host/sites/?as=csv")
    next(iter(broken_off.streaming_content))
    broken_off.close()
    assert current_or_none() is None


def test_a_list_that_shows_its_newest_rows_leaves_whole(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.logbook.web.views.entries.PAGE", 2)
    monkeypatch.setattr("onboarding.deployments.web.views.changes.PAGE", 2)
    with scope(scene.world.host.pk):
        for number in range(4):
            LogEntry.write(
                program=scene.program, deployment=scene.deployment, kind="decision", cause="other",
                title=f"Decision {number}", by=scene.manager,
            )  # fmt: skip
            Change.keep("items", f"Change {number}", [], by=scene.manager, deployment_id=scene.deployment.pk)
    client = client_of(scene.world.manager)
    for place, word in (("log/", "Decision"), ("changes/", "Change")):
        page = client.get(f"/o/host/{place}").content.decode()
        assert sum(f"{word} {number}" in page for number in range(4)) == 2
        file = b"".join(client.get(f"/o/host/{place}?as=csv")).decode()
        assert all(f"{word} {number}" in file for number in range(4)), place


def test_a_page_of_newest_rows_leaves_whole_however_many_parts_it_is_read_in(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.deployments.web.views.changes.PAGE", 2)
    monkeypatch.setattr("web.whole_tables.CHUNK", 3)
    monkeypatch.setattr("web.tables.MOST_OF_A_PAGE", 3)
    with scope(scene.world.host.pk):
        kept = [
            Change.keep("items", f"Change {number}", [], by=scene.manager, deployment_id=scene.deployment.pk)
            for number in range(8)
        ]
        Change.objects.filter(pk=kept[0].pk).update(undone_at=kept[0].made_at, undone_by=scene.world.manager)
    client = client_of(scene.world.manager)
    found = rows(client, "/o/host/changes/?as=csv")
    assert found[0] == ["What", "Where", "Who", "When", "Rows", "State"]
    assert [line[0] for line in found[1:]] == [f"Change {number}" for number in reversed(range(8))]
    assert found[-1][5].startswith("Undone")
    book = load_workbook(io.BytesIO(b"".join(client.get("/o/host/changes/?as=xlsx"))))
    assert [line[0] for line in book.active.iter_rows(min_row=2, values_only=True)] == [line[0] for line in found[1:]]
    monkeypatch.setattr("web.tables.MOST", 5)
    book = load_workbook(io.BytesIO(b"".join(client.get("/o/host/changes/?as=xlsx"))))
    assert [line[0] for line in book.active.iter_rows(values_only=True)][-1].startswith("The first 5 rows.")


def test_two_lists_of_one_page_leave_whole_each_under_its_own_heading(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.vault.web.views.offers.SHOWN", 2)
    monkeypatch.setattr("web.whole_tables.CHUNK", 3)
    scene.share()
    world = scene.world
    with scope(world.vendor.pk):
        by = Membership.objects.active().get(user=world.vendor_manager).actor
        for number in range(7):
            offer(paper(by, f"Theirs {number}"), world.host, by=by)
    with scope(world.host.pk):
        for number in range(4):
            PaperOffer(paper=paper(scene.manager, f"Ours {number}"), version=1, partner=world.hub).save()
    found = rows(client_of(world.manager), "/o/host/vault/offers/?as=csv")
    firsts = [line[0].split(" · ")[0] if line else "" for line in found]
    assert firsts == [
        "Offered to you", "Paper", *(f"Theirs {number}" for number in reversed(range(7))), "",
        "Offered by you", "Paper", *(f"Ours {number}" for number in reversed(range(4))), "",
    ]  # fmt: skip


def test_a_file_that_was_to_be_a_fragment_or_a_refusal_is_that(scene: Scene, client_of: ClientOf) -> None:
    """Only a page that is read leaves as a file: a form with an error keeps what was typed."""
    client = client_of(scene.world.manager)
    refused = client.post(at(scene, "tracker/?as=csv"), {"pasted": ""})
    assert refused.status_code == 422
    assert "Choose a file, or paste rows from a spreadsheet." in refused.content.decode()


def test_a_table_that_was_worked_out_says_where_it_ends(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.tables.MOST_OF_A_PAGE", 2)
    text = client_of(scene.world.owner).get("/o/host/admin/reminders/?as=csv").content.decode()
    assert "The first 2 rows. Narrow the list to see the others." in text


def test_a_history_leaves_whole_from_any_of_its_pages(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("tool-dossier")
        for person in [scene.world.contributor, scene.world.manager] * 30:
            item.assign(person, by=scene.manager)
        told = list(Event.objects.of_deployment(scene.deployment.pk).values_list("pk", flat=True))
    client = client_of(scene.world.manager)
    found = rows(client, at(scene, f"history/?before={told[9]}&as=csv"))
    assert found[0] == ["When", "Who", "What", "Action"]
    assert len(found) - 1 == len(told) > 60
    assert all(line[1] for line in found)
    assert len(rows(client, at(scene, "history/?what=gates&as=csv"))) == 1
    assert client_of(scene.world.learner).get(at(scene, "history/?as=csv")).status_code == 403


def test_a_workbook_that_would_be_too_long_ends_and_says_so(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.tables.MOST", 3)
    client = client_of(scene.world.manager)
    book = load_workbook(io.BytesIO(b"".join(client.get(at(scene, "?as=xlsx")))))
    lines = list(book.active.iter_rows(values_only=True))
    assert len(lines) == 5
    assert lines[-1][0] == "The first 3 rows. The CSV file has all of them."
    assert len(rows(client, at(scene, "?as=csv"))) > 90


def test_an_unknown_kind_is_the_page(scene: Scene, client_of: ClientOf) -> None:
    assert client_of(scene.world.manager).get("/o/host/sites/?as=exe")["Content-Type"].startswith("text/html")


def test_a_file_costs_the_same_statements_for_few_rows_and_for_many(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client = client_of(scene.world.owner)

    def cost() -> list[int]:
        counts = []
        for table in ("sites/", "vault/", "admin/audit/"):
            with django_assert_max_num_queries(40) as seen:
                rows(client, f"/o/host/{table}?as=csv")
            counts.append(len(seen.captured_queries))
        return counts

    cost()
    few = cost()
    with scope(scene.world.host.pk):
        for number in range(30):
            Site.objects.create(name=f"Site {number}", region="NY", time_zone="America/New_York")
            paper(scene.manager, f"Paper {number}")
        assert Event.objects.count() > 60
    assert cost() == few
