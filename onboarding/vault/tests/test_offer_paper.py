"""A paper crosses by offer, acceptance and own copy. The attacks first."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from onboarding.deployments.models import Evidence, Item
from onboarding.vault.actions import hand_over
from onboarding.vault.files import FileRefused, path_of
from onboarding.vault.models import Paper, PaperOffer, PaperRefused, ReceivedPaper
from onboarding.vault.tests.shelf import paper, renew
from tenancy.models import Organization
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def vendor(scene: Scene) -> Actor:
    return Membership.objects.active().get(user=scene.world.vendor_manager).actor


def offered(scene: Scene, title: str = "Security report") -> tuple[Paper, PaperOffer]:
    scene.share()
    with scope(scene.world.vendor.pk):
        made = paper(vendor(scene), title)
        return made, hand_over.offer(made, scene.world.host, by=vendor(scene))


def waiting() -> ReceivedPaper:
    return ReceivedPaper.objects.select_related("source").get(state="offered")


def test_nothing_is_offered_to_an_organization_without_a_shared_deployment(scene: Scene) -> None:
    with scope(scene.world.vendor.pk):
        made = paper(vendor(scene))
        for stranger in (scene.world.host, scene.world.elsewhere):
            with pytest.raises(PaperRefused, match="share a deployment"):
                hand_over.offer(made, stranger, by=vendor(scene))
        assert not PaperOffer.objects.exists()
    with scope(scene.world.host.pk):
        assert not ReceivedPaper.objects.exists()


def test_an_offer_is_no_way_to_another_organizations_tables(scene: Scene, client_of: ClientOf) -> None:
    made, _ = offered(scene)
    with scope(scene.world.host.pk):
        assert not Paper.objects.exists()
        received = waiting()
    host, stranger = client_of(scene.world.manager), client_of(scene.world.stranger)
    assert host.get(f"/o/host/vault/{made.pk}/").status_code == 404
    assert host.get(f"/o/vendor/vault/{made.pk}/").status_code == 404
    assert stranger.post(f"/o/elsewhere/vault/offers/received/{received.pk}/accept").status_code == 404
    with scope(scene.world.elsewhere.pk):
        assert not Paper.objects.exists()


def test_a_partner_of_the_host_sees_no_vault_of_the_host(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
    for partner in (scene.world.vendor_manager, scene.world.hub_manager):
        client = client_of(partner)
        for place in ("", "new/", "controls/", "offers/", f"{made.pk}/", f"{made.pk}/versions/1"):
            assert client.get(f"/o/host/vault/{place}").status_code == 403, place


def test_a_draft_or_a_copy_of_somebody_elses_is_not_offered(scene: Scene) -> None:
    offered(scene)
    with scope(scene.world.vendor.pk):
        draft = paper(vendor(scene), approved=False)
        with pytest.raises(PaperRefused, match="approve one first"):
            hand_over.offer(draft, scene.world.host, by=vendor(scene))
    with scope(scene.world.host.pk):
        copied = hand_over.accept(waiting(), by=scene.manager)
        copied.approve(by=scene.manager)
        with pytest.raises(PaperRefused, match="they offer it themselves"):
            hand_over.offer(Paper.objects.get(pk=copied.pk), scene.world.vendor, by=scene.manager)


def test_acceptance_makes_an_own_copy_with_its_provenance_that_waits_for_the_own_review(scene: Scene) -> None:
    made, given = offered(scene)
    with scope(scene.world.host.pk):
        copied = hand_over.accept(waiting(), by=scene.manager)
        assert hand_over.accept(ReceivedPaper.objects.get(), by=scene.manager).pk == copied.pk
        copied = Paper.objects.get()
        assert (copied.title, copied.state, copied.source_id, copied.source_paper_id) == (
            "Security report", "ready", scene.world.vendor.pk, made.pk,
        )  # fmt: skip
        version = copied.version(1)
        assert path_of(scene.world.host.pk, version.sha256).read_bytes() == b"Security report, first version"
        accepted = Event.objects.get(action="paper.offer_accepted")
        assert (accepted.data["source"], accepted.data["version"], accepted.data["sha256"]) == (
            "Stillwater Health", 1, version.sha256,
        )  # fmt: skip
    with scope(scene.world.vendor.pk):
        assert PaperOffer.objects.get(pk=given.pk).state == "accepted"
        assert made.version(1).sha256 == version.sha256


def test_a_file_that_is_not_what_was_offered_is_not_taken(scene: Scene) -> None:
    made, _ = offered(scene)
    with scope(scene.world.vendor.pk):
        path_of(scene.world.vendor.pk, made.version(1).sha256).write_bytes(b"Exchanged afterwards")
    with scope(scene.world.host.pk):
        with pytest.raises(FileRefused, match="not the one that was offered"):
            hand_over.accept(waiting(), by=scene.manager)
        assert not Paper.objects.exists()
        assert ReceivedPaper.objects.get().state == "offered"


def test_what_was_taken_back_or_declined_is_not_accepted_afterwards(scene: Scene) -> None:
    _, given = offered(scene)
    with scope(scene.world.host.pk):
        stale = waiting()
    with scope(scene.world.vendor.pk):
        hand_over.withdraw(given, by=vendor(scene))
    with scope(scene.world.host.pk):
        with pytest.raises(PaperRefused, match="taken back"):
            hand_over.accept(stale, by=scene.manager)
        assert not Paper.objects.exists()
    with scope(scene.world.vendor.pk):
        other = paper(vendor(scene), "Insurance")
        answered = hand_over.offer(other, scene.world.host, by=vendor(scene))
    with scope(scene.world.host.pk):
        hand_over.decline(waiting(), by=scene.manager)
        with pytest.raises(PaperRefused, match="declined"):
            hand_over.accept(ReceivedPaper.objects.get(source_paper_id=other.pk), by=scene.manager)
    with scope(scene.world.vendor.pk):
        assert PaperOffer.objects.get(pk=answered.pk).state == "declined"
        with pytest.raises(PaperRefused, match="was declined"):
            hand_over.withdraw(answered, by=vendor(scene))


def test_a_newer_version_is_offered_by_itself_and_becomes_a_version_of_the_copy(scene: Scene) -> None:
    made, _ = offered(scene)
    with scope(scene.world.host.pk):
        copied = hand_over.accept(waiting(), by=scene.manager)
        copied.approve(by=scene.manager)
    with scope(scene.world.vendor.pk):
        renew(Paper.objects.get(pk=made.pk), vendor(scene), "Next year's report")
    with scope(scene.world.host.pk):
        assert waiting().version == 2
        assert Paper.objects.get().approved_version == 1
        again = hand_over.accept(waiting(), by=scene.manager)
        copied = Paper.objects.get()
        assert (again.pk, copied.versions_count, copied.approved_version, copied.state) == (copied.pk, 2, 1, "ready")
        assert copied.version(2).source_version == 2


def test_what_the_giver_revokes_is_flagged_at_the_receiver_and_opens_what_it_proved(scene: Scene) -> None:
    made, _ = offered(scene)
    with scope(scene.world.host.pk):
        copied = hand_over.accept(waiting(), by=scene.manager)
        copied.approve(by=scene.manager)
        item = scene.item("interest-recorded")
        Evidence.use(item, Paper.objects.get(), by=scene.manager, wanted_key=item.required_evidence[0]["key"])
        Item.objects.get(pk=item.pk).complete(by=scene.manager, may_accept=True)
    with scope(scene.world.vendor.pk):
        Paper.objects.get(pk=made.pk).revoke(by=vendor(scene), reason="The assessor withdrew it.")
        assert Organization.objects.get(pk=scene.world.vendor.pk).name == "Stillwater Health"
    with scope(scene.world.host.pk):
        copied = Paper.objects.get()
        assert (copied.state, copied.approved_version) == ("flagged", None)
        assert copied.note == "Stillwater Health revoked it: The assessor withdrew it."
        assert Item.objects.get(pk=item.pk).state == "in_progress"


def test_the_whole_way_through_the_pages(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.vendor.pk):
        made = paper(vendor(scene), "Security report")
    giver, taker = client_of(scene.world.vendor_manager), client_of(scene.world.manager)
    place = f"/o/vendor/vault/{made.pk}/"
    assert "Riverbend Community Health" in giver.get(place).content.decode()
    assert giver.post(f"{place}offer", {"partner": str(scene.world.elsewhere.pk)}).status_code == 422
    assert giver.post(f"{place}offer", {"partner": str(scene.world.host.pk)}).status_code == 302
    assert "1 paper offered to you" in taker.get("/o/host/vault/").content.decode()
    text = taker.get("/o/host/vault/offers/").content.decode()
    assert "Security report" in text
    with scope(scene.world.host.pk):
        received = waiting()
    assert client_of(scene.world.contributor).post(
        f"/o/host/vault/offers/received/{received.pk}/accept"
    ).status_code == 403  # fmt: skip
    assert taker.post(f"/o/host/vault/offers/received/{received.pk}/accept").status_code == 302
    with scope(scene.world.host.pk):
        copied = Paper.objects.get()
    text = taker.get(f"/o/host/vault/{copied.pk}/").content.decode()
    assert "Approve version 1" in text
    assert "Stillwater Health" in text
    assert taker.post(f"/o/host/vault/{copied.pk}/approve").status_code == 302
    assert "Accepted" in giver.get("/o/vendor/vault/offers/").content.decode()
