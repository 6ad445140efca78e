"""Doing it differently at a site: recorded in three taps, reported, offered back, and kept by the next upgrade."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from onboarding.adaptations.actions.adapt import add_item, change_item, drop_item
from onboarding.adaptations.actions.learn import NotProven, draft_from
from onboarding.adaptations.actions.take import take
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.models import Item
from onboarding.deployments.models.item import ItemRefused
from onboarding.playbooks.inheritance import levels
from onboarding.playbooks.models import DraftItem, PlaybookDraft
from onboarding.upgrades.actions.upgrade import dry_run, upgrade
from onboarding.upgrades.merge import OURS
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
FRAME = {
    "reason": "organization",
    "goal": "feasibility",
    "fidelity": "consistent",
    "planned": "planned_reactive",
    "decided_by": ["Site project manager"],
}


def core_item(scene: Scene, *tags: str) -> Item:
    """A core item that people may still work on, with these tags or without safety and privacy."""
    items = Item.objects.filter(
        deployment=scene.deployment, playbook_item__core=True, state="todo", completed_by_gate=False
    ).select_related("playbook_item", "deployment")
    protects = {"safety", "privacy"}
    return next(
        one
        for one in items.order_by("number")
        if (set(tags) <= set(one.playbook_item.tags) if tags else not protects & set(one.playbook_item.tags))
    )


def test_a_core_item_is_changed_only_with_its_record(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = core_item(scene)
        events = Event.objects.count()
        with pytest.raises(ItemRefused, match="is a core item: say why it is done differently here"):
            change_item(item, {"title": "Our way"}, frame=None, by=scene.manager)
        said = "Say also: what for, whether the core stays, whether it was planned, who decided"
        with pytest.raises(ItemRefused, match=said):
            change_item(item, {"title": "Our way"}, frame={"reason": "organization"}, by=scene.manager)
        with pytest.raises(ItemRefused, match="is a core item: record why it is dropped"):
            item.mark_not_applicable(by=scene.manager, reason="Not here")
        assert (Event.objects.count(), Adaptation.objects.count()) == (events, 0)
        made = change_item(item, {"title": "Our way", "owner": "SPM"}, frame=FRAME, by=scene.manager)

        assert made is not None
        item.refresh_from_db()
        assert (item.title, item.owner) == ("Our way", "SPM")
        assert [one["field"] for one in made.fields] == ["title", "owner"]
        assert (made.phase, made.nature, made.what) == ("pre_implementation", "substituting", "context")
        again = change_item(item, {"title": "Our way", "owner": "SPM"}, frame=FRAME, by=scene.manager)
        assert (again, Adaptation.objects.count()) == (None, 1)


@pytest.mark.parametrize(
    ("changed", "lacks"),
    [
        ({"reason": ""}, "why"),
        ({"goal": None}, "what for"),
        ({"fidelity": ""}, "whether the core stays"),
        ({"planned": ""}, "whether it was planned"),
        ({"decided_by": []}, "who decided"),
        ({"reason": "boredom"}, "reason as one of sociopolitical, organization, provider, recipient"),
        ({"level": "galaxy"}, "level as one of individual, group, clinic, organization, network"),
    ],
)
def test_a_record_is_whole_or_nothing_is_written(scene: Scene, changed: dict[str, Any], lacks: str) -> None:
    frame = {**FRAME, **changed}
    with scope(scene.world.host.pk):
        core = core_item(scene)
        other = Item.objects.exclude(playbook_item__core=True).filter(deployment=scene.deployment, state="todo")[0]
        before = list(Item.objects.order_by("pk").values("pk", "title", "state", "version"))
        events = Event.objects.count()
        for refused in (
            lambda: change_item(core, {"title": "Our way"}, frame=frame, by=scene.manager),
            lambda: change_item(other, {"title": "Our way"}, frame=frame, by=scene.manager),
            lambda: drop_item(core, frame=frame, by=scene.manager),
            lambda: drop_item(other, frame=frame, by=scene.manager),
            lambda: add_item(
                scene.deployment, title="Own", stage=3, owner="SPM", due_on=date(2026, 12, 1), gate_class="informs",
                frame=frame, by=scene.manager,
            ),
        ):  # fmt: skip
            with pytest.raises(ItemRefused, match=re.escape(f"Nothing was recorded. Say also: {lacks}.")):
                refused()
        assert list(Item.objects.order_by("pk").values("pk", "title", "state", "version")) == before
        assert (Event.objects.count(), Adaptation.objects.count()) == (events, 0)


def test_of_an_item_that_is_not_core_all_is_said_or_nothing(scene: Scene, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        item = Item.objects.exclude(playbook_item__core=True).filter(deployment=scene.deployment, state="todo")[0]
    place = f"/o/host/deployments/{scene.deployment.pk}/items/{item.number}/differently/"
    manager = client_of(scene.world.manager)
    form = {"title": "Our way", "owner": item.owner, "gate_class": item.gate_class, "guidance": "As we do it."}
    begun = {"planned": "planned_reactive", "decided_by": ["Site project manager"]}
    for part in (
        {"goal": "fit"},
        {"note": "The van comes on Mondays."},
        {"reason": "provider", "fidelity": "consistent"},
    ):
        refused = manager.post(place, {**form, **begun, **part})
        assert refused.status_code == 422
    assert "Choose why" in manager.post(place, {**form, **begun, "goal": "fit"}).content.decode()
    with scope(scene.world.host.pk):
        assert not Item.objects.filter(title="Our way").exists()
        assert not Adaptation.objects.exists()
    assert manager.post(place, {**form, **begun}).status_code == 302
    with scope(scene.world.host.pk):
        assert Item.objects.filter(title="Our way").count() == 1
        assert not Adaptation.objects.exists()


def test_safety_and_privacy_items_are_never_made_lighter(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = core_item(scene, "safety")
        for refused in (
            lambda: change_item(item, {"gate_class": "informs"}, frame=FRAME, by=scene.manager),
            lambda: drop_item(item, frame=FRAME, by=scene.manager),
        ):
            with pytest.raises(ItemRefused, match="never lighter"):
                refused()
        item.refresh_from_db()
        assert (item.gate_class, item.state, Adaptation.objects.count()) == ("blocks", "todo", 0)


def test_a_dropped_item_stays_on_the_list_as_not_needed(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = core_item(scene)
        made = drop_item(item, frame={**FRAME, "note": "The hub does it for us."}, by=scene.manager)
        item.refresh_from_db()

        assert (item.state, item.note) == ("not_applicable", "The hub does it for us.")
        assert (made.kind, made.nature) == ("dropped", "removing")


def test_an_own_item_goes_back_to_the_author_and_comes_with_the_next_version(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        own = {
            "title": "Tabletop of a crisis alert",
            "stage": 3,
            "owner": "CSO",
            "due_on": date(2027, 1, 11),
            "gate_class": "informs",
        }
        made = add_item(scene.deployment, **own, frame=FRAME, by=scene.manager)
        assert add_item(scene.deployment, **own, frame=FRAME, by=scene.manager).pk == made.pk
        assert (made.item.number, made.item.playbook_item_id) == (901, None)
        base = scene.program.playbook_version
        draft = PlaybookDraft.begin(
            {**base.plain(), "version": "1.1"}, by=scene.manager, made_from=str(base), base=base
        )
        made.offer(by=scene.manager)
        take(made, draft, by=scene.manager)
        row = DraftItem.objects.get(draft=draft, key=made.key)
        assert (row.number, row.title) == (103, "Tabletop of a crisis alert")
        assert Adaptation.objects.get().draft_id == draft.pk
        newer = draft.publish(by=scene.by(scene.world.owner))
        run = dry_run(scene.program, newer)[0]
        decided = {scene.deployment.pk: {one.name: OURS for one in run.merge.conflicts}}
        upgrade(scene.program, newer, [scene.deployment.pk], by=scene.manager, decisions=decided)

        item = scene.item(made.key)
        assert (item.number, item.playbook_item.version_id) == (103, newer.pk)
        assert Item.objects.filter(title="Tabletop of a crisis alert").count() == 1


def test_a_live_deployment_becomes_a_playbook_as_it_went(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ask = {"title": "As at Main Street", "key": "main-street", "by": scene.manager}
        with pytest.raises(NotProven, match="Only a deployment that is live"):
            draft_from(scene.deployment, **ask)
        item = core_item(scene)
        change_item(item, {"title": "Our way"}, frame=FRAME, by=scene.manager)
        dropped = Item.objects.exclude(pk=item.pk).get(deployment=scene.deployment, key="risk-register")
        drop_item(dropped, frame=FRAME, by=scene.manager)
        own = add_item(
            scene.deployment, title="Tabletop", stage=3, owner="CSO", due_on=date(2027, 1, 11), gate_class="informs",
            frame=FRAME, by=scene.manager,
        )  # fmt: skip
        live = datetime(2027, 3, 2, 17, tzinfo=UTC)
        scene.deployment.record_go_live(by=scene.manager, at=live)
        Item.objects.filter(pk=item.pk).update(state="accepted", done_at=live - timedelta(days=40))
        scene.deployment.refresh_from_db()
        draft = draft_from(scene.deployment, **ask, as_it_went=True)
        plain = {one["key"]: one for one in draft.plain()["items"]}

        assert (plain[item.key]["title"], plain[item.key]["offset_days"]) == ("Our way", -40)
        assert "risk-register" not in plain
        assert plain[own.key]["number"] == 103
        assert len(plain) == 102
        assert [str(one) for one in draft.problems()] == []
        assert [one.version.playbook.key for one in levels(draft.publish(by=scene.by(scene.world.owner)))] == [
            "behavioral-health",
            "main-street",
        ]


def test_the_pages_ask_report_and_offer(scene: Scene, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        item = core_item(scene)
    place = f"/o/host/deployments/{scene.deployment.pk}/items/{item.number}/"
    manager = client_of(scene.world.manager)
    panel = manager.get(place).content.decode()
    assert "Do it differently" in panel
    assert "Leave it out" in panel
    form = {"title": "Our way", "owner": item.owner, "gate_class": item.gate_class, "guidance": "As we do it."}
    refused = manager.post(f"{place}differently/", form)
    assert refused.status_code == 422
    assert manager.post(f"{place}differently/", {**form, **FRAME}).status_code == 302
    report = manager.get("/o/host/adaptations/").content.decode()
    assert "Our way" in report
    assert "Main Street" in report
    with scope(scene.world.host.pk):
        made = Adaptation.objects.get()
    assert manager.post(f"/o/host/adaptations/{made.pk}/offer").status_code == 302
    assert "Our way" in manager.get("/o/host/adaptations/?state=offered&by=item").content.decode()
    lines = list(csv.reader(io.StringIO(b"".join(manager.get("/o/host/adaptations/?as=csv")).decode())))
    assert len(lines) == 2
    assert "Our organization or setting" in lines[1]


def test_a_contributor_and_a_partner_may_not(scene: Scene, client_of: SignIn) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        item = core_item(scene)
    place = f"/o/host/deployments/{scene.deployment.pk}/items/{item.number}/differently/"
    assert client_of(scene.world.contributor).get(place).status_code == 403
    assert client_of(scene.world.hub_manager).get(place).status_code == 403
    assert client_of(scene.world.hub_manager).get("/o/host/adaptations/").status_code == 403
    with scope(scene.world.host.pk):
        assert not Adaptation.objects.exists()


def test_the_report_takes_as_many_statements_for_many_as_for_one(scene: Scene, client_of: SignIn) -> None:
    manager = client_of(scene.world.manager)
    counts = []
    for number in range(4):
        with scope(scene.world.host.pk):
            add_item(
                scene.deployment, title=f"Own {number}", stage=3, owner="CSO", due_on=date(2027, 1, 11),
                gate_class="informs", frame=FRAME, by=scene.manager,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as statements:
            assert manager.get("/o/host/adaptations/").status_code == 200
        counts.append(len(statements))
    assert counts[3] == counts[1]
