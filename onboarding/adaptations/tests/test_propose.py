"""A playbook crosses by offer, acceptance and own copy; a change comes back to its author the same way. The attacks first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from onboarding.adaptations.actions.propose import carried, decline_proposal, propose, take_proposal, withdraw
from onboarding.adaptations.models import Adaptation, Proposal, SentChange
from onboarding.adaptations.models.adaptation import CannotMove
from onboarding.adaptations.tests.crossing import add, offered, plan_with, publish
from onboarding.playbooks.actions import hand_over
from onboarding.playbooks.actions.hand_over import OfferRefused
from onboarding.playbooks.inheritance import given, newer, upstream
from onboarding.playbooks.models import (
    DraftItem,
    PlaybookDraft,
    PlaybookOffer,
    PlaybookVersion,
    ReceivedPlaybook,
)
from onboarding.playbooks.models.draft import DraftRefused
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def vendor(scene: Scene) -> Actor:
    return Membership.objects.active().get(user=scene.world.vendor_manager).actor


@pytest.fixture
def theirs(scene: Scene) -> PlaybookVersion:
    """A playbook of the vendor's, which shares a deployment with the host."""
    scene.share()
    with scope(scene.world.vendor.pk):
        return publish(vendor(scene), key="vendor-way", title="Vendor way")


@pytest.fixture
def received(scene: Scene, theirs: PlaybookVersion) -> ReceivedPlaybook:
    with scope(scene.world.vendor.pk):
        by = vendor(scene)
    return offered(scene.world.vendor, by, scene.world.host, theirs)


@pytest.fixture
def change(scene: Scene, received: ReceivedPlaybook) -> Adaptation:
    """What the host added at a site that works with a copy of the vendor's playbook."""
    with scope(scene.world.host.pk):
        copy = hand_over.accept(received, by=scene.manager)
        planned = plan_with(copy, scene.manager, title="Stillwater", vendor=scene.world.vendor, site="Quiet Lane")
        return add(planned, scene.manager, note="Ann Brown wanted it")


def draft(scene: Scene, theirs: PlaybookVersion) -> PlaybookDraft:
    """A draft of the vendor's next version; to be called in its scope."""
    whole = {**theirs.plain(), "version": "1.1"}
    return PlaybookDraft.begin(whole, by=vendor(scene), made_from=str(theirs), base=theirs)


def test_a_playbook_is_offered_to_nobody_without_a_shared_deployment(scene: Scene) -> None:
    with scope(scene.world.vendor.pk):
        version = publish(vendor(scene), key="vendor-way", title="Vendor way")
        for stranger in (scene.world.host, scene.world.elsewhere):
            with pytest.raises(OfferRefused, match="share a deployment"):
                hand_over.offer(version, stranger, by=vendor(scene))
        assert not PlaybookOffer.objects.exists()
    with scope(scene.world.host.pk):
        assert not ReceivedPlaybook.objects.exists()


def test_an_offer_opens_no_table_of_the_other_side(
    scene: Scene, theirs: PlaybookVersion, received: ReceivedPlaybook, client_of: SignIn
) -> None:
    host, stranger = client_of(scene.world.manager), client_of(scene.world.stranger)
    assert host.get(f"/o/host/playbooks/{theirs.pk}/").status_code == 404
    assert host.get(f"/o/vendor/playbooks/{theirs.pk}/").status_code == 404
    assert stranger.post(f"/o/elsewhere/playbooks/offers/received/{received.pk}/accept").status_code == 404
    assert (
        client_of(scene.world.contributor).post(f"/o/host/playbooks/offers/received/{received.pk}/accept").status_code
        == 403
    )
    with scope(scene.world.host.pk):
        assert not PlaybookVersion.objects.filter(giver__isnull=False).exists()


