"""What partners see of a shared deployment: the attacks first."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from access.permissions import Part
from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Comment, Evidence, Item, ItemDependency
from onboarding.vault.files import store
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]
SECRET = "The vendor is late again, say nothing yet"


def at(scene: Scene, rest: str = "") -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{rest}"


@pytest.fixture
def shared(scene: Scene) -> Scene:
    scene.share()
    return scene


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)  # reading to the end closes the file
    return int(answer.status_code)


def vendor_item(scene: Scene) -> Item:
    return Item.objects.filter(deployment=scene.deployment, owner="VEN").order_by("number")[0]


@pytest.mark.parametrize("partner", ["vendor_manager", "hub_manager"])
def test_internal_comments_never_reach_a_partner(shared: Scene, client_of: ClientOf, partner: str) -> None:
    with scope(shared.world.host.pk):
        item = vendor_item(shared)
        Comment.add(item, body=SECRET, by=shared.manager, internal=True)
        Comment.add(item, body="For all of us", by=shared.manager)
    place = at(shared, f"items/{item.number}/")
    for headers in ({}, {"HX-Request": "true"}):
        text = client_of(getattr(shared.world, partner)).get(place, headers=headers).content.decode()
        assert SECRET not in text
        assert "For all of us" in text
        assert SECRET in client_of(shared.world.manager).get(place, headers=headers).content.decode()


def test_a_partner_cannot_write_internal_comments(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        number = vendor_item(shared).number
    answer = client_of(shared.world.vendor_manager).post(
        at(shared, f"items/{number}/comments"), {"body": "x", "internal": "on"}
    )
    assert answer.status_code == 403
    with scope(shared.world.host.pk):
        assert not Comment.objects.exists()


def test_a_funder_sees_stages_and_gates_and_no_item(shared: Scene, client_of: ClientOf) -> None:
    client = client_of(shared.world.funder_manager)
    overview = client.get(at(shared))
    assert overview.status_code == 200
    text = overview.content.decode()
    assert "Technical ready" in text
    assert "data-row" not in text
    refused = client.get(at(shared, "items/1/"))
    assert refused.status_code == 403
    assert "see checklist items" in refused.content.decode()
    assert client.post(at(shared, "items/1/start")).status_code == 403


def test_a_vendor_sees_its_side_and_what_holds_it_up(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        items = list(Item.objects.of_deployment(shared.deployment.pk))
        own = {item.pk for item in items if "VEN" in (item.owner, *item.also)}
        holding = set(ItemDependency.objects.filter(item__in=own).values_list("predecessor_id", flat=True))
        unseen = next(item for item in items if item.pk not in own | holding)
        held = next(item for item in items if item.pk in holding - own and item.state == "todo")
    client = client_of(shared.world.vendor_manager)
    assert client.get(at(shared)).content.decode().count("data-row") == len(own | holding)
    assert client.get(at(shared, f"items/{unseen.number}/")).status_code == 404
    assert client.post(at(shared, f"items/{unseen.pk}/start")).status_code == 404
    assert client.get(at(shared, f"items/{held.number}/")).status_code == 200
    assert client.post(at(shared, f"items/{held.number}/start")).status_code == 403
    with scope(shared.world.host.pk):
        assert Item.objects.get(pk=held.pk).state == "todo"


def test_a_vendor_works_on_its_items_but_never_accepts_assigns_or_moves(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        item = vendor_item(shared)
    client = client_of(shared.world.vendor_manager)
    assert client.post(at(shared, f"items/{item.number}/start")).status_code == 302
    for verb in ("accept", "return", "assign", "not-needed", "reopen"):
        assert client.post(at(shared, f"items/{item.number}/{verb}"), {"reason": "x"}).status_code == 403
    assert client.post(at(shared, "items/bulk"), {"picked": [str(item.pk)], "do": "complete"}).status_code == 403
    with scope(shared.world.host.pk):
        assert Item.objects.get(pk=item.pk).state == "in_progress"


def test_a_hub_sees_all_items(shared: Scene, client_of: ClientOf) -> None:
    assert client_of(shared.world.hub_manager).get(at(shared)).content.decode().count("data-row") == 101


def test_a_partner_opens_what_is_marked_or_its_own_and_nothing_else(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        item = vendor_item(shared)
        hidden = Evidence.give(item, store(shared.world.host.pk, "prices.txt", [b"hidden"]), by=shared.manager)
        marked = Evidence.give(item, store(shared.world.host.pk, "plan.txt", [b"shown"]), by=shared.manager)
        marked.mark_for_partners(True, by=shared.manager)
    for partner in (shared.world.vendor_manager, shared.world.hub_manager):
        client = client_of(partner)
        text = client.get(at(shared, f"items/{item.number}/")).content.decode()
        assert "plan.txt" in text
        assert "prices.txt" not in text
        assert status(client, at(shared, f"evidence/{marked.pk}/1")) == 200
        assert status(client, at(shared, f"evidence/{hidden.pk}/1")) == 404


def test_a_funder_opens_what_is_marked_for_partners_and_nothing_else(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        item = vendor_item(shared)
        hidden = Evidence.give(item, store(shared.world.host.pk, "prices.txt", [b"hidden"]), by=shared.manager)
        marked = Evidence.give(item, store(shared.world.host.pk, "plan.txt", [b"shown"]), by=shared.manager)
        marked.mark_for_partners(True, by=shared.manager)
        opened = Event.objects.filter(action="evidence.opened").count()
    client = client_of(shared.world.funder_manager)
    text = client.get(at(shared)).content.decode()
    assert at(shared, f"evidence/{marked.pk}/1") in text
    assert "prices.txt" not in text
    assert item.title not in text
    assert status(client, at(shared, f"evidence/{marked.pk}/1")) == 200
    assert status(client, at(shared, f"evidence/{hidden.pk}/1")) == 404
    assert status(client, at(shared, f"items/{item.number}/")) == 403
    for verb in ("accept", "return", "partners"):
        answer = client.post(at(shared, f"evidence/{marked.pk}/{verb}"), {"reason": "x", "for_partners": "no"})
        assert answer.status_code == 403
    assert client.post(at(shared, f"items/{item.number}/evidence"), {}).status_code == 403
    with scope(shared.world.host.pk):
        assert Event.objects.filter(action="evidence.opened").count() == opened + 1
        marked.mark_for_partners(False, by=shared.manager)
    assert status(client, at(shared, f"evidence/{marked.pk}/1")) == 404
    assert "plan.txt" not in client.get(at(shared)).content.decode()


def test_a_partners_file_stands_beside_the_hosts_and_is_its_own(shared: Scene, client_of: ClientOf) -> None:
    with scope(shared.world.host.pk):
        item = vendor_item(shared)
        key = item.evidence_wanted[0]["key"]
        Evidence.give(item, store(shared.world.host.pk, "ours.txt", [b"ours"]), by=shared.manager, wanted_key=key)
    client = client_of(shared.world.vendor_manager)
    client.post(
        at(shared, f"items/{item.number}/evidence"),
        {"file": SimpleUploadedFile("theirs.txt", b"theirs"), "wanted_key": key, "for_partners": "on"},
    )
    with scope(shared.world.host.pk):
        assert Evidence.objects.count() == 2
        theirs = Evidence.objects.get(title="theirs.txt")
        assert (theirs.given_by_organization_id, theirs.for_partners) == (shared.world.vendor.pk, False)
    assert status(client, at(shared, f"evidence/{theirs.pk}/1")) == 200
    assert status(client_of(shared.world.hub_manager), at(shared, f"evidence/{theirs.pk}/1")) == 404


def test_a_withdrawn_share_closes_the_deployment_at_the_next_request(shared: Scene, client_of: ClientOf) -> None:
    client = client_of(shared.world.vendor_manager)
    assert client.get(at(shared)).status_code == 200
    with scope(shared.world.host.pk):
        shared.deployment.withdraw_share(shared.world.vendor, by=shared.manager)
    assert client.get(at(shared)).status_code == 404


def test_the_part_taken_in_one_deployment_does_not_reach_into_another(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        by = scene.manager
        other = plan_deployment(
            scene.program, Site.objects.create(name="Ferry Road", region="NY"), go_live_on=GO_LIVE, by=by
        )
        scene.deployment.share_with(scene.world.hub, part=Part.FUNDER, by=by)
        other.share_with(scene.world.hub, part=Part.HUB, by=by)
    client = client_of(scene.world.hub_manager)
    assert client.get(at(scene, "items/1/")).status_code == 403
    assert client.get(f"/o/host/deployments/{other.pk}/items/1/").status_code == 200
