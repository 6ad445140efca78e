"""The review room over HTTP: from convening to a signature with a real second factor."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import code_of
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.golive.models import GateReview, Signature, Waiver
from onboarding.golive.models.condition import Condition
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go
from tenancy.scope import scope
from testing.scenes import Scene

SignIn = Callable[[User], Client]


@pytest.fixture
def secret(scene: Scene) -> str:
    made = generate_totp_secret()
    TOTP.activate(scene.world.approver, made)
    return str(made)


def open_meeting(scene: Scene) -> GateReview:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        return meeting(scene)


def test_every_gate_is_there_with_its_reasons(scene: Scene, client_of: SignIn) -> None:
    page = client_of(scene.world.manager).get(f"/o/host/deployments/{scene.deployment.pk}/gates/")
    text = page.content.decode()
    assert page.status_code == 200
    assert all(f'id="G{number}"' in text for number in range(11))
    assert "passes when it is 0" in text


def test_a_first_signature_asks_for_password_and_second_factor_and_then_stands(
    scene: Scene, client_of: SignIn, secret: str
) -> None:
    review = open_meeting(scene)
    scene.world.approver.set_password("correct horse battery staple")
    scene.world.approver.save(update_fields=["password"])
    browser, address = client_of(scene.world.approver), f"/o/host/gate-reviews/{review.pk}/"
    decision = {"decision-decision": "go", "decision-reason": "Ready.", "decision-printed_name": "Sponsor Host"}
    refused = browser.post(f"{address}decision/", decision)
    assert refused.status_code == 422
    assert "Prove who you are again" in refused.content.decode()
    with scope(scene.world.host.pk):
        assert not Signature.objects.exists()
    proved = browser.post(f"/accounts/2fa/reauthenticate/?next={address}", {"code": code_of(secret)})
    assert (proved.status_code, proved["Location"]) == (302, address)
    half = browser.post(f"{address}decision/", decision)
    assert half.status_code == 422
    assert "needs two proofs" in half.content.decode()
    with scope(scene.world.host.pk):
        assert not Signature.objects.exists()
    browser.post("/accounts/reauthenticate/", {"password": "correct horse battery staple"})
    assert browser.post(f"{address}decision/", decision).status_code == 302
    with scope(scene.world.host.pk):
        assert Signature.objects.get().method == "password+totp"
    page = browser.get(address).content.decode()
    assert "signed by Sponsor Host" in page
    assert "decided go on G6 Go/no-go and signed" in page


def test_who_voted_without_a_second_factor_is_led_to_set_one_up_before_countersigning(
    scene: Scene, client_of: SignIn
) -> None:
    review = open_meeting(scene)
    with scope(scene.world.host.pk):
        by = scene.by(scene.world.approver)
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
    address = f"/o/host/gate-reviews/{review.pk}/"
    page = client_of(scene.world.manager).get(address).content.decode()
    back = "?next=" + quote(f"{address}#sign", safe="")
    assert f'href="/accounts/second-factor/{back}"' in page
    assert "Set up a second factor first" in page
    assert "one-time code or passkey</a>" not in page, "that page would ask for the password, again and again"
    TOTP.activate(scene.world.manager, generate_totp_secret())
    page = client_of(scene.world.manager).get(address).content.decode()
    assert f'href="/accounts/2fa/reauthenticate/{back}"' in page
    Authenticator.objects.filter(user=scene.world.manager).update(type=Authenticator.Type.WEBAUTHN)
    page = client_of(scene.world.manager).get(address).content.decode()
    assert f'href="/accounts/2fa/webauthn/reauthenticate/{back}"' in page


def test_a_condition_takes_its_items_owner_and_a_demand_of_the_meetings_own_names_one(
    scene: Scene, client_of: SignIn
) -> None:
    review = open_meeting(scene)
    with scope(scene.world.host.pk):
        item = Item.objects.filter(gate_class="conditional", stage=6, state="accepted")[0]
        item.reopen(by=scene.by(scene.world.owner), reason="The night of Saturday is uncovered.")
    browser = client_of(scene.world.manager)
    address, last = f"/o/host/gate-reviews/{review.pk}/conditions/", timezone.localdate() + timedelta(days=7)
    said = {"condition-workaround": "By hand.", "condition-expires_on": last.isoformat()}
    refused = browser.post(address, {**said, "condition-title": "Cover the night"})
    assert refused.status_code == 422
    assert "Choose who sees to it" in refused.content.decode()
    with scope(scene.world.host.pk):
        assert not Condition.objects.exists()
    assert browser.post(address, {**said, "condition-item": str(item.pk)}).status_code == 302
    with scope(scene.world.host.pk):
        assert Condition.objects.get().owner == item.owner


def test_a_contributor_cannot_convene(scene: Scene, client_of: SignIn) -> None:
    answer = client_of(scene.world.contributor).post(f"/o/host/deployments/{scene.deployment.pk}/gates/G6/convene/")
    assert answer.status_code == 403
    with scope(scene.world.host.pk):
        assert not GateReview.objects.exists()


def test_a_vendor_sees_the_outcome_and_no_vote(scene: Scene, client_of: SignIn) -> None:
    scene.share()
    review = open_meeting(scene)
    text = client_of(scene.world.vendor_manager).get(f"/o/host/gate-reviews/{review.pk}/").content.decode()
    assert "Criteria" in text
    assert "seen" not in text
    assert 'id="votes"' not in text


def test_a_hub_sees_the_votes_only_of_a_panel_it_sits_on(scene: Scene, client_of: SignIn) -> None:
    scene.share()
    review = open_meeting(scene)
    browser, address = client_of(scene.world.hub_manager), f"/o/host/gate-reviews/{review.pk}/"
    assert 'id="votes"' not in browser.get(address).content.decode()
    with scope(scene.world.host.pk):
        TeamRole.objects.filter(code="OPS").update(deputy=scene.world.hub_manager)
    assert 'id="votes"' in browser.get(address).content.decode()


def test_a_stranger_gets_what_a_missing_page_gets(scene: Scene, client_of: SignIn) -> None:
    review = open_meeting(scene)
    browser = client_of(scene.world.stranger)
    there = browser.get(f"/o/host/gate-reviews/{review.pk}/")
    nowhere = browser.get("/o/nobody/gate-reviews/00000000-0000-7000-8000-000000000000/")
    foreign = browser.get(f"/o/elsewhere/gate-reviews/{review.pk}/")
    assert (there.status_code, nowhere.status_code, foreign.status_code) == (404, 404, 404)
    assert there.content == nowhere.content


def test_a_waiver_is_asked_and_granted_by_two_people(scene: Scene, client_of: SignIn) -> None:
    address = f"/o/host/deployments/{scene.deployment.pk}/waivers/"
    with scope(scene.world.host.pk):
        item = scene.item("provisioning")
    form = {"item": item.pk, "reason": "Later.", "compensating_control": "By hand.", "expires_on": "2099-01-01"}
    asked = client_of(scene.world.manager).post(address, form)
    assert asked.status_code == 302
    with scope(scene.world.host.pk):
        waiver = Waiver.objects.get()
    assert client_of(scene.world.manager).post(f"/o/host/waivers/{waiver.pk}/grant/").status_code == 403
    assert client_of(scene.world.owner).post(f"/o/host/waivers/{waiver.pk}/grant/").status_code == 302
    with scope(scene.world.host.pk):
        assert Waiver.objects.get().state == "granted"


def test_go_live_without_a_signature_is_refused(scene: Scene, client_of: SignIn) -> None:
    answer = client_of(scene.world.manager).post(f"/o/host/deployments/{scene.deployment.pk}/go-live/")
    assert answer.status_code == 409
    assert "G6 go/no-go is not signed" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().state == "onboarding"
