"""What comes after go-live, over the API: reviews, hypercare, continuity and the end; refusals change nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from facts.models import Fact
from onboarding.continuity.models import ChampionHandOver, FundingSource, MonthlyCost
from onboarding.decommission.models import Decommission
from onboarding.deployments.models import TeamRole
from onboarding.golive.tests.proving import proofs
from onboarding.hypercare.models import Extension, Hypercare
from onboarding.hypercare.tests.sites import WENT_LIVE, live
from onboarding.reviews.models import Review
from tenancy.scope import scope
from testing.scenes import Scene

SITE = "deployments/{}/{}"


@pytest.fixture
def program(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


def at(scene: Scene, page: str) -> str:
    return SITE.format(scene.deployment.pk, page)


def planned(scene: Scene) -> Review:
    live(scene, WENT_LIVE)
    Review.plan(scene.deployment, by=scene.manager)
    return Review.objects.get(days=90)


def test_a_review_is_read_and_held_and_its_finding_becomes_an_item(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene)
        MonthlyCost.note(scene.program, amount=Decimal(14200), by=scene.manager)
    listed = program.get(at(scene, "reviews")).json()["results"]
    assert [one["days"] for one in listed] == [30, 60, 90, 180, 365]
    finding = {"text": "Train the night shift", "owner": "TRN", "due_on": "2027-07-01"}
    body = {"attendees": [str(scene.world.manager.pk)], "summary": "Used daily.", "findings": [finding]}
    for wrong, status, kind in (
        ({**body, "attendees": []}, 422, "invalid"),
        ({**body, "findings": [finding] * 4}, 422, "invalid"),
        ({**body, "findings": [{**finding, "owner": "XYZ"}]}, 409, "refused"),
    ):
        assert_problem(program.post(f"reviews/{review.pk}/hold", wrong), status, kind)
    with scope(scene.world.host.pk):
        assert Review.objects.get(pk=review.pk).state == "planned"
    held = program.post(f"reviews/{review.pk}/hold", body).json()
    assert (held["state"], [one["text"] for one in held["findings"]]) == ("held", ["Train the night shift"])
    assert not any(one["value"] == "14,200.00" for one in held["figures"])  # money is for who may read contracts
    owner = caller(scene.world, scene.world.owner).get(f"reviews/{review.pk}").json()
    assert any(one["value"] == "14,200.00" for one in owner["figures"])


def test_more_weeks_are_asked_for_and_approved_on_the_page_alone(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        until = live(scene).until
    late = (until + timedelta(days=14)).isoformat()
    refused = program.post(at(scene, "hypercare/extension"), {"until": until.isoformat(), "reason": "So"})
    assert "later day" in assert_problem(refused, 409, "refused")["detail"]
    asked = program.post(at(scene, "hypercare/extension"), {"until": late, "reason": "Two wards more"}).json()
    assert [(one["until"], one["state"]) for one in asked["extensions"]] == [(late, "asked")]
    with scope(scene.world.host.pk):
        assert Hypercare.objects.get().until == until
        assert Extension.objects.count() == 1


def test_a_hand_over_is_begun_and_ticked(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        TeamRole.objects.filter(deployment=scene.deployment, code="CHM").update(person=scene.world.contributor)
        FundingSource.note(
            scene.program, title="Grant", kind="grant", left=Decimal(28400), begins_on=timezone.localdate(),
            ends_on=None, by=scene.manager,
        )  # fmt: skip
        MonthlyCost.note(scene.program, amount=Decimal(14200), by=scene.manager)
    assert program.get(at(scene, "continuity")).json()["hand_over"] is None
    assert_problem(program.post(at(scene, "continuity/hand-over/steps/team-told"), {}), 404, "not-found")
    last_day = (timezone.localdate() + timedelta(days=20)).isoformat()
    begun = program.post(at(scene, "continuity/hand-over"), {"last_day": last_day}).json()
    assert (begun["champion_id"], begun["hand_over"]["last_day"]) == (str(scene.world.contributor.pk), last_day)
    assert begun["runway_months"] == 2.0
    ticked = program.post(at(scene, "continuity/hand-over/steps/team-told"), {}).json()["hand_over"]["steps"]
    assert [one["key"] for one in ticked if one["done_on"]] == ["team-told"]
    assert_problem(program.post(at(scene, "continuity/hand-over/steps/nothing"), {}), 404, "not-found")
    with scope(scene.world.host.pk):
        assert list(ChampionHandOver.objects.get().done) == ["team-told"]


def test_steps_of_the_end_are_done_and_certificates_are_not(scene: Scene, program: Caller) -> None:
    assert_problem(program.get(at(scene, "decommission")), 404, "not-found")
    with scope(scene.world.host.pk):
        live(scene)
        by = scene.by(scene.world.approver)
        Decommission.begin(
            scene.deployment, cause="funding", reason="The grant is over.",
            last_day=timezone.localdate() + timedelta(days=60), by=by,
        )  # fmt: skip
        before = Event.objects.count()
    step = at(scene, "decommission/steps/{}/finish")
    said = assert_problem(program.post(step.format("access-revoked"), {"note": "Done"}), 409, "refused")["detail"]
    assert "signed certificate" in said
    assert_problem(program.post(step.format("patients-notified"), {"note": ""}), 422, "invalid")
    assert_problem(program.post(step.format("nothing"), {"note": "x"}), 404, "not-found")
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
    done = program.post(step.format("patients-notified"), {"note": "23 told"}).json()
    assert [one["note"] for one in done["steps"] if one["done_at"]] == ["23 told"]
    again = program.post(at(scene, "decommission/steps/patients-notified/reopen"), {"reason": "Two were missed"}).json()
    assert not any(one["done_at"] for one in again["steps"])


def test_a_review_is_decided_with_both_proofs_in_the_request_and_with_nothing_less(scene: Scene) -> None:
    sponsor = caller(scene.world, scene.world.approver)
    proof = proofs(scene.world.approver)
    with scope(scene.world.host.pk):
        review = planned(scene)
        review.hold(attendees=[scene.world.manager.pk], summary="Used daily.", findings=[], by=scene.manager)
        before = Event.objects.count()
    body = {"decision": "scale", "reason": "Targets hold.", "printed_name": "Sponsor Host", **proof}
    at_review = f"reviews/{review.pk}/decide"
    for wrong, status, kind in (
        ({**body, "password": "another"}, 409, "refused"),
        ({**body, "code": "000000"}, 409, "refused"),
        ({name: value for name, value in body.items() if name != "code"}, 422, "invalid"),
        ({**body, "decision": "forget"}, 422, "invalid"),
    ):
        assert_problem(sponsor.post(at_review, wrong), status, kind)
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
        assert Review.objects.get(pk=review.pk).decision == ""
    said = sponsor.post(at_review, {**body, "code": proof["code"]}).json()
    assert (said["decision"], said["signature"]["method"], said["signature"]["stands"]) == (
        "scale",
        "password+totp",
        True,
    )
    assert proof["password"] not in str(said)
    again = sponsor.post(at_review, {**body, "decision": "stop"})
    assert "Password and one-time code" in assert_problem(again, 409, "refused")["detail"]  # a code counts once


def test_nobody_signs_with_the_proofs_of_another(scene: Scene) -> None:
    proof = proofs(scene.world.approver)
    owner = caller(scene.world, scene.world.owner)
    with scope(scene.world.host.pk):
        until = live(scene).until
        Extension.ask(Hypercare.objects.get(), until=until + timedelta(days=7), reason="Two wards", by=scene.manager)
    answer = owner.post(at(scene, "hypercare/extension/approve"), {"printed_name": "Sponsor Host", **proof})
    assert_problem(answer, 409, "refused")
    with scope(scene.world.host.pk):
        assert Hypercare.objects.get().until == until
    sponsor = caller(scene.world, scene.world.approver)
    approved = sponsor.post(at(scene, "hypercare/extension/approve"), {"printed_name": "Sponsor Host", **proof}).json()
    assert [one["state"] for one in approved["extensions"]] == ["approved"]
    assert_problem(sponsor.post(at(scene, "hypercare/extension/refuse"), {"reason": "No"}), 404, "not-found")


def test_a_champion_hands_over_and_the_money_is_noted(scene: Scene, program: Caller) -> None:
    finance = caller(scene.world, scene.world.owner)
    with scope(scene.world.host.pk):
        live(scene)
        TeamRole.objects.filter(deployment=scene.deployment, code="CHM").update(person=scene.world.contributor)
        made = ChampionHandOver.begin(
            scene.deployment, last_day=timezone.localdate() + timedelta(days=9), by=scene.manager
        )
    finish = {"person_id": str(scene.world.manager.pk)}
    early = program.post(at(scene, "continuity/hand-over/finish"), finish)
    assert "Still open" in assert_problem(early, 409, "refused")["detail"]
    with scope(scene.world.host.pk):
        for step in made.open_steps:
            made.tick(step, by=scene.manager)
            made.refresh_from_db()
    stranger = {"person_id": str(scene.world.vendor_manager.pk)}
    assert_problem(program.post(at(scene, "continuity/hand-over/finish"), stranger), 404, "not-found")
    done = program.post(at(scene, "continuity/hand-over/finish"), finish).json()
    assert (done["champion_id"], done["hand_over"]) == (str(scene.world.manager.pk), None)
    assert_problem(program.post(at(scene, "continuity/hand-over/withdraw"), {}), 404, "not-found")

    grant = {"title": "Grant", "kind": "grant", "left": "28400.00", "begins_on": timezone.localdate().isoformat()}
    assert_problem(program.post(at(scene, "funding/sources"), grant), 403, "not-allowed")
    assert_problem(program.get(at(scene, "funding")), 403, "not-allowed")
    finance.post(at(scene, "funding/sources"), grant)
    assert_problem(finance.post(at(scene, "funding/cost"), {"amount": "0"}), 409, "refused")
    money = finance.post(at(scene, "funding/cost"), {"amount": "14200"}).json()
    assert (money["cost"], money["runway_months"]) == ("14200.00", 2.0)
    assert [(one["title"], one["left"]) for one in money["sources"]] == [("Grant", "28400.00")]
    with scope(scene.world.host.pk):
        stated = Fact.objects.about(scene.program.pk).filter(kind="funding.runway_months").current()
        assert [one.value for one in stated] == [2.0]


def test_the_end_is_begun_certified_and_completed_by_two_people(scene: Scene, program: Caller) -> None:
    sponsor, owner = caller(scene.world, scene.world.approver), caller(scene.world, scene.world.owner)
    with scope(scene.world.host.pk):
        live(scene)
    last_day = (timezone.localdate() + timedelta(days=60)).isoformat()
    end = {"cause": "funding", "reason": "The grant is over.", "last_day": last_day}
    assert_problem(sponsor.post(at(scene, "decommission"), {**end, "last_day": "2020-01-01"}), 409, "refused")
    begun = sponsor.post(at(scene, "decommission"), end).json()
    assert (begun["state"], begun["cause"]) == ("running", "funding")
    assert_problem(owner.post(at(scene, "decommission/complete"), {}), 409, "refused")
    for step in begun["steps"]:
        place = at(scene, f"decommission/steps/{step['key']}")
        if step["key"] in ("data-returned", "access-revoked", "data-destroyed"):
            body = {"how": "As agreed", "printed_name": "Sponsor Host", **proofs(scene.world.approver)}
            assert sponsor.post(f"{place}/certify", body).status_code == 200, step["key"]
        else:
            assert program.post(f"{place}/finish", {"note": "Done"}).status_code == 200, step["key"]
    assert (
        "second person"
        in assert_problem(sponsor.post(at(scene, "decommission/complete"), {}), 409, "refused")["detail"]
    )
    done = owner.post(at(scene, "decommission/complete"), {}).json()
    assert (done["state"], [one["stands"] for one in done["certificates"]]) == ("completed", [True] * 3)
    with scope(scene.world.host.pk):
        scene.deployment.refresh_from_db()
        assert scene.deployment.state == "discontinued"
    assert_problem(owner.post(at(scene, "decommission/withdraw"), {"reason": "It stays"}), 409, "refused")


def test_who_may_not_changes_nothing(scene: Scene) -> None:
    learner = caller(scene.world, scene.world.learner)
    contributor = caller(scene.world, scene.world.contributor)
    with scope(scene.world.host.pk):
        review = planned(scene)
        before = Event.objects.count()
    for page in ("reviews", "continuity", "decommission"):
        assert_problem(learner.get(at(scene, page)), 403, "not-allowed")
    body = {"attendees": [str(scene.world.manager.pk)], "summary": "Used."}
    assert_problem(contributor.post(f"reviews/{review.pk}/hold", body), 403, "not-allowed")
    assert_problem(contributor.post(at(scene, "continuity/hand-over"), {"last_day": "2099-01-01"}), 403, "not-allowed")
    assert_problem(
        contributor.post(at(scene, "hypercare/extension"), {"until": "2099-01-01", "reason": "x"}), 403, "not-allowed"
    )
    with scope(scene.world.host.pk):
        assert Event.objects.count() == before
