"""A go/no-go from a program: convened, voted in, decided by another person with both proofs, countersigned by its chair."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from api.tests.callers import assert_problem, caller
from audit.models import Event
from onboarding.deployments.models import Item
from onboarding.golive.models import GateReview, Signature
from onboarding.golive.tests.proving import proofs
from onboarding.golive.tests.readiness import ready_for_go_no_go
from tenancy.scope import scope
from testing.scenes import Scene


def test_a_meeting_is_convened_voted_in_decided_and_countersigned(scene: Scene) -> None:
    chair, panel = caller(scene.world, scene.world.manager), caller(scene.world, scene.world.contributor)
    sponsor = caller(scene.world, scene.world.approver)
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
    convene = f"deployments/{scene.deployment.pk}/gates/G6/convene"
    assert_problem(panel.post(convene, {}), 403, "not-allowed")
    assert_problem(chair.post(f"deployments/{scene.deployment.pk}/gates/G5/convene", {}), 409, "refused")
    meeting = chair.post(convene, {}).json()
    assert (meeting["state"], meeting["evidence"]["number"]) == ("meeting", 1)
    assert chair.post(convene, {}).json()["id"] == meeting["id"]
    here = f"gate-reviews/{meeting['id']}"
    roles = [one["role"] for one in meeting["votes"]]
    assert_problem(sponsor.post(f"{here}/votes/{roles[0]}", {"choice": "go"}), 409, "refused")
    assert_problem(panel.post(f"{here}/votes/XYZ", {"choice": "go"}), 404, "not-found")
    assert_problem(panel.post(f"{here}/votes/{roles[0]}", {"choice": "no_go"}), 409, "refused")
    for role in roles:
        voted = panel.post(f"{here}/votes/{role}", {"choice": "go", "reason": "Seen"}).json()
    assert {one["choice"] for one in voted["votes"]} == {"go"}
    demand = {"title": "Print the poster", "owner": "OPS", "workaround": "By hand"}
    soon = (timezone.localdate() + timedelta(days=5)).isoformat()
    late = (timezone.localdate() + timedelta(days=50)).isoformat()
    assert_problem(chair.post(f"{here}/conditions", {**demand, "expires_on": late}), 409, "refused")
    carried = chair.post(f"{here}/conditions", {**demand, "expires_on": soon}).json()
    assert [one["title"] for one in carried["conditions"]] == ["Print the poster"]
    assert chair.post(f"{here}/freeze", {}).json()["evidence"]["number"] == 1

    decision = {"decision": "conditional_go", "reason": "Small gaps.", "printed_name": "Sponsor Host"}
    forged = {**decision, "password": "guess", "code": "000000"}
    with scope(scene.world.host.pk):
        before = Event.objects.count()
    assert_problem(sponsor.post(f"{here}/decide", forged), 409, "refused")
    assert_problem(chair.post(f"{here}/decide", forged), 403, "not-allowed")
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
        assert GateReview.objects.get().state == "meeting"
    signed = sponsor.post(f"{here}/decide", {**decision, **proofs(scene.world.approver)}).json()
    assert (signed["state"], signed["decision"]) == ("decided", "conditional_go")
    both = chair.post(f"{here}/countersign", {"printed_name": "Manager Host", **proofs(scene.world.manager)}).json()
    assert [(one["capacity"], one["method"], one["valid"]) for one in both["signatures"]] == [
        ("decides", "password+totp", True),
        ("chair", "password+totp", True),
    ]
    with scope(scene.world.host.pk):
        assert Signature.objects.count() == 2
        assert Item.objects.filter(deployment=scene.deployment, title="Print the poster").exists()
    assert_problem(chair.post(f"{here}/withdraw", {"reason": "Another day"}), 409, "refused")


def test_guesses_are_counted_and_too_many_refuse_even_what_is_right(scene: Scene, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "2/m/user"}
    chair, sponsor = (caller(scene.world, one) for one in (scene.world.manager, scene.world.approver))
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
    meeting = chair.post(f"deployments/{scene.deployment.pk}/gates/G6/convene", {}).json()
    decide = f"gate-reviews/{meeting['id']}/decide"
    said = {"decision": "no_go", "reason": "Too early.", "printed_name": "Sponsor Host"}
    for status in (409, 409, 429):
        assert sponsor.post(decide, {**said, "password": "guess", "code": "000000"}).status_code == status
    assert sponsor.post(decide, {**said, **proofs(scene.world.approver)}).status_code == 429
    with scope(scene.world.host.pk):
        assert GateReview.objects.get().state == "meeting"
        assert not Signature.objects.exists()
