"""Hypercare's pages: who sees and does what, files, and as many statements for thirty as for two."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from facts.models import Fact
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.golive.tests.proving import proven
from onboarding.hypercare.models import CommandEntry, Extension, ExtensionApproval, Hypercare, SupportTerms, Ticket
from onboarding.hypercare.tests.sites import defect, live
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
DEFECT = {"kind": "defect", "severity": "2", "title": "Results are filed twice", "topic": "results"}


def at(scene: Scene, rest: str = "") -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{rest}"


def test_a_defect_is_reported_worked_on_and_confirmed_on_the_pages(scene: Scene, client_of: ClientOf) -> None:
    analyst, manager = client_of(scene.world.contributor), client_of(scene.world.manager)
    refused = analyst.post(at(scene, "tickets/new"), {**DEFECT, "severity": ""})
    assert refused.status_code == 422
    assert "Give a defect its severity" in refused.content.decode()
    assert analyst.post(at(scene, "tickets/new"), {**DEFECT, "item": "9999"}).status_code == 422
    assert analyst.post(at(scene, "tickets/new"), {**DEFECT, "item": "61"}).status_code == 302
    listed = analyst.get(at(scene, "tickets/")).content.decode()
    assert "Results are filed twice" in listed
    assert "Results are filed twice" not in analyst.get(at(scene, "tickets/?kind=request")).content.decode()
    one = at(scene, "tickets/1/")
    assert "#61" in analyst.get(one).content.decode()
    changed = {"title": "Results are filed twice", "plan": "In 4.2.1", "owner": str(scene.world.manager.pk)}
    assert analyst.post(f"{one}change", changed).status_code == 302
    assert analyst.post(f"{one}move", {"state": "fixed"}).status_code == 422
    assert analyst.post(f"{one}move", {"state": "fixed", "resolution": "Filter", "tier": "2"}).status_code == 302
    assert analyst.post(f"{one}move", {"state": "closed"}).status_code == 422
    assert manager.post(f"{one}move", {"state": "closed"}).status_code == 302
    assert "Results are filed twice" not in analyst.get(at(scene, "tickets/")).content.decode()
    assert "Results are filed twice" in analyst.get(at(scene, "tickets/?show=all")).content.decode()
    assert client_of(scene.world.auditor).post(f"{one}move", {"state": "open"}).status_code == 403


def test_a_vendor_reports_and_fixes_a_funder_sees_only_what_ends_hypercare(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    vendor, funder = client_of(scene.world.vendor_manager), client_of(scene.world.funder_manager)
    assert vendor.post(at(scene, "tickets/new"), DEFECT).status_code == 302
    assert vendor.post(at(scene, "tickets/1/move"), {"state": "working"}).status_code == 302
    with scope(scene.world.host.pk):
        live(scene)
        CommandEntry.write(scene.deployment, kind="decision", text="Paper until noon", by=scene.manager)
    for rest in ("tickets/", "tickets/1/"):
        assert funder.get(at(scene, rest)).status_code == 403
    shown = funder.get(at(scene, "hypercare/")).content.decode()
    assert "Hypercare ends when" in shown
    assert "Results are filed twice" not in shown
    for client in (vendor, funder, client_of(scene.world.hub_manager)):
        assert client.get(at(scene, "command-center/")).status_code == 403
        assert client.post(at(scene, "hypercare/"), {"active_users": "1"}).status_code == 403
        assert client.get(at(scene, "hypercare/terms")).status_code == 403


def test_figures_are_reported_and_read_by_the_exit_gate(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        live(scene)
    address, figures = at(scene, "hypercare/"), {"active_users": "31", "message_success": "99.7"}
    assert client_of(scene.world.contributor).post(address, figures).status_code == 403
    with scope(scene.world.host.pk):
        assert not Fact.objects.exists()
    manager = client_of(scene.world.manager)
    assert manager.post(address, figures).status_code == 302
    with scope(scene.world.host.pk):
        assert Fact.objects.get(kind="hypercare.message_success").value == 0.997
    assert "99.7 %" in manager.get(address).content.decode()
    assert manager.post(address, {"message_success": "120"}).status_code == 422


def test_more_time_is_asked_and_approved_on_the_page(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        until = live(scene).until
    manager = client_of(scene.world.manager)
    address = at(scene, "hypercare/extension")
    late = until.replace(year=until.year + 1).isoformat()
    assert manager.post(address, {"extension-until": until.isoformat(), "extension-reason": "So"}).status_code == 422
    assert manager.post(address, {"extension-until": late, "extension-reason": "Two wards more"}).status_code == 302
    with scope(scene.world.host.pk):
        asked = Extension.objects.get()
    answer = f"/o/host/hypercare-extensions/{asked.pk}/"
    assert manager.post(f"{answer}approve").status_code == 403
    assert client_of(scene.world.approver).post(f"{answer}refuse", {"reason": ""}).status_code == 422
    printed = {"approve-printed_name": "Sponsor Host"}
    unproven = client_of(scene.world.approver).post(f"{answer}approve", printed)
    assert unproven.status_code == 422
    assert "Prove who you are again" in unproven.content.decode()
    approver = proven(client_of, scene.world.approver)
    assert approver.post(f"{answer}approve", {"approve-printed_name": "Another"}).status_code == 422
    with scope(scene.world.host.pk):
        assert Hypercare.objects.get().until == until
        assert not ExtensionApproval.objects.exists()
    assert approver.post(f"{answer}approve", printed).status_code == 302
    with scope(scene.world.host.pk):
        assert Hypercare.objects.get().until.isoformat() == late
        assert ExtensionApproval.objects.get().method == "password+totp"
    shown = manager.get(at(scene, "hypercare/")).content.decode()
    assert "Signature stands" in shown
    assert "by password and one-time code" in shown
    assert manager.post(at(scene, "hypercare/end")).status_code == 422


def test_a_hand_over_has_two_people(scene: Scene, client_of: ClientOf) -> None:
    client, address = client_of(scene.world.contributor), at(scene, "command-center/")
    entry = {"kind": "hand_over", "text": "Alert queue is watched every ten minutes."}
    assert client.post(address, entry).status_code == 422
    assert client.post(address, {**entry, "handed_to": str(scene.world.contributor.pk)}).status_code == 422
    assert client.post(address, {**entry, "handed_to": str(scene.world.manager.pk)}).status_code == 302
    assert "Alert queue is watched" in client.get(address).content.decode()
    assert b"Hand-over" in b"".join(client.get(f"{address}?as=csv").streaming_content)
    with scope(scene.world.host.pk):
        assert CommandEntry.objects.count() == 1


def test_terms_are_agreed_on_the_page(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    said = {f"answer_{one}": "30" for one in range(1, 5)} | {"fix_1": "2", "fix_2": "1", "fix_3": "5", "fix_4": "20"}
    assert client.post(at(scene, "hypercare/terms"), {**said, "fix_3": "30", "fix_4": "3"}).status_code == 422
    assert client.post(at(scene, "hypercare/terms"), {**said, "desk_elsewhere": "on"}).status_code == 302
    with scope(scene.world.host.pk):
        assert SupportTerms.objects.get().targets["1"] == {"answer_minutes": 30, "fix_hours": 2, "fix_days": 0}
    assert "Tickets per active user and week" in _figures_page(scene, client)


def _figures_page(scene: Scene, client: Client) -> str:
    with scope(scene.world.host.pk):
        live(scene)
    return client.get(at(scene, "hypercare/")).content.decode()


def test_the_register_is_a_file_that_no_spreadsheet_runs(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        defect(scene, title="=1+1 is shown")
    sent = b"".join(client_of(scene.world.manager).get(at(scene, "tickets/?as=csv")).streaming_content).decode()
    assert "D1" in sent
    assert "'=1+1 is shown" in sent


@pytest.mark.parametrize("rest", ["tickets/?kind=%00&show=%00", "tickets/?kind=x", "hypercare/?%00=1"])
def test_nonsense_in_the_address_is_no_error(scene: Scene, client_of: ClientOf, rest: str) -> None:
    assert client_of(scene.world.manager).get(at(scene, rest)).status_code in (200, 400)


def test_lists_take_as_many_statements_for_thirty_as_for_two(scene: Scene, client_of: ClientOf) -> None:
    client, seen = client_of(scene.world.manager), []
    for count in (2, 28):
        with scope(scene.world.host.pk):
            for number in range(count):
                defect(scene, 3, f"Defect {number}", topic=f"topic {number}")
        took = []
        for rest in ("tickets/", "tickets/1/", "hypercare/"):
            client.get(at(scene, rest))
            with CaptureQueriesContext(connection) as captured:
                client.get(at(scene, rest))
            took.append(len(counted(captured)))
        seen.append(took)
    assert seen[0] == seen[1]
    assert max(seen[0]) <= 24


def test_a_service_desk_reports_by_api_and_twice_the_same_key_is_once(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    address = f"/o/host/api/v1/deployments/{scene.deployment.pk}/tickets"
    body = json.dumps({"kind": "defect", "severity": 1, "title": "Nobody can sign in", "topic": "sign-in"})
    for _ in range(2):
        answer = client.post(address, body, content_type="application/json", headers={"Idempotency-Key": "a" * 20})
        assert answer.status_code == 201
        assert answer.json()["code"] == "D1"
    wrong = client.post(address, json.dumps({"kind": "defect", "title": "x"}), content_type="application/json")
    assert wrong.status_code in (400, 409, 422)
    with scope(scene.world.host.pk):
        assert Ticket.objects.count() == 1
    moved = client.post(
        f"{address}/1/move", json.dumps({"state": "fixed", "resolution": "Restarted"}), content_type="application/json"
    )
    assert moved.json()["state"] == "fixed"
    shown = client.get(f"/o/host/api/v1/deployments/{scene.deployment.pk}/hypercare").json()
    assert shown["state"] == "not_begun"