def test_acceptance_makes_an_own_copy_that_says_where_it_came_from(
    scene: Scene, theirs: PlaybookVersion, received: ReceivedPlaybook
) -> None:
    with scope(scene.world.host.pk):
        copy = hand_over.accept(received, by=scene.manager)
        assert hand_over.accept(received, by=scene.manager) == copy
        assert (copy.giver, copy.giver_version_id, copy.sha256) == (scene.world.vendor, theirs.pk, theirs.sha256)
        assert copy.plain() == received.document
        assert given(copy) == copy
        with pytest.raises(OfferRefused, match="they offer it themselves"):
            hand_over.offer(copy, scene.world.hub, by=scene.manager)
    with scope(scene.world.vendor.pk):
        assert PlaybookOffer.objects.get().state == "accepted"


def test_a_later_version_is_brought_onto_the_organizations_own(scene: Scene, received: ReceivedPlaybook) -> None:
    with scope(scene.world.host.pk):
        copy = hand_over.accept(received, by=scene.manager)
        own = PlaybookVersion.publish(_document(copy, "1.0-ours"), by=scene.manager, source="organization", parent=copy)
    with scope(scene.world.vendor.pk):
        later = publish(vendor(scene), key="vendor-way", title="Vendor way", version="1.1")
        by = vendor(scene)
    again = offered(scene.world.vendor, by, scene.world.host, later)
    with scope(scene.world.host.pk):
        second = hand_over.accept(again, by=scene.manager)
        assert second.playbook_id == copy.playbook_id
        assert (upstream(own), newer(own)) == (copy, [second])


def _document(version: PlaybookVersion, number: str) -> Any:
    from onboarding.playbooks.document import read

    return read({**version.plain(), "version": number})


def test_a_key_the_organization_has_itself_is_not_taken_over(scene: Scene) -> None:
    scene.share()
    with scope(scene.world.vendor.pk):
        by = vendor(scene)
        same_key = publish(by, key="behavioral-health", title="Theirs")
    found = offered(scene.world.vendor, by, scene.world.host, same_key)
    with scope(scene.world.host.pk):
        copy = hand_over.accept(found, by=scene.manager)
        assert copy.playbook.key == "behavioral-health-vendor"
        assert copy.playbook_id != scene.program.playbook_version.playbook_id


def test_what_was_taken_back_or_declined_is_not_accepted(scene: Scene, received: ReceivedPlaybook) -> None:
    with scope(scene.world.vendor.pk):
        hand_over.withdraw(PlaybookOffer.objects.get(), by=vendor(scene))
    with scope(scene.world.host.pk):
        with pytest.raises(OfferRefused, match="taken back"):
            hand_over.accept(received, by=scene.manager)
        assert not PlaybookVersion.objects.filter(giver__isnull=False).exists()
    with scope(scene.world.vendor.pk):
        hand_over.offer(PlaybookOffer.objects.get().version, scene.world.host, by=vendor(scene))
    with scope(scene.world.host.pk):
        hand_over.decline(received, by=scene.manager)
    with scope(scene.world.vendor.pk):
        found = PlaybookOffer.objects.get()
        assert found.state == "declined"
        with pytest.raises(OfferRefused, match="was declined"):
            hand_over.withdraw(found, by=vendor(scene))


def test_the_author_sees_what_was_sent_and_nothing_else(
    scene: Scene, theirs: PlaybookVersion, change: Adaptation, client_of: SignIn
) -> None:
    with scope(scene.world.host.pk):
        expected = carried(change, "Two sites asked for it.")
        propose(change, words="Two sites asked for it.", by=scene.manager)
    page = client_of(scene.world.vendor_manager).get("/o/vendor/adaptations/proposals/").content.decode()
    assert "Tabletop" in page
    assert "Two sites asked for it." in page
    with scope(scene.world.vendor.pk):
        proposal = Proposal.objects.get()
        assert {name: getattr(proposal, name) for name in expected} == expected
        assert proposal.version_id == theirs.pk
        assert not Adaptation.objects.exists()
        stored = str(Proposal.objects.values().get()) + str(list(Event.objects.values()))
    for secret in ("Quiet Lane", "Ann Brown", scene.world.manager.email, str(change.pk), str(change.deployment_id)):
        assert secret not in page
        assert secret not in stored


