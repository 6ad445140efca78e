"""Cards of the board: put into another column by page, keyboard or pointer, each by the verb it means."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.models import Item
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def place(scene: Scene, key: str = "tool-dossier") -> str:
    with scope(scene.world.host.pk):
        return f"/o/host/deployments/{scene.deployment.pk}/board/{scene.item(key).number}/move/"


def state(scene: Scene, key: str = "tool-dossier") -> str:
    with scope(scene.world.host.pk):
        return str(scene.item(key).state)


def events(scene: Scene) -> list[str]:
    with scope(scene.world.host.pk):
        found = Event.objects.filter(action__startswith="item.").order_by("id")
        return list(found.values_list("action", flat=True))


def test_a_card_is_begun_blocked_and_taken_up_again_by_the_verbs_of_the_item(scene: Scene, client_of: ClientOf) -> None:
    client, here = client_of(scene.world.manager), place(scene)
    assert client.post(here, {"to": "in_progress"}).status_code == 302
    assert state(scene) == "in_progress"
    asked = client.post(here, {"to": "blocked"})
    assert (asked.status_code, asked["Location"]) == (302, f"{here}?by=state&to=blocked")
    assert state(scene) == "in_progress"
    form = client.get(asked["Location"]).content.decode()
    assert "What blocks it" in form
    empty = client.post(here, {"to": "blocked", "reason": " "})
    assert empty.status_code == 422
    assert "the blocker is reminded, not you" in empty.content.decode()
    client.post(here, {"to": "blocked", "reason": "No answer", "waits_for": "VEN"})
    assert state(scene) == "blocked"
    client.post(here, {"to": "in_progress"})
    assert state(scene) == "in_progress"
    assert events(scene)[-3:] == ["item.started", "item.blocked", "item.unblocked"]


@pytest.mark.parametrize(
    ("key", "to", "says"),
    [
        ("kick-off", "accepted", "waits for"),
        ("g6-go-no-go", "accepted", "is completed by its gate"),
        ("tool-dossier", "nowhere", "does not go back to to do"),
        ("tool-dossier", "role:SPON", "owned by another team role"),
        ("tool-dossier", "person:\0", "Choose somebody"),
        ("tool-dossier", "blocked", "The team has no role"),
    ],
)
def test_a_move_that_cannot_be_says_why_and_changes_nothing(
    scene: Scene, client_of: ClientOf, key: str, to: str, says: str
) -> None:
    before, told = state(scene, key), events(scene)
    answer = client_of(scene.world.manager).post(place(scene, key), {"to": to, "reason": "Because", "waits_for": "ZZ"})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert (state(scene, key), events(scene)) == (before, told)


def test_a_contributor_sends_to_review_and_does_not_accept_or_give_back(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        Item.objects.filter(key="interest-recorded").update(evidence_wanted=[])
    client, here = client_of(scene.world.contributor), place(scene, "interest-recorded")
    refused = client.post(here, {"to": "accepted", "reason": ""})
    assert "is accepted by whoever reviews it" in refused.content.decode()
    client.post(here, {"to": "in_review"})
    assert state(scene, "interest-recorded") == "in_review"
    back = client.post(here, {"to": "in_progress", "reason": "Wrong file"})
    assert "whoever reviews it gives it back" in back.content.decode()
    manager = client_of(scene.world.manager)
    manager.post(here, {"to": "in_progress", "reason": "Wrong file"})
    assert state(scene, "interest-recorded") == "in_progress"
    manager.post(here, {"to": "accepted"})
    assert state(scene, "interest-recorded") == "accepted"
    manager.post(here, {"to": "in_progress", "reason": "It lapsed"})
    assert state(scene, "interest-recorded") == "in_progress"


def test_a_card_is_given_to_a_person_and_back_to_its_role(scene: Scene, client_of: ClientOf) -> None:
    client, here = client_of(scene.world.manager), place(scene)
    with scope(scene.world.host.pk):
        owner = scene.item("tool-dossier").owner
    client.post(here, {"by": "owner", "to": f"person:{scene.world.contributor.pk}"})
    with scope(scene.world.host.pk):
        assert scene.item("tool-dossier").assignee == scene.world.contributor
    board = client.get(f"/o/host/deployments/{scene.deployment.pk}/board/?by=owner").content.decode()
    assert f'data-lane="person:{scene.world.contributor.pk}"' in board
    client.post(here, {"by": "owner", "to": f"role:{owner}"})
    with scope(scene.world.host.pk):
        assert scene.item("tool-dossier").assignee is None


def test_partners_move_their_own_cards_alone_and_give_them_to_nobody(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    vendor = client_of(scene.world.vendor_manager)
    board = vendor.get(f"/o/host/deployments/{scene.deployment.pk}/board/").content.decode()
    own, other = place(scene), place(scene, "sponsor-named")
    assert f'data-card="{own}"' in board
    assert f'data-card="{other}"' not in board
    assert vendor.post(own, {"to": "in_progress"}).status_code == 302
    assert vendor.post(other, {"to": "in_progress"}).status_code in (403, 404)
    given = vendor.post(own, {"to": f"person:{scene.world.contributor.pk}", "reason": ""})
    assert "set by the host" in given.content.decode()
    assert client_of(scene.world.funder_manager).post(own, {"to": "in_progress"}).status_code == 403
    assert client_of(scene.world.learner).post(own, {"to": "in_progress"}).status_code == 403


def test_a_member_limited_to_another_site_moves_nothing_here(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        other = Site.objects.create(name="Lake Street", region="NY", time_zone="America/New_York")
        member = Membership.objects.active().get(user=scene.world.contributor)
        member.limit_to([other], by=scene.by(scene.world.owner))
    assert client_of(scene.world.contributor).post(place(scene), {"to": "in_progress"}).status_code == 404
    assert state(scene) == "todo"


def test_htmx_gets_the_columns_with_the_card_where_it_now_is_or_why_not(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    client.defaults["HTTP_HX_REQUEST"] = "true"
    done = client.post(place(scene), {"to": "in_progress"})
    assert done.status_code == 200
    assert done.content.decode().lstrip().startswith('<div id="columns"')
    refused = client.post(place(scene, "kick-off"), {"to": "accepted"})
    assert refused.status_code == 422
    assert "Not moved" in refused.content.decode()
    asked = client.post(place(scene), {"to": "blocked"})
    assert asked["HX-Redirect"].endswith("?by=state&to=blocked")
