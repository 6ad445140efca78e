"""Drafts over HTTP: written, checked, compared, published by somebody else, brought in and taken out as files."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.playbooks.models import DraftItem, PlaybookDraft, PlaybookItem, PlaybookVersion
from onboarding.playbooks.models.draft import DraftRefused
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def author(scene: Scene, client_of: SignIn) -> Client:
    return client_of(scene.world.manager)


@pytest.fixture
def draft(scene: Scene, author: Client) -> PlaybookDraft:
    """A draft of the next version of the starter playbook."""
    answer = author.post(f"/o/host/playbooks/{scene.program.playbook_version_id}/draft")
    assert answer.status_code == 302
    with scope(scene.world.host.pk):
        return PlaybookDraft.objects.select_related("base").get()


def place(draft: PlaybookDraft, rest: str = "") -> str:
    return f"/o/host/playbooks/drafts/{draft.pk}/{rest}"


def item_form(client: Client, draft: PlaybookDraft, key: str) -> dict[str, Any]:
    """The values of an item's form as they stand."""
    from onboarding.playbooks.web.forms.item import ItemForm

    row = DraftItem.objects.get(draft=draft, key=key)
    form = ItemForm(None, plain=draft.plain(), item=row.data, key_fixed=True)
    values = {}
    for bound in form:
        value = bound.value()
        if value is True:
            values[bound.html_name] = "on"
        elif value not in (None, False, ""):
            values[bound.html_name] = value
    return {**values, "revision": row.revision}


def test_a_new_draft_says_what_the_version_says_under_the_next_number(scene: Scene, draft: PlaybookDraft) -> None:
    with scope(scene.world.host.pk):
        assert (draft.version, draft.problems()) == ("1.1", ())
        assert draft.plain() == {**draft.base.plain(), "version": "1.1"}