def test_the_author_takes_it_into_an_own_draft_and_the_sender_hears_of_it(
    scene: Scene, theirs: PlaybookVersion, change: Adaptation
) -> None:
    with scope(scene.world.host.pk):
        sent = propose(change, by=scene.manager)
        assert propose(change, by=scene.manager) == sent
    with scope(scene.world.vendor.pk):
        proposal = Proposal.objects.get()
        own = draft(scene, theirs)
        take_proposal(proposal, own, by=vendor(scene))
        take_proposal(proposal, own, by=vendor(scene))
        row = DraftItem.objects.get(draft=own, key=change.key)
        assert (row.number, row.data["title"]) == (103, "Tabletop")
        assert Event.objects.filter(action="proposal.taken").count() == 1
    with scope(scene.world.host.pk):
        sent.refresh_from_db()
        assert (sent.state, sent.answered_at is not None) == ("accepted", True)
        with pytest.raises(CannotMove, match="has answered"):
            withdraw(sent, by=scene.manager)


def test_a_change_that_does_not_fit_the_draft_is_refused_and_stays_open(
    scene: Scene, theirs: PlaybookVersion, change: Adaptation
) -> None:
    with scope(scene.world.host.pk):
        propose(change, by=scene.manager)
    with scope(scene.world.vendor.pk):
        Proposal.objects.update(kind="changed", key="gone", fields=[{"field": "title", "before": "a", "after": "b"}])
        own = draft(scene, theirs)
        before = own.plain()
        with pytest.raises(DraftRefused, match="no item gone"):
            take_proposal(Proposal.objects.get(), own, by=vendor(scene))
        assert Proposal.objects.get().state == "offered"
        assert own.plain() == before


def test_a_change_is_taken_back_or_declined_once(scene: Scene, change: Adaptation) -> None:
    with scope(scene.world.host.pk):
        sent = propose(change, by=scene.manager)
        withdraw(sent, by=scene.manager)
    with scope(scene.world.vendor.pk), pytest.raises(CannotMove, match="taken back"):
        decline_proposal(Proposal.objects.get(), by=vendor(scene))
    with scope(scene.world.host.pk):
        propose(change, words="Again", by=scene.manager)
    with scope(scene.world.vendor.pk):
        proposal = Proposal.objects.get()
        assert (proposal.state, proposal.words) == ("offered", "Again")
        decline_proposal(proposal, by=vendor(scene))
    with scope(scene.world.host.pk):
        assert SentChange.objects.get().state == "declined"
        assert propose(change, words="Once more", by=scene.manager).state == "declined"
    with scope(scene.world.vendor.pk):
        assert Proposal.objects.get().state == "declined"


def test_a_playbook_of_ones_own_has_no_author_elsewhere(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        own = add(scene.deployment, scene.manager)
        with pytest.raises(CannotMove, match="your own authors"):
            propose(own, by=scene.manager)
        assert not SentChange.objects.exists()


def test_the_whole_way_through_the_pages(
    scene: Scene, theirs: PlaybookVersion, change: Adaptation, client_of: SignIn
) -> None:
    manager, author = client_of(scene.world.manager), client_of(scene.world.vendor_manager)
    assert "Propose to" in manager.get("/o/host/adaptations/").content.decode()
    place = f"/o/host/adaptations/{change.pk}/propose/"
    shown = manager.get(place).content.decode()
    assert "Tabletop" in shown
    assert "Ann Brown" not in shown
    assert client_of(scene.world.contributor).get(place).status_code == 403
    assert manager.post(place, {"words": "It works"}).status_code == 302
    assert "not answered yet" in manager.get("/o/host/adaptations/").content.decode()
    with scope(scene.world.vendor.pk):
        own, proposal = draft(scene, theirs), Proposal.objects.get()
    assert manager.post(f"/o/vendor/adaptations/proposals/{proposal.pk}/take", {}).status_code == 404
    assert author.post(f"/o/vendor/adaptations/proposals/{proposal.pk}/take", {"draft": "\0"}).status_code == 302
    taken = author.post(f"/o/vendor/adaptations/proposals/{proposal.pk}/take", {"draft": str(own.pk)})
    assert taken.status_code == 302
    assert b"It works" in b"".join(author.get("/o/vendor/adaptations/proposals/?as=csv"))  # type: ignore[arg-type]
    assert ": taken" in manager.get("/o/host/adaptations/").content.decode()
