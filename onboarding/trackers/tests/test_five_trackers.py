"""Five trackers as people have them, brought over page by page; every bad cell is named, nothing is half-written."""

import html
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import Change, Item
from onboarding.rosters import workbook
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.tests import five_trackers
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
REVIEW = ("vendor-security-review", "in_progress", date(2027, 1, 8), "Manager Host")
SPONSOR = ("sponsor-named", "in_review")
NOBODY = "is nobody of the organization or the team"


def uploaded(scene: Scene, client: Client, name: str, content: bytes, **more: str) -> str:
    """Upload it and return the address of its preview."""
    place = f"/o/host/deployments/{scene.deployment.pk}/tracker/"
    answer = client.post(place, {"file": SimpleUploadedFile(name, content), **more})
    assert answer.status_code == 302, html.unescape(answer.content.decode())[-2000:]
    return str(answer["Location"])


def imported(client: Client, at: str) -> str:
    """Import what the preview shows; return the report as a reader has it."""
    mark = client.get(at).content.decode().split('name="seen" value="', 1)[1].split('"', 1)[0]
    return html.unescape(client.post(f"{at}apply", {"seen": mark}, follow=True).content.decode())


def standing(scene: Scene, key: str) -> Any:
    item = Item.objects.select_related("assignee").get(deployment=scene.deployment, key=key)
    return item.key, item.state, item.due_on, item.assignee.name if item.assignee else None


