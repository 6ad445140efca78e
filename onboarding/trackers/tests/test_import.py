"""A messy tracker, brought over: seen first, done in one go, undone in one."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.undo_change import undo_change
from onboarding.deployments.models import Change, Item
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.rosters.reading import UnreadableRosterError
from onboarding.trackers.actions.apply import apply, digest
from onboarding.trackers.actions.map_tracker import choose_rows, map_columns
from onboarding.trackers.actions.upload import upload
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import TrackerRefused
from onboarding.trackers.planning import CORE_STAYS, Plan, plan
from onboarding.trackers.tests import messy
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def taken(scene: Scene, content: bytes | None = None, name: str = "tracker.xlsx") -> TrackerImport:
    return upload(scene.deployment, content or messy.workbook(), name, by=scene.manager)


def looked(scene: Scene, tracker: TrackerImport) -> Plan:
    tracker.deployment = scene.deployment
    return plan(tracker, list(Item.objects.of_deployment(scene.deployment.pk)), may_accept=True)


def done(scene: Scene, tracker: TrackerImport) -> TrackerImport:
    return apply(tracker, by=scene.manager, may_accept=True, expected=digest(looked(scene, tracker)))


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_columns_rows_and_headings_are_told_apart(scene: Scene, form: str) -> None:
    with scope(scene.world.host.pk):
        tracker = taken(scene, messy.workbook() if form == "xlsx" else messy.csv())
        assert tracker.mapping == {
            "title": "Task / Activity", "number": "#", "status": "STATUS", "due": "Target Date", "owner": "Assigned To",
            "note": "Comments",
        }  # fmt: skip
        found = looked(scene, tracker)
        matched = {row.title: row.item.key for row in found.rows if row.item}
        assert matched == {
            "Exec sponsor named": "sponsor-named",
            "BAA / data processing agreement signed w/ vendor": "business-associate-agreement",
            "Vendor security review": "vendor-security-review",
            "HIPAA risk analysis - update": "risk-analysis",
            "SSO works in test": "single-sign-on",
            "Results write back test (PHQ9)": "write-back-test",
            "42 CFR part 2 decision": "substance-use-records",
            "Superusers certified every shift": "superusers-certified",
            "G6 go/no-go meeting": "g6-go-no-go",
        }
        assert [row.title for row in found.of("local")] == [
            "Order snacks for the kick-off week", "Repaint the waiting room",
        ]  # fmt: skip
        assert [row.title for row in found.of("skip")] == ["GOVERNANCE", "TECH", "OTHER"]
        assert not Change.objects.exists()


def test_states_dates_and_people_come_over_and_what_cannot_is_named(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        tracker = done(scene, taken(scene))
        review = scene.item("vendor-security-review")
        assert (review.state, review.note, review.due_on) == ("blocked", "waiting on SOC 2", date(2027, 1, 8))
        agreement = scene.item("business-associate-agreement")
        assert (agreement.state, agreement.due_on) == ("in_progress", date(2026, 12, 14))
        assert agreement.assignee == scene.world.manager
        sign_on = scene.item("single-sign-on")
        assert (sign_on.due_on, sign_on.assignee) == (date(2027, 1, 20), scene.world.contributor)
        assert scene.item("risk-analysis").due_on == date(2027, 1, 15)
        assert scene.item("substance-use-records").state == "not_applicable"
        snacks = Item.objects.get(title="Order snacks for the kick-off week")
        assert (snacks.due_on, snacks.assignee, snacks.note, snacks.gate_class) == (
            date(2027, 2, 26), scene.world.manager, "budget code 4410", "informs",
        )  # fmt: skip
        remarks = {row[1]: " ".join(row[2:]) for row in tracker.report["remarks"]}
        assert "“J. Nobody” is nobody" in remarks["Vendor security review"]
        assert "“??” means nothing here" in remarks["Superusers certified every shift"]
        assert "“soon” is no date" in remarks["Superusers certified every shift"]
        assert "Its gate completes it: sign G6" in remarks["G6 go/no-go meeting"]


def test_done_without_evidence_goes_to_review_and_no_gate_is_walked_past(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        assert scene.item("sponsor-named").required_evidence
        tracker = done(scene, taken(scene))
        item = scene.item("sponsor-named")
        assert (item.state, item.done_at) == ("in_review", None)
        assert any("until its evidence is given" in " ".join(row[2:]) for row in tracker.report["remarks"])
        assert scene.item("g6-go-no-go").state == "todo"


def not_needed(scene: Scene, word: str = "Not needed") -> tuple[Item, Item, TrackerImport]:
    """A core item and another, and a tracker that says of both that they are not needed."""
    free = Item.objects.filter(deployment=scene.deployment, state="todo", completed_by_gate=False).order_by("number")
    core, other = (free.filter(playbook_item__core=core).first() for core in (True, False))
    assert core
    assert other
    lines = "".join(f'{one.number},"{one.title}",{word},2027-01-15\n' for one in (core, other))
    return core, other, taken(scene, f"#,Task,Status,Due\n{lines}".encode(), "tracker.csv")


@pytest.mark.parametrize("word", ["Not needed", "N/A", "n.a.", "NA"])
def test_a_core_item_is_not_left_out_by_a_word_in_a_spreadsheet(scene: Scene, word: str) -> None:
    with scope(scene.world.host.pk):
        core, other, tracker = not_needed(scene, word)
        tracker = done(scene, tracker)
        for item in (core, other):
            item.refresh_from_db()
        assert (core.state, core.note) == ("todo", "")
        assert other.state == "not_applicable"
        assert [row[1:] for row in tracker.report["remarks"]] == [[core.title, CORE_STAYS]]


def test_who_may_not_review_leaves_nothing_out_by_an_import(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        core, other, tracker = not_needed(scene)
        tracker.deployment = scene.deployment
        seen = plan(tracker, list(Item.objects.of_deployment(scene.deployment.pk)), may_accept=False)
        apply(tracker, by=scene.manager, may_accept=False, expected=digest(seen))
        assert set(Item.objects.filter(pk__in=[core.pk, other.pk]).values_list("state", flat=True)) == {"todo"}


def test_an_import_is_undone_in_one_go_and_its_own_items_are_retired(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before = list(Item.objects.order_by("pk").values("pk", "state", "due_on", "assignee_id", "note"))
        tracker = done(scene, taken(scene))
        assert undo_change(tracker.change, by=scene.manager) == []
        old = [row["pk"] for row in before]
        after = Item.objects.filter(pk__in=old).order_by("pk").values("pk", "state", "due_on", "assignee_id", "note")
        assert list(after) == before
        assert set(Item.objects.exclude(pk__in=old).values_list("state", flat=True)) == {"retired"}
        again = done(scene, taken(scene))
        assert again.report["counts"]["added"] == 2


def test_importing_twice_and_over_an_old_preview_changes_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        tracker = taken(scene)
        mark = digest(looked(scene, tracker))
        scene.item("vendor-security-review").start(by=scene.manager)
        with pytest.raises(TrackerRefused, match="has changed since"):
            apply(tracker, by=scene.manager, may_accept=True, expected=mark)
        assert not Change.objects.exists()
        done(scene, tracker)
        events = Event.objects.count()
        with pytest.raises(TrackerRefused, match="imported already"):
            apply(tracker, by=scene.manager, may_accept=True, expected=mark)
        assert Event.objects.count() == events


def test_a_second_upload_finds_what_the_first_one_brought(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        done(scene, taken(scene))
        found = looked(scene, taken(scene))
        assert found.of("local") == []
        assert {row.title for row in found.of("same")} >= {"Vendor security review", "Repaint the waiting room"}


def test_a_person_decides_what_a_row_is(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        tracker = taken(scene)
        drill = str(scene.item("downtime-drill").pk)
        rows = {row.title: str(row.number) for row in looked(scene, tracker).rows}
        choose_rows(tracker, {rows["Repaint the waiting room"]: drill}, by=scene.manager)
        with pytest.raises(TrackerRefused, match="Two rows"):
            choose_rows(TrackerImport.objects.get(pk=tracker.pk), {rows["SSO works in test"]: drill}, by=scene.manager)
        tracker = TrackerImport.objects.get(pk=tracker.pk)
        choose_rows(tracker, {rows["SSO works in test"]: "skip"}, by=scene.manager)
        found = {row.title: row for row in looked(scene, TrackerImport.objects.get(pk=tracker.pk)).rows}
        assert str(found["Repaint the waiting room"].item.pk) == drill  # type: ignore[union-attr]
        assert found["SSO works in test"].kind == "skip"


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"title": ""}, "holds the tasks"),
        ({"title": "STATUS", "status": "STATUS"}, "twice"),
        ({"title": "X"}, "no column"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(scene: Scene, mapping: dict[str, str], says: str) -> None:
    with scope(scene.world.host.pk):
        tracker = taken(scene)
        before = tracker.mapping
        with pytest.raises(TrackerRefused, match=says):
            map_columns(tracker, mapping, by=scene.manager)
        assert TrackerImport.objects.get(pk=tracker.pk).mapping == before


def test_a_file_that_is_no_table_is_refused_and_nothing_is_kept(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        for content in (b"", b"%PDF-1.7", b"\x00\x01\x02", b"Task,Status\n"):
            with pytest.raises(UnreadableRosterError):
                taken(scene, content or b"", "x.csv") if content else upload(
                    scene.deployment, b"", "x.csv", by=scene.manager
                )
        assert not TrackerImport.objects.exists()


def test_a_large_tracker_takes_as_many_statements_as_a_small_one(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        seen = []
        for count in (3, 300):
            lines = "\n".join(f"Own work {number},open,1/{number % 28 + 1}/27" for number in range(count))
            tracker = taken(scene, f"Task,Status,Due\n{lines}\n".encode(), "x.csv")
            with CaptureQueriesContext(connection) as captured:
                looked(scene, tracker)
            seen.append(len(counted(captured)))
        assert seen[0] == seen[1] <= 8


def test_from_the_upload_to_the_undo_on_the_pages(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    place = f"/o/host/deployments/{scene.deployment.pk}/tracker/"
    assert client.post(place, {}).status_code == 422
    answer = client.post(place, {"file": SimpleUploadedFile("tracker.xlsx", messy.workbook())})
    at = answer["Location"]
    text = client.get(at).content.decode()
    assert "Import 8 rows" in text
    assert "Rows 1 to 3 stand above the header" in text
    row = text.split("Repaint the waiting room")[1].split('name="row-', 1)[1].split('"', 1)[0]
    assert client.post(f"{at}rows", {f"row-{row}": "#9999 nothing"}).status_code == 422
    assert client.post(f"{at}rows", {f"row-{row}": "Leave out"}).status_code == 302
    assert client.post(f"{at}apply", {"seen": "x"}).status_code == 409
    text = client.get(at).content.decode()
    assert "Import 7 rows" in text
    mark = text.split('name="seen" value="', 1)[1].split('"', 1)[0]
    report = client.post(f"{at}apply", {"seen": mark}, follow=True).content.decode()
    assert "Not carried over as it stood" in report
    with scope(scene.world.host.pk):
        change = Change.objects.get()
    client.post(f"/o/host/changes/{change.pk}/")
    assert "Items it added are retired." in client.get(at).content.decode()


def test_rows_pasted_from_a_spreadsheet_are_read(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    pasted = "Task\tStatus\tDue\nVendor security review\tstuck\t1/8/27\nCall the vendor\topen\t1/9/27\n"
    answer = client.post(f"/o/host/deployments/{scene.deployment.pk}/tracker/", {"pasted": pasted})
    text = client.get(answer["Location"]).content.decode()
    assert "To do → Blocked" in text
    assert "Call the vendor" in text


@pytest.mark.parametrize("who", ["contributor", "auditor", "vendor_manager", "hub_manager"])
def test_who_may_not_import_sees_and_does_nothing(scene: Scene, client_of: ClientOf, who: str) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        tracker = taken(scene)
    client = client_of(getattr(scene.world, who))
    assert client.get(f"/o/host/deployments/{scene.deployment.pk}/tracker/").status_code == 403
    assert client.get(f"/o/host/trackers/{tracker.pk}/").status_code in (403, 404)
    assert client.post(f"/o/host/trackers/{tracker.pk}/apply", {"seen": "x"}).status_code in (403, 404)
