"""A deployment ended cleanly: every step, signed certificates, a second person, and nothing deleted."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from onboarding.decommission.certificate import certificate_pdf
from onboarding.decommission.models import Certificate, Decommission, DecommissionRefused, DecommissionStep
from onboarding.decommission.steps import BY_KEY, STEPS
from onboarding.deployments.models import Deployment, Item
from onboarding.golive.canonical import digest
from onboarding.golive.models.signature import Proof
from onboarding.golive.tests.proving import TAMPERED
from onboarding.golive.tests.readiness import fresh
from onboarding.hypercare.tests.sites import live
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def begun(scene: Scene) -> Decommission:
    live(scene)
    last_day = timezone.localdate() + timedelta(days=60)
    by = scene.by(scene.world.approver)
    return Decommission.begin(scene.deployment, cause="funding", reason="The grant is over.", last_day=last_day, by=by)


def step(made: Decommission, key: str) -> DecommissionStep:
    return DecommissionStep.objects.get(decommission=made, key=key)


def sign(scene: Scene, one: DecommissionStep, by: Actor | None = None, **values: object) -> Certificate:
    by = by or scene.by(scene.world.approver)
    said = {"how": "41 files, counted.", "printed_name": by.name, "proof": fresh(by), **values}
    return Certificate.sign(one, by=by, **said)


def finish_all(scene: Scene, made: Decommission) -> None:
    for plan in STEPS:
        one = step(made, plan.key)
        if plan.certificate:
            sign(scene, one)
        else:
            one.finish(by=scene.manager, note="Done and filed.")


def test_it_begins_with_a_reason_and_puts_the_playbooks_items_on_the_checklist(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        items = Item.objects.filter(deployment=scene.deployment).count()
        made = begun(scene)
        assert begun(scene) == made
        assert Item.objects.filter(deployment=scene.deployment).count() == items + 1
        assert Item.objects.get(deployment=scene.deployment, key="decommission").due_on == made.last_day
        assert [one.key for one in made.steps.order_by("position")] == [plan.key for plan in STEPS]
        assert Event.objects.filter(action="decommission.begun").count() == 1


@pytest.mark.parametrize(("reason", "days"), [(" ", 10), ("Over", -1)])
def test_without_reason_or_into_the_past_nothing_begins(scene: Scene, reason: str, days: int) -> None:
    with scope(scene.world.host.pk):
        last_day = timezone.localdate() + timedelta(days=days)
        with pytest.raises(DecommissionRefused):
            Decommission.begin(scene.deployment, cause="other", reason=reason, last_day=last_day, by=scene.manager)
        assert not Decommission.objects.exists()


def test_data_are_destroyed_only_after_they_were_returned(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = begun(scene)
        with pytest.raises(DecommissionRefused, match="“Data are returned” comes first"):
            sign(scene, step(made, "data-destroyed"))
        assert not Certificate.objects.exists()
        sign(scene, step(made, "data-returned"))
        sign(scene, step(made, "data-destroyed"))
        with pytest.raises(DecommissionRefused, match="cannot be taken back"):
            made.withdraw(by=scene.manager, reason="It stays after all")


def test_a_step_with_a_certificate_is_done_with_its_signature_alone(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = begun(scene)
        with pytest.raises(DecommissionRefused, match="signed certificate"):
            step(made, "access-revoked").finish(by=scene.manager, note="Done")
        assert step(made, "access-revoked").done_at is None
        with pytest.raises(DecommissionRefused, match="needs no certificate"):
            sign(scene, step(made, "contract-ended"))
        by = scene.by(scene.world.approver)
        for wrong in (
            {"proof": Proof.given(by, timezone.now() - timedelta(minutes=6))},
            {"proof": Proof.given(by, timezone.now() + timedelta(minutes=1))},
            {"printed_name": "Somebody Else"},
            {"how": " "},
        ):
            with pytest.raises(DecommissionRefused):
                sign(scene, step(made, "access-revoked"), **wrong)
        assert not Certificate.objects.exists()
        assert sign(scene, step(made, "access-revoked")) == sign(scene, step(made, "access-revoked"))
        with pytest.raises(DecommissionRefused, match="Sponsor Host certified it already"):
            sign(scene, step(made, "access-revoked"), by=scene.by(scene.world.owner))
        assert Certificate.objects.count() == 1
        with pytest.raises(DecommissionRefused, match="stands on it"):
            step(made, "access-revoked").reopen(by=scene.manager, reason="One was left")


def test_only_a_second_person_completes_it_and_nothing_is_deleted(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = begun(scene)
        before = (Item.objects.count(), Event.objects.count())
        with pytest.raises(DecommissionRefused, match="Still open: Patients are told"):
            made.complete(by=scene.manager)
        finish_all(scene, made)
        with pytest.raises(DecommissionRefused, match="second person"):
            made.complete(by=scene.by(scene.world.approver))
        assert Deployment.objects.get().state == "live"
        for _ in range(2):
            made.complete(by=scene.by(scene.world.owner))
        deployment = Deployment.objects.get()
        assert deployment.state == "discontinued"
        event = Event.objects.get(action="deployment.discontinued")
        assert event.data["reason"] == "Funding ended: The grant is over."
        assert Item.objects.count() == before[0]
        assert Event.objects.count() > before[1]
        with pytest.raises(DecommissionRefused, match="ended already"):
            Decommission.begin(
                deployment, cause="other", reason="Again", last_day=timezone.localdate(), by=scene.manager
            )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        *TAMPERED,
        ("record", lambda found: {**found, "site": "Elsewhere"}),
        ("record", lambda found: {**found, "how": found["how"] + " "}),
        ("sha256", lambda found: "0" + found[1:] if found[0] != "0" else "1" + found[1:]),
    ],
)
def test_one_changed_byte_voids_a_certificate(scene: Scene, field: str, change: Callable[[Any], Any]) -> None:
    with scope(scene.world.host.pk):
        sign(scene, step(begun(scene), "data-returned"))
        certificate = Certificate.objects.get()
        assert certificate.holds
        setattr(certificate, field, change(getattr(certificate, field)))
        assert not certificate.holds


def test_a_certificate_copied_to_another_step_is_void_and_its_public_page_says_so(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = begun(scene)
        certificate = sign(scene, step(made, "data-returned"))
        copied = Certificate.objects.get()
        copied.pk, copied.code, copied.step = uuid4(), "b" * 32, step(made, "data-destroyed")
        copied.save(force_insert=True)
    assert "This certificate is whole" in Client().get(f"/d/host/{certificate.code}/").content.decode()
    page = Client().get(f"/d/host/{copied.code}/").content.decode()
    assert "This certificate is void" in page
    assert "is whole" not in page


def test_a_certificate_of_the_earlier_scheme_keeps_its_hash(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        certificate = sign(scene, step(begun(scene), "data-returned"))
        certificate.scheme = 1
        said = [digest(certificate.record), str(certificate.step_id), str(certificate.signer_id)]
        said += [certificate.printed_name, certificate.signed_at.isoformat()]
        assert certificate.computed() == hashlib.sha256(json.dumps(said).encode()).hexdigest()


def test_the_first_signature_of_a_session_needs_two_components_here_too(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = begun(scene)
        by, now = scene.by(scene.world.approver), timezone.now()
        with pytest.raises(DecommissionRefused, match="needs two proofs"):
            sign(scene, step(made, "access-revoked"), proof=Proof(by.person_id, ("totp",), now))
        assert not Certificate.objects.exists()
        later = Proof(by.person_id, ("totp",), now, first_of_session=False)
        assert sign(scene, step(made, "access-revoked"), proof=later).method == "totp"


def test_a_certificate_made_anew_with_its_hash_is_void_in_public(scene: Scene) -> None:
    """Whoever reaches the database can make the hash anew; the log told of the one that was given."""
    with scope(scene.world.host.pk):
        made = begun(scene)
        forged = sign(scene, step(made, "data-returned"))
        forged.pk, forged.code, forged.step = uuid4(), "c" * 32, step(made, "data-destroyed")
        forged.record = {**forged.record, "how": "Never done"}
        forged.sha256 = forged.computed()
        forged.save(force_insert=True)
        assert forged.holds
    assert "This certificate is void" in Client().get(f"/d/host/{forged.code}/").content.decode()


def test_the_app_itself_may_not_change_a_certificate(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        certificate = sign(scene, step(begun(scene), "data-returned"))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Certificate.objects.filter(pk=certificate.pk).update(printed_name="Somebody Else")


def test_anybody_checks_it_and_everything_unknown_is_the_same_404(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        certificate = sign(scene, step(begun(scene), "data-returned"))
    page = Client().get(f"/d/host/{certificate.code}/").content.decode()
    assert certificate.sha256 in page
    for hidden in ("The grant is over", "Main Street", "41 files", str(certificate.pk)):
        assert hidden not in page
    unknown = [Client().get(at) for at in (f"/d/elsewhere/{certificate.code}/", "/d/host/abc/", "/d/nowhere/abc/")]
    assert {one.status_code for one in unknown} == {404}
    assert len({one.content for one in unknown}) == 1


def test_the_pdf_is_tagged_and_one_page(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = certificate_pdf(scene.world.host, sign(scene, step(begun(scene), "data-returned")))
    assert made.startswith(b"%PDF-1.7")
    assert b"/Marked true" in made
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 1


def test_no_partner_reads_any_of_it(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        certificate = sign(scene, step(begun(scene), "data-returned"))
    for partner in (scene.world.vendor_manager, scene.world.hub_manager, scene.world.funder_manager):
        client = client_of(partner)
        for at in (
            f"/o/host/deployments/{scene.deployment.pk}/decommission/",
            f"/o/host/decommission-certificates/{certificate.pk}/",
        ):
            answer = client.get(at)
            assert answer.status_code in (403, 404)
            assert b"grant is over" not in answer.content


def test_from_beginning_to_a_step_on_the_page(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        live(scene)
    at = f"/o/host/deployments/{scene.deployment.pk}/decommission/"
    approver, manager = client_of(scene.world.approver), client_of(scene.world.manager)
    said = {"cause": "vendor", "reason": "The vendor stops in June.", "last_day": "2099-06-30"}
    assert manager.post(at, said).status_code == 403
    assert approver.post(at, {**said, "last_day": "2020-01-01"}).status_code == 422
    assert approver.post(at, said).status_code == 302
    assert manager.post(f"{at}steps/patients-notified/done", {"note": ""}).status_code == 422
    assert manager.post(f"{at}steps/patients-notified/done", {"note": "23 told"}).status_code == 302
    assert manager.post(f"{at}steps/no-such-step/done", {"note": "x"}).status_code == 404
    unproven = approver.post(f"{at}steps/access-revoked/certify", {"access-revoked-how": "Tried"})
    assert unproven.status_code == 422
    assert "Prove who you are again" in unproven.content.decode()
    assert approver.post(f"{at}complete").status_code == 422
    assert "1 of 7" in manager.get(at).content.decode()
    assert approver.post(f"{at}withdraw", {"reason": "A buyer was found"}).status_code == 302
    assert set(BY_KEY) == {plan.key for plan in STEPS}