def test_saving_every_item_unchanged_changes_nothing(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    with scope(scene.world.host.pk):
        before = draft.plain()
        forms = {
            key: item_form(author, draft, key)
            for key in ("risk-register", "school-and-minors", "g2-governance", "kick-off", "write-back-test")
        }
    for key, values in forms.items():
        answer = author.post(place(draft, f"items/{key}/edit/"), values)
        assert answer.status_code == 302, (key, answer.content.decode().partition("data-errors")[2][100:400])
    with scope(scene.world.host.pk):
        assert draft.plain() == before
        assert not Event.objects.filter(action="playbook_draft.item_changed").exists()


def test_an_item_is_changed_with_conditions_dependencies_and_evidence(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    with scope(scene.world.host.pk):
        values = item_form(author, draft, "risk-register")
    values |= {
        "title": "Risks and issues, owned and dated", "offset_from": "kick-off", "offset_days": "10",
        "waits-0-item": "kick-off", "waits-0-lag": "3", "evidence-1-title": "Letter of the board",
        "evidence-1-kind": "document", "evidence-1-optional": "on",
        "condition_match": "all", "condition-0-fact": "site.kind", "condition-0-op": "eq",
        "condition-0-value": "school, clinic", "condition-1-fact": "tool.generative_ai", "condition-1-op": "eq",
        "condition-1-value": "yes",
    }  # fmt: skip
    assert author.post(place(draft, "items/risk-register/edit/"), values).status_code == 302
    with scope(scene.world.host.pk):
        item = DraftItem.objects.get(draft=draft, key="risk-register").data
        assert (item["title"], item["offset_from"], item["offset_days"]) == (
            "Risks and issues, owned and dated",
            "kick-off",
            10,
        )
        assert item["depends_on"] == [{"item": "kick-off", "lag_days": 3}]
        assert item["evidence"][1] == {
            "key": "letter-of-the-board",
            "title": "Letter of the board",
            "kind": "document",
            "required": False,
        }
        assert item["condition"] == {
            "all": [
                {"fact": "site.kind", "op": "in", "value": ["school", "clinic"]},
                {"fact": "tool.generative_ai", "op": "eq", "value": True},
            ]
        }
        assert draft.problems() == ()
    text = author.get(place(draft, "changes/")).content.decode()
    assert "Risks and issues, owned and dated" in text
    assert "kind of site is school or clinic, and tool uses generative AI" in text
    dates = author.get(place(draft, "preview/"), {"go_live_on": "2027-03-02", "kick_off_on": "2026-06-01"})
    assert "+ 10 days" in dates.content.decode()


def test_the_preview_draws_every_dated_item_and_says_the_same_in_a_table(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    with scope(scene.world.host.pk):
        row = DraftItem.objects.get(draft=draft, key="kick-off")
        dated = [one for one in draft.plain()["items"] if one.get("anchor", "go-live") == "go-live"]
        last = max(dated, key=lambda one: one["offset_days"])
        draft.write_item({**row.data, "depends_on": [last["key"]]}, key="kick-off", by=scene.manager)
    asked = {"go_live_on": "2027-03-02", "kick_off_on": "2026-06-01"}
    text = author.get(place(draft, "preview/"), asked).content.decode()
    assert f"Timeline of {len(dated)} items" in text
    assert all(f'id="bar-{one["key"]}"' in text for one in dated)
    assert "1 item due too early" in text
    assert text.count('class="dep crit"') == 1 + 1  # the drawn one and the legend's
    assert text.count("Due before #") == 1
    all_of_them = author.get(place(draft, "preview/"), {**asked, "links": "all", "scale": "quarters"}).content.decode()
    assert all_of_them.count('class="dep"') > text.count('class="dep"')


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon"])
def test_dates_that_cannot_be_tried_are_told(author: Client, draft: PlaybookDraft, day: str) -> None:
    answer = author.get(place(draft, "preview/"), {"go_live_on": day, "kick_off_on": "2026-06-01", "scale": "x"})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_kinds_of_site_are_understood_by_their_names(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    with scope(scene.world.host.pk):
        form = item_form(author, draft, "risk-register")
    form |= {
        "condition-0-fact": "site.kind",
        "condition-0-op": "eq",
        "condition-0-value": "School, Federally qualified health center",
    }
    assert author.post(place(draft, "items/risk-register/edit/"), form).status_code == 302
    with scope(scene.world.host.pk):
        row = DraftItem.objects.get(draft=draft, key="risk-register")
        assert row.data["condition"] == {"fact": "site.kind", "op": "in", "value": ["school", "fqhc"]}
        assert draft.problems() == ()


def test_what_is_wrong_is_told_with_the_path_and_cannot_be_published(
    scene: Scene, author: Client, client_of: SignIn, draft: PlaybookDraft
) -> None:
    with scope(scene.world.host.pk):
        by = scene.manager
        for key, changes in (
            ("kick-off", {"depends_on": ["risk-register"]}),
            ("risk-register", {"depends_on": ["kick-off"], "owner": ""}),
            ("wave-plan", {"condition": {"all": [
                {"fact": "site.kind", "op": "eq", "value": "school"}, {"fact": "site.kind", "op": "eq", "value": "clinic"}]}}),
        ):  # fmt: skip
            row = DraftItem.objects.get(draft=draft, key=key)
            draft.write_item({**row.data, **changes}, key=key, by=by)
    text = author.get(place(draft)).content.decode()
    assert "item &#39;kick-off&#39;: depends_on: goes round in a circle: kick-off → risk-register → kick-off" in text
    assert "item &#39;risk-register&#39;: owner: missing" in text
    assert (
        "condition: never holds: condition.all[0] (site.kind is school) and condition.all[1] (site.kind is clinic) exclude each other"
        in text
    )
    refused = client_of(scene.world.owner).post(place(draft, "publish"))
    assert refused.status_code == 422
    with scope(scene.world.host.pk):
        assert PlaybookVersion.objects.count() == 1
        assert PlaybookDraft.objects.get().state == "open"


def test_who_authors_does_not_publish_and_twice_is_once(
    scene: Scene, author: Client, client_of: SignIn, draft: PlaybookDraft
) -> None:
    assert author.post(place(draft, "publish")).status_code == 403
    owner = client_of(scene.world.owner)
    for _ in range(2):
        assert owner.post(place(draft, "publish")).status_code == 302
    with scope(scene.world.host.pk):
        found = PlaybookVersion.objects.get(version="1.1")
        assert found.parent_id == scene.program.playbook_version_id
        assert PlaybookItem.objects.filter(version=found).count() == 102
        assert Event.objects.filter(action="playbook.published").count() == 1
        with pytest.raises(DraftRefused, match="This draft is published"):
            PlaybookDraft.objects.get().write_part({"title": "Other"}, by=scene.manager)
    assert author.get(f"/o/host/playbooks/{found.pk}/changes/").status_code == 200


def test_a_contributor_reads_and_does_not_write(scene: Scene, client_of: SignIn, draft: PlaybookDraft) -> None:
    reader = client_of(scene.world.contributor)
    assert reader.get(place(draft)).status_code == 200
    assert reader.get(place(draft, "items/risk-register/edit/")).status_code == 403
    assert reader.post(place(draft, "discard")).status_code == 403


def test_somebody_elses_change_is_not_overwritten(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    with scope(scene.world.host.pk):
        values = item_form(author, draft, "risk-register")
        row = DraftItem.objects.get(draft=draft, key="risk-register")
        draft.write_item({**row.data, "title": "Theirs"}, key="risk-register", by=scene.manager)
    answer = author.post(place(draft, "items/risk-register/edit/"), {**values, "title": "Mine"})
    assert answer.status_code == 422
    assert "Somebody changed #52 Theirs meanwhile" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert DraftItem.objects.get(draft=draft, key="risk-register").title == "Theirs"


def test_a_number_is_never_used_twice(scene: Scene, author: Client, draft: PlaybookDraft) -> None:
    author.post(place(draft, "items/offboarding-agreed/remove"))
    with scope(scene.world.host.pk):
        last = PlaybookItem.objects.filter(version=draft.base).order_by("-number")[0]
        draft.remove_item(last.key, by=scene.manager)
    answer = author.post(
        place(draft, "items/new/"), {"title": "Tabletop of a crisis alert", "stage": "3", "anchor": "go-live"}
    )
    assert answer.status_code == 302
    with scope(scene.world.host.pk):
        made = DraftItem.objects.get(draft=draft, key="tabletop-of-a-crisis-alert")
        assert made.number == last.number + 1
        stolen = {**made.data, "number": last.number}
        draft.write_item(stolen, key=made.key, by=scene.manager)
        assert any(f"was the number of '{last.key}'" in str(one) for one in draft.problems())


def test_a_stage_with_its_gate_a_role_and_the_head_are_edited(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    stage = author.post(
        place(draft, "stages/3/"),
        {
            "title": "Design", "key": "plan", "purpose": "Design it.", "epis": "preparation", "stage_metric": "3", "gate": "G3",
            "gate_title": "Plan signed", "kind": "signed", "panel": ["EXS", "CHM"], "quorum": "2", "meaning": "We agree.",
            "criteria": "fact: items.blocking_open\nstages: [3]\nop: eq\nvalue: 0\nsays: Open items",
        },
    )  # fmt: skip
    assert stage.status_code == 302
    assert (
        author.post(
            place(draft, "roles/new/"),
            {"code": "PEE", "title": "Peer", "key": "peer", "side": "host", "description": "Walks along."},
        ).status_code
        == 302
    )
    assert (
        author.post(
            place(draft, "about/"), {"title": "Ours", "version": "2.0", "summary": "Ours.", "sources": "One\nTwo"}
        ).status_code
        == 302
    )
    assert author.post(place(draft, "text/runbook/"), {"text": "["}).status_code == 422
    with scope(scene.world.host.pk):
        found = PlaybookDraft.objects.get()
        gate = next(one for one in found.head["gates"] if one["key"] == "G3")
        assert (gate["kind"], gate["panel"], gate["quorum"]) == ("signed", ["EXS", "CHM"], 2)
        assert found.head["roles"][-1]["code"] == "PEE"
        assert (str(found), found.head["sources"]) == ("Ours 2.0", ["One", "Two"])
        assert found.problems() == ()


@pytest.mark.parametrize("kind", ["yaml", "xlsx"])
def test_a_file_out_and_in_is_the_same_playbook(scene: Scene, author: Client, kind: str) -> None:
    version = scene.program.playbook_version_id
    file = b"".join(author.get(f"/o/host/playbooks/{version}/export.{kind}"))
    answer = author.post("/o/host/playbooks/import/", {"file": SimpleUploadedFile(f"playbook.{kind}", file)})
    assert answer.status_code == 302
    with scope(scene.world.host.pk):
        draft = PlaybookDraft.objects.get()
        assert draft.plain()["items"] == PlaybookVersion.objects.get().plain()["items"]
        assert (draft.base_id, draft.made_from) == (version, f"playbook.{kind}")


def test_a_file_that_is_no_playbook_is_refused_in_words(scene: Scene, author: Client) -> None:
    answer = author.post("/o/host/playbooks/import/", {"file": io.BytesIO(b"items:\n  - {title: One}\n")})
    assert answer.status_code == 422
    assert "item no. 1: key: must be a text" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert not PlaybookDraft.objects.exists()


def test_an_own_playbook_shows_what_it_changes_level_by_level(scene: Scene, author: Client, client_of: SignIn) -> None:
    base = scene.program.playbook_version_id
    author.post(f"/o/host/playbooks/{base}/own/", {"title": "Riverbend way", "key": "riverbend-way"})
    with scope(scene.world.host.pk):
        own = PlaybookDraft.objects.get()
        row = DraftItem.objects.get(draft=own, key="risk-register")
        own.write_item({**row.data, "effort_hours": 3}, key="risk-register", by=scene.manager)
        version = own.publish(by=scene.by(scene.world.owner))
        assert (str(version), version.parent_id) == ("Riverbend way 1.0", base)
    text = author.get(f"/o/host/playbooks/{version.pk}/inheritance/").content.decode()
    assert "What Riverbend way 1.0 changes" in text
    assert "Effort, hours" in text


def test_the_rules_of_reminders_are_a_form_and_travel_with_the_version(
    scene: Scene, author: Client, draft: PlaybookDraft
) -> None:
    form = author.get(place(draft, "reminders/")).content.decode()
    assert 'value="−14, −7, −3, 0, +1, +3, +7"' in form
    values = {
        "ladder": "−14, −7, −3, 0, +1, +3, +7",
        "manager_after": "3",
        "sponsor_after": "7",
        "expiry": "90, 60, 30",
    }
    refused = author.post(place(draft, "reminders/"), {**values, "ladder": "soon", "sponsor_after": "1"})
    assert refused.status_code == 422
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().head["reminders"]["sponsor_after"] == 7
    wanted = {**values, "ladder": "-7, 0, +2", "manager_after": "", "sla_deployments_review_due": "5"}
    wanted["revision"] = str(draft.revision)
    assert author.post(place(draft, "reminders/"), wanted).status_code == 302
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().head["reminders"] == {
            "ladder": [-7, 0, 2],
            "sponsor_after": 7,
            "expiry": [90, 60, 30],
            "sla": {"deployments.review_due": 5},
        }
    changes = author.get(place(draft, "changes/")).content.decode()
    assert "Steps: −14, −7, −3, 0, +1, +3, +7 working days" in changes
    assert "Steps: −7, 0, +2 working days; Days before something expires" in changes


def test_a_versions_page_says_its_rules_of_reminders(scene: Scene, author: Client) -> None:
    page = author.get(f"/o/host/playbooks/{scene.program.playbook_version_id}/").content.decode()
    assert '<th scope="row">The implementation manager hears after</th><td>3 working days</td>' in page


@pytest.mark.parametrize(
    "text",
    [
        "all: &a [x, x]\nany: [*a, *a]",  # nine lines of this kind fill the memory of the process
        "all: &a [*a]",
        "all: [2026-13-45]",
        "all: [2026-01-01]",
        "all: [.nan]",
        "all: !!set {x}",
        "all: " + "9" * 5000,
        "all: " + "[" * 5000,
        "? [a]\n: b",
    ],
    ids=lambda text: text[:18],
)
def test_an_expression_that_would_break_the_process_is_named_and_nothing_is_written(
    scene: Scene, author: Client, draft: PlaybookDraft, text: str
) -> None:
    with scope(scene.world.host.pk):
        values = item_form(author, draft, "risk-register")
        before = DraftItem.objects.get(draft=draft, key="risk-register").data
    edited = author.post(place(draft, "items/risk-register/edit/"), {**values, "condition_text": text})
    assert edited.status_code == 422
    for part in ("scorecard", "runbook"):
        assert author.post(place(draft, f"text/{part}/"), {"text": text}).status_code == 422
    with scope(scene.world.host.pk):
        assert DraftItem.objects.get(draft=draft, key="risk-register").data == before
        assert PlaybookDraft.objects.get(pk=draft.pk).head == draft.head
