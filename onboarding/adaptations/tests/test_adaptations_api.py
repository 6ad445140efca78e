"""Adaptations over the API: offered inside the house, sent to the author elsewhere, taken or declined there."""

import pytest

from api.tests.callers import Caller, assert_problem, caller, token
from onboarding.adaptations.models import Adaptation, Proposal, SentChange
from onboarding.adaptations.tests.test_propose import change, draft, received, theirs
from onboarding.playbooks.models import DraftItem, PlaybookVersion
from tenancy.scope import scope
from testing.scenes import Scene

__all__ = ["change", "received", "theirs"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def here(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


@pytest.fixture
def author(scene: Scene) -> Caller:
    return Caller(token(scene.world.vendor_manager, scene.world.vendor)[1], "vendor")


def test_a_change_is_sent_taken_into_a_draft_and_answered(
    scene: Scene, theirs: PlaybookVersion, change: Adaptation, here: Caller, author: Caller
) -> None:
    sent = here.post(f"adaptations/{change.pk}/propose", {"words": "It works"}).json()
    assert (sent["state"], sent["words"]) == ("offered", "It works")
    (found,) = author.get("playbook-proposals?state=offered").json()["results"]
    assert (found["words"], found["source_id"]) == ("It works", str(scene.world.host.pk))
    assert "Ann Brown" not in author.get("playbook-proposals").content.decode()
    with scope(scene.world.vendor.pk):
        own = draft(scene, theirs)
    taken = author.post(f"playbook-proposals/{found['id']}/take", {"draft": str(own.pk)}).json()
    assert (taken["state"], taken["draft_id"]) == ("accepted", str(own.pk))
    with scope(scene.world.vendor.pk):
        assert DraftItem.objects.filter(draft=own, data__title__contains="Tabletop").exists()
    with scope(scene.world.host.pk):
        assert SentChange.objects.get().state == "accepted"
    assert_problem(author.post(f"playbook-proposals/{found['id']}/decline"), 409, "refused")


def test_a_proposal_is_declined_by_its_receiver_alone(
    scene: Scene, change: Adaptation, here: Caller, author: Caller
) -> None:
    here.post(f"adaptations/{change.pk}/propose", {})
    with scope(scene.world.vendor.pk):
        proposal = Proposal.objects.get()
    assert_problem(here.post(f"playbook-proposals/{proposal.pk}/decline"), 404, "not-found")
    assert_problem(author.post(f"adaptations/{change.pk}/propose", {}), 404, "not-found")
    assert author.post(f"playbook-proposals/{proposal.pk}/decline").json()["state"] == "declined"
    with scope(scene.world.host.pk):
        assert SentChange.objects.get().state == "declined"
