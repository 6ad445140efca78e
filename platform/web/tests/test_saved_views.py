"""Saved views: filters under a name, shared or one's own, and the one a page opens with."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import Item
from tenancy.scope import scope
from testing.scenes import Scene
from web.models import DefaultView, SavedView, ViewRefused, tidy

ClientOf = Callable[[User], Client]


def place(scene: Scene) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/"


def save(client: Client, scene: Scene, title: str, query: str, **more: str) -> SavedView:
    data = {"page": "checklist", "title": title, "query": query, "next": place(scene), **more}
    assert client.post("/o/host/views/", data).status_code == 302
    with scope(scene.world.host.pk):
        return SavedView.objects.get(title=title)


def test_a_view_is_kept_without_what_is_only_passing() -> None:
    assert tidy("?show=blocked&after=abc&view=1&stage=4&stage=5&owner=") == "show=blocked&stage=4&stage=5"


def test_a_saved_view_shows_its_filters_and_is_marked_in_the_row(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    view = save(client, scene, "Security blockers", "owner=SEC&gate=blocks")
    text = client.get(f"{place(scene)}?{view.query}&view={view.pk}").content.decode()
    assert 'aria-current="page">Security blockers' in text
    assert "Blocking only <b>on</b>" in text


def test_own_views_are_seen_by_their_owner_alone_until_they_are_shared(scene: Scene, client_of: ClientOf) -> None:
    owner, other = client_of(scene.world.manager), client_of(scene.world.contributor)
    view = save(owner, scene, "My week", "show=soon")
    assert "My week" not in other.get(place(scene)).content.decode()
    assert other.post(f"/o/host/views/{view.pk}/choose").status_code == 404
    owner.post(f"/o/host/views/{view.pk}/share", {"next": place(scene)})
    assert "My week" in other.get(place(scene)).content.decode()


def test_nobody_changes_anothers_view(scene: Scene, client_of: ClientOf) -> None:
    view = save(client_of(scene.world.manager), scene, "My week", "show=soon", shared="on")
    client = client_of(scene.world.contributor)
    for do in ("unshare", "remove"):
        answer = client.post(f"/o/host/views/{view.pk}/{do}", {"next": place(scene)}, follow=True)
        assert "Manager Host’s view" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert SavedView.objects.get(pk=view.pk).shared
        with pytest.raises(ViewRefused):
            view.remove(by=scene.by(scene.world.contributor))


def test_a_page_opens_with_the_view_a_person_chose_and_shows_everything_when_asked(
    scene: Scene, client_of: ClientOf
) -> None:
    client, other = client_of(scene.world.manager), client_of(scene.world.contributor)
    view = save(client, scene, "Blocked", "show=blocked", shared="on")
    client.post(f"/o/host/views/{view.pk}/choose", {"next": place(scene)})
    answer = client.get(place(scene))
    assert (answer.status_code, answer["Location"]) == (302, f"{place(scene)}?show=blocked&view={view.pk}")
    assert client.get(f"{place(scene)}?view=all").content.decode().count("data-row") == 101
    assert other.get(place(scene)).status_code == 200
    assert client.get(place(scene), HTTP_HX_REQUEST="true").status_code == 200
    client.post(f"/o/host/views/{view.pk}/unchoose", {"next": place(scene)})
    assert client.get(place(scene)).status_code == 200


def test_unsharing_takes_the_view_from_those_who_open_a_page_with_it(scene: Scene, client_of: ClientOf) -> None:
    owner, other = client_of(scene.world.manager), client_of(scene.world.contributor)
    view = save(owner, scene, "Blocked", "show=blocked", shared="on")
    for client in (owner, other):
        client.post(f"/o/host/views/{view.pk}/choose", {"next": place(scene)})
    owner.post(f"/o/host/views/{view.pk}/unshare", {"next": place(scene)})
    assert other.get(place(scene)).status_code == 200
    assert owner.get(place(scene)).status_code == 302
    owner.post(f"/o/host/views/{view.pk}/remove", {"next": place(scene)})
    with scope(scene.world.host.pk):
        assert not DefaultView.objects.exists()
    assert owner.get(place(scene)).status_code == 200


def test_saving_twice_is_saving_once_and_a_name_is_wanted(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = SavedView.keep("portfolio", "Late", "show=slipping", by=scene.manager)
        events = Event.objects.count()
        assert SavedView.keep("portfolio", "Late", "?show=slipping", by=scene.manager) == first
        with pytest.raises(ViewRefused, match="name"):
            SavedView.keep("portfolio", " ", "show=live", by=scene.manager)
        assert Event.objects.count() == events


def test_a_view_leads_to_no_other_site(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    for bad in ("https://elsewhere.example/", "//elsewhere.example/", "/o/elsewhere/portfolio/"):
        answer = client.post("/o/host/views/", {"page": "portfolio", "title": "X", "query": "show=live", "next": bad})
        assert answer["Location"].startswith("/o/host/")


@pytest.mark.parametrize("partner", ["vendor_manager", "hub_manager"])
def test_a_partner_has_no_views_in_the_hosts_organization(scene: Scene, client_of: ClientOf, partner: str) -> None:
    scene.share()
    save(client_of(scene.world.manager), scene, "Between us", "show=blocked", shared="on")
    client = client_of(getattr(scene.world, partner))
    assert "Between us" not in client.get(place(scene)).content.decode()
    assert client.post("/o/host/views/", {"page": "checklist", "title": "X", "query": "show=open"}).status_code == 403


@pytest.mark.parametrize("group", ["stage", "owner", "state", "due", "none"])
def test_a_checklist_is_grouped_as_asked(scene: Scene, client_of: ClientOf, group: str) -> None:
    with scope(scene.world.host.pk):
        items = list(Item.objects.of_deployment(scene.deployment.pk))
    by = {
        "stage": {one.stage for one in items},
        "owner": {one.owner for one in items},
        "state": {one.state for one in items},
        "due": {one.due_on.isocalendar()[:2] for one in items},
        "none": {""},
    }
    text = client_of(scene.world.manager).get(f"{place(scene)}?group={group}").content.decode()
    assert text.count("data-row") == 101
    assert text.count('class="grp"') == len(by[group])


def test_a_checklist_is_sorted_as_asked(scene: Scene, client_of: ClientOf) -> None:
    text = client_of(scene.world.manager).get(f"{place(scene)}?group=none&sort=due").content.decode()
    rows = [part[:10] for part in text.split('<td class="num"><time datetime="')[1:]]
    assert len(rows) == 101
    assert rows == sorted(rows)


def test_only_the_columns_asked_for_are_shown(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    text = client.get(f"{place(scene)}?cols=planned").content.decode()
    assert '<th scope="col">Baseline</th>' in text
    assert '<th scope="col">Waits for</th>' not in text
    assert client.get(f"{place(scene)}?q=security&who=me&sort=nothing&group=nothing").status_code == 200
