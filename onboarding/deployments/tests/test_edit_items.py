"""One thing done to many items: looked at first, done in one transaction, undone in one."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.edit_items import Edit, PreviewIsOld, digest, edit_items, look
from onboarding.deployments.actions.undo_change import ChangedSince, undo_change
from onboarding.deployments.models import Change, Evidence, Item, ItemDependency
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.tests.test_checklist_page import counted
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def free(scene: Scene, count: int) -> list[Item]:
    """Items that wait for nothing and want no evidence."""
    items = Item.objects.filter(deployment=scene.deployment, completed_by_gate=False).order_by("number")[:count]
    Item.objects.filter(pk__in=[one.pk for one in items]).update(evidence_wanted=[])
    ItemDependency.objects.filter(item__in=[one.pk for one in items]).delete()
    return list(Item.objects.filter(pk__in=[one.pk for one in items]).order_by("number"))


def bulk(scene: Scene) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/items/bulk"


def seen(text: str) -> str:
    return text.split('name="seen" value="', 1)[1].split('"', 1)[0]


def complete(scene: Scene, items: list[Item]) -> Change:
    found = edit_items([one.pk for one in items], Edit("complete"), by=scene.manager, may_accept=True, said="accepted")
    assert found
    return found


def test_several_are_completed_together_or_not_at_all(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first, second = free(scene, 2)
        gate = scene.item("g1-adopt")
        with pytest.raises(ItemRefused):
            complete(scene, [first, second, gate])
        assert not Item.objects.filter(state=Item.State.ACCEPTED).exists()
        assert not Change.objects.exists()
        complete(scene, [first, second])
        assert Item.objects.filter(state=Item.State.ACCEPTED).count() == 2
        assert Event.objects.filter(action="item.completed").count() == 2
        assert Event.objects.filter(action="change.made").count() == 1


def test_a_predecessor_that_is_refused_holds_its_ticked_successor_up_too(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first, second, third = free(scene, 3)
        for item, before in ((second, first), (third, second)):
            ItemDependency(deployment=scene.deployment, item=item, predecessor=before).save(force_insert=True)
        Item.objects.filter(pk=first.pk).update(
            evidence_wanted=[{"key": "a", "title": "Note", "kind": "note", "required": True}]
        )
        lines = look(free_again([first, second, third]), Edit("complete"), by=scene.manager, may_accept=True)
        assert [bool(line.refused) for line in lines] == [True, True, True]
        assert "waits for" in lines[2].refused
        Item.objects.filter(pk=first.pk).update(evidence_wanted=[])
        lines = look(free_again([first, second, third]), Edit("complete"), by=scene.manager, may_accept=True)
        assert [line.refused for line in lines] == ["", "", ""]


def free_again(items: list[Item]) -> list[Item]:
    return list(Item.objects.filter(pk__in=[one.pk for one in items]).order_by("number"))


def test_a_preview_that_is_out_of_date_does_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        items = free(scene, 3)
        edit = Edit("assign", person=scene.world.contributor)
        mark = digest(look(items, edit, by=scene.manager, may_accept=True))
        items[0].start(by=scene.manager)
        ids = [one.pk for one in items]
        with pytest.raises(PreviewIsOld):
            edit_items(ids, edit, by=scene.manager, may_accept=True, said="assigned", expected=mark)
        assert not Item.objects.filter(assignee=scene.world.contributor).exists()
        mark = digest(look(free_again(items), edit, by=scene.manager, may_accept=True))
        edit_items(ids, edit, by=scene.manager, may_accept=True, said="assigned", expected=mark)
        assert Item.objects.filter(assignee=scene.world.contributor).count() == 3


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (Edit("complete"), "state"),
        (Edit("start"), "state"),
        (Edit("block", reason="The interface is not there."), "note"),
        (Edit("due", days=5), "due_on"),
        (Edit("due", due_on=date(2027, 1, 12)), "due_on"),
        (Edit("not_needed", reason="Telephone only."), "state"),
    ],
)
def test_an_undo_gives_every_field_back_and_happens_once(scene: Scene, edit: Edit, field: str) -> None:
    with scope(scene.world.host.pk):
        items = free(scene, 3)
        ids = [one.pk for one in items]
        before = list(Item.objects.filter(pk__in=ids).order_by("pk").values())
        change = edit_items(ids, edit, by=scene.manager, may_accept=True, said="changed")
        assert change
        after = list(Item.objects.filter(pk__in=ids).order_by("pk").values())
        assert all(one[field] != other[field] for one, other in zip(before, after, strict=True))
        assert undo_change(change, by=scene.manager) == []
        again = list(Item.objects.filter(pk__in=ids).order_by("pk").values())
        for one, other in zip(before, again, strict=True):
            one.pop("version"), other.pop("version")
        assert again == before
        events = Event.objects.count()
        undo_change(change, by=scene.manager)
        assert Event.objects.count() == events
        assert Event.objects.filter(action="item.restored").count() == 3


def test_an_undo_leaves_what_changed_since_and_says_so(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        items = free(scene, 3)
        change = complete(scene, items)
        items[1].reopen(by=scene.manager, reason="The date is missing.")
        with pytest.raises(ChangedSince, match=items[1].title):
            undo_change(change, by=scene.manager)
        assert Item.objects.filter(state=Item.State.ACCEPTED).count() == 2
        assert undo_change(change, by=scene.manager, partly=True) == [str(items[1])]
        assert Item.objects.filter(pk__in=[one.pk for one in items], state="todo").count() == 2
        assert Item.objects.get(pk=items[1].pk).state == "in_progress"


def test_due_dates_move_by_working_days(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        (item,) = free(scene, 1)
        item.move_due(date(2026, 12, 23), by=scene.manager)
        edit_items([item.pk], Edit("due", days=2), by=scene.manager, may_accept=True, said="moved")
        assert Item.objects.get(pk=item.pk).due_on == date(2026, 12, 28)  # the 25th is a holiday, then a weekend


def test_looking_takes_the_same_few_statements_for_two_items_and_for_forty(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        by = scene.manager
        items = list(Item.objects.of_deployment(scene.deployment.pk).select_related("deployment__site"))
        seen = []
        for some in (items[:2], items[:40]):
            with CaptureQueriesContext(connection) as captured:
                look(some, Edit("complete"), by=by, may_accept=True)
            seen.append(len(counted(captured)))
    assert seen[0] == seen[1] <= 4


def test_the_page_shows_what_changes_and_what_is_refused_before_anything_happens(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        first, second = free(scene, 2)
        gate = scene.item("g1-adopt")
    data = {"picked": [str(first.pk), str(second.pk), str(gate.pk)], "do": "complete"}
    shown = client.post(bulk(scene), data)
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "Complete 2 items" in text
    assert "is completed by its gate: sign G1" in text
    with scope(scene.world.host.pk):
        assert not Item.objects.filter(state="accepted").exists()
    done = client.post(bulk(scene), {**data, "apply": "yes", "seen": seen(text)}, follow=True)
    text = done.content.decode()
    assert "2 items accepted" in text
    undo = text.split('<form class="inline" method="post" action="/o/host/changes/', 1)[1].split('"', 1)[0]
    assert "2 items accepted" in client.get("/o/host/changes/").content.decode()
    client.post(f"/o/host/changes/{undo}")
    with scope(scene.world.host.pk):
        assert not Item.objects.filter(state="accepted").exists()


def test_what_a_verb_needs_is_asked_for_and_mistakes_change_nothing(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        first, second = free(scene, 2)
        events = Event.objects.count()
    picked = [str(first.pk), str(second.pk)]
    asked = client.post(bulk(scene), {"picked": picked, "do": "block"})
    assert (asked.status_code, "Who is waited for" in asked.content.decode()) == (200, True)
    empty = client.post(bulk(scene), {"picked": picked, "do": "block", "given": "yes", "reason": " "})
    assert (empty.status_code, "Say why" in empty.content.decode()) == (422, True)
    both = {"picked": picked, "do": "due", "given": "yes", "due_on": "2027-01-12", "days": "5"}
    assert client.post(bulk(scene), both).status_code == 422
    stranger = {"picked": picked, "do": "assign", "person": str(scene.world.stranger.pk)}
    assert client.post(bulk(scene), stranger).status_code == 422
    assert client.post(bulk(scene), {"do": "complete"}).status_code == 422
    assert client.post(bulk(scene), {"picked": picked, "do": "dance"}).status_code == 422
    unseen = client.post(bulk(scene), {"picked": picked, "do": "complete", "apply": "yes"})
    assert unseen.status_code == 409
    with scope(scene.world.host.pk):
        assert Event.objects.count() == events


def test_a_bulk_change_comes_back_to_the_list_as_it_was_filtered(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        (first,) = free(scene, 1)
    listed = client.get(f"/o/host/deployments/{scene.deployment.pk}/?show=open&owner=SPM").content.decode()
    assert f'action="{bulk(scene)}?show=open&amp;owner=SPM"' in listed
    data = {"picked": [str(first.pk)], "do": "start"}
    shown = client.post(f"{bulk(scene)}?show=open&owner=SPM", data).content.decode()
    assert f'action="{bulk(scene)}?show=open&amp;owner=SPM"' in shown
    done = client.post(f"{bulk(scene)}?show=open&owner=SPM", {**data, "apply": "yes", "seen": seen(shown)})
    assert done["Location"] == f"/o/host/deployments/{scene.deployment.pk}/?show=open&owner=SPM"


@pytest.mark.parametrize(("who", "do"), [("contributor", "due"), ("contributor", "not_needed"), ("auditor", "start")])
def test_who_may_not_do_it_to_one_item_may_not_do_it_to_many(
    scene: Scene, client_of: ClientOf, who: str, do: str
) -> None:
    with scope(scene.world.host.pk):
        (item,) = free(scene, 1)
    data = {"picked": [str(item.pk)], "do": do, "given": "yes", "reason": "Why not", "days": "3"}
    assert client_of(getattr(scene.world, who)).post(bulk(scene), data).status_code == 403


def test_a_contributor_undoes_their_own_change_and_nobody_elses(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        items = free(scene, 2)
        of_manager = edit_items([items[0].pk], Edit("start"), by=scene.manager, may_accept=False, said="started")
        own = edit_items(
            [items[1].pk], Edit("start"), by=scene.by(scene.world.contributor), may_accept=False, said="started"
        )
        assert of_manager
        assert own
    client = client_of(scene.world.contributor)
    assert client.post(f"/o/host/changes/{of_manager.pk}/").status_code == 403
    assert client.post(f"/o/host/changes/{own.pk}/").status_code == 302
    with scope(scene.world.host.pk):
        assert Item.objects.filter(state="in_progress").count() == 1
        assert not Evidence.objects.exists()


@pytest.mark.parametrize("partner", ["vendor_manager", "hub_manager"])
def test_a_partner_changes_nothing_in_one_go_and_sees_no_ledger(
    scene: Scene, client_of: ClientOf, partner: str
) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        (item,) = free(scene, 1)
    client = client_of(getattr(scene.world, partner))
    assert client.post(bulk(scene), {"picked": [str(item.pk)], "do": "start"}).status_code == 403
    assert client.get("/o/host/changes/").status_code == 403