def test_a_header_of_two_rows_under_a_merged_title_and_thousands_of_blank_rows(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    at = uploaded(scene, client, "rollout.xlsx", five_trackers.excel())
    assert "Rows 1 to 2 stand above the header and were skipped." in client.get(at).content.decode()
    report = imported(client, at)
    assert "E7 (Status): the status “???” means nothing here; the state stays." in report
    assert "C7 (Dates Planned): “sometime in Feb” is no date; the due date stays." in report
    assert f"B7 (Lead): “Trudy Trainer” {NOBODY}; the team role owns it." in report
    assert "F5 (Comments): “SOC 2 is late” stays in the tracker" in report
    with scope(scene.world.host.pk):
        assert standing(scene, "vendor-security-review") == REVIEW
        assert standing(scene, "sponsor-named")[:2] == SPONSOR
        assert Item.objects.get(title="Order snacks for the kick-off week").state == "todo"
        assert TrackerImport.objects.get().report["counts"] == {
            "change": 2, "same": 1, "local": 1, "skip": 0, "added": 1,
        }  # fmt: skip


def test_the_sheet_that_looks_like_a_tracker_is_read_and_another_one_is_a_press_away(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    at = uploaded(scene, client, "smartsheet.xlsx", five_trackers.smartsheet())
    text = html.unescape(client.get(at).content.decode())
    assert "smartsheet.xlsx, sheet “Plan”" in text
    assert "Look at “Summary”" in text
    assert "Old plan" not in text.split("Look at “Summary”")[1]
    assert client.post(f"{at}sheet", {"sheet": "Nothing"}).status_code == 422
    client.post(f"{at}sheet", {"sheet": "Summary"})
    assert "smartsheet.xlsx, sheet “Summary”" in html.unescape(client.get(at).content.decode())
    client.post(f"{at}sheet", {"sheet": "Plan"})
    imported(client, at)
    with scope(scene.world.host.pk):
        assert standing(scene, "vendor-security-review") == REVIEW
        assert standing(scene, "risk-analysis")[1:] == ("todo", date(2027, 1, 15), "Analyst Host")
        assert standing(scene, "sponsor-named")[:2] == SPONSOR
        assert not Item.objects.filter(title__in=["Governance", "Something of last year"]).exists()
    assert client.post(f"{at}sheet", {"sheet": "Summary"}).status_code == 422


def test_a_hidden_sheet_is_read_where_somebody_names_it(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    content = five_trackers.smartsheet()
    at = uploaded(scene, client, "smartsheet.xlsx", content, sheet="Old plan")
    assert "Something of last year" in client.get(at).content.decode()
    file = SimpleUploadedFile("smartsheet.xlsx", content)
    place = f"/o/host/deployments/{scene.deployment.pk}/tracker/"
    answer = client.post(place, {"file": file, "sheet": "Plans"})
    assert answer.status_code == 422
    assert "has no sheet “Plans”. Its sheets: Summary, Plan, Lists, Old plan." in html.unescape(answer.content.decode())


def test_symbols_typing_mistakes_and_weekdays_are_understood(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    report = imported(client, uploaded(scene, client, "google.csv", five_trackers.google()))
    assert "D5 (Due): “2/30/27” is no date; the due date stays." in report
    assert "D6 (Due): “TBD” is no date; it is due on go-live." in report
    assert "E3 (Who): “Manager Host” is named too" in report
    with scope(scene.world.host.pk):
        review = scene.item("vendor-security-review")
        assert (review.state, review.due_on, review.note) == ("blocked", date(2027, 1, 8), "waiting on\nSOC 2")
        assert standing(scene, "risk-analysis")[1:] == ("in_progress", date(2027, 1, 15), "Analyst Host")
        assert standing(scene, "sponsor-named")[:2] == SPONSOR
        assert standing(scene, "single-sign-on")[1] == "todo"


def test_a_tracker_in_spanish(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    report = imported(client, uploaded(scene, client, "seguimiento.csv", five_trackers.spanish()))
    assert "D5 (Fecha límite): “la semana próxima” is no date; it is due on go-live." in report
    with scope(scene.world.host.pk):
        assert standing(scene, "vendor-security-review") == REVIEW
        risk = scene.item("risk-analysis")
        assert (risk.state, risk.due_on, risk.note) == ("blocked", date(2027, 1, 15), "falta el análisis")
        assert standing(scene, "sponsor-named")[:2] == SPONSOR


def test_an_export_of_ms_project(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    report = imported(client, uploaded(scene, client, "project.csv", five_trackers.project()))
    assert "G6 (% Complete): the status “150%” means nothing here; the state stays." in report
    assert f"H4 (Resource Names): “Bob” {NOBODY}." in report
    with scope(scene.world.host.pk):
        assert standing(scene, "vendor-security-review") == REVIEW
        assert standing(scene, "risk-analysis")[1:] == ("todo", date(2027, 1, 15), "Analyst Host")
        assert standing(scene, "sponsor-named")[:2] == SPONSOR


def test_an_import_that_breaks_half_way_writes_nothing(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(scene.world.manager)
    at = uploaded(scene, client, "google.csv", five_trackers.google())
    with scope(scene.world.host.pk):
        before, events = list(Item.objects.order_by("pk").values()), Event.objects.count()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr("onboarding.trackers.actions.apply.add_items", broken)
    with pytest.raises(RuntimeError, match="The disk is full"):
        imported(client, at)
    with scope(scene.world.host.pk):
        assert (list(Item.objects.order_by("pk").values()), Event.objects.count()) == (before, events)
        assert not Change.objects.exists()
        assert TrackerImport.objects.get().report == {}


def test_of_a_large_workbook_one_sheet_is_read_and_the_others_are_named(
    scene: Scene, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(scene.world.manager)
    whole = client.get(uploaded(scene, client, "smartsheet.xlsx", five_trackers.smartsheet())).content.decode()
    assert "was read, and not" not in whole
    monkeypatch.setattr(workbook, "SMALL", 1000)
    at = uploaded(scene, client, "smartsheet.xlsx", five_trackers.smartsheet(), sheet="Plan")
    text = html.unescape(client.get(at).content.decode())
    assert "“Plan” was read, and not “Summary”, “Lists”, “Old plan” (hidden)." in text
    with scope(scene.world.host.pk):
        assert TrackerImport.objects.order_by("pk").last().others == []


def test_a_sheet_whose_name_no_program_allows_is_read_all_the_same(scene: Scene, client_of: ClientOf) -> None:
    client, name = client_of(scene.world.manager), "A" * 150
    book = load_workbook(io.BytesIO(five_trackers.smartsheet()))
    book["Plan"]._WorkbookChild__title = name  # Excel stops at 31 characters, and who writes files by hand does not
    saved = io.BytesIO()
    book.save(saved)
    at = uploaded(scene, client, "crafted.xlsx", saved.getvalue(), sheet=name)
    assert client.get(at).status_code == 200
    with scope(scene.world.host.pk):
        assert TrackerImport.objects.get().sheet == name[:100]
