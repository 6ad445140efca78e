"""The vault over the API: given, renewed, reviewed by another token, offered and accepted; refusals leave nothing behind."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.permissions import Permission
from accounts.models import Membership
from api.tests.callers import Caller, assert_problem, caller, token
from onboarding.deployments.models import Evidence, Item
from onboarding.deployments.tests.asking import KEY
from onboarding.vault.actions import hand_over
from onboarding.vault.models import Paper, PaperVersion
from onboarding.vault.tests.shelf import paper
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
ANSWER = {"question": "Is it encrypted?", "words": "At rest and under way."}


@pytest.fixture
def program(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


def kept(scene: Scene) -> tuple[int, int]:
    with scope(scene.world.host.pk):
        return Paper.objects.count(), PaperVersion.objects.count()


def test_a_file_is_given_reviewed_and_in_force(scene: Scene, program: Caller) -> None:
    content = b"Seen and kept."
    body = {
        "title": "Security report", "name": "report.txt", "content": base64.b64encode(content).decode(),
        "controls": ["safe-use/ai"], "valid_until": (timezone.localdate() + timedelta(days=90)).isoformat(),
    }  # fmt: skip
    made = program.post("papers", body, Idempotency_Key="report").json()
    assert program.post("papers", body, Idempotency_Key="report").json() == made
    assert (made["state"], made["in_force"], made["controls"]) == ("ready", False, ["safe-use/ai"])
    assert program.post(f"papers/{made['id']}/approve").json()["in_force"] is True
    shown = program.get(f"papers/{made['id']}").json()
    (version,) = shown["versions"]
    assert (version["sha256"], version["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert [one["id"] for one in program.get("papers?control=safe-use/ai&state=approved").json()["results"]] == [
        made["id"]
    ]
    assert program.get("papers?control=safe-use/none").json()["results"] == []


def test_an_answer_is_renewed_while_the_approved_one_stays_in_force(scene: Scene, program: Caller) -> None:
    made = program.post("papers", {"title": "Encryption", **ANSWER}).json()
    place = f"papers/{made['id']}"
    program.post(f"{place}/approve")
    renewed = program.post(f"{place}/versions", {**ANSWER, "words": "Everywhere."}).json()
    assert (renewed["state"], renewed["approved_version"], renewed["versions_count"]) == ("ready", 1, 2)
    assert program.post(f"{place}/approve").json()["approved_version"] == 2
    assert program.get(place).json()["versions"][0]["answer"]["words"] == "Everywhere."


def test_what_is_revoked_opens_what_rested_on_it(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        item = scene.item(KEY)
        standing = paper(scene.manager)
        found = Evidence.use(item, standing, by=scene.manager, wanted_key=item.required_evidence[0]["key"])
        item.complete(by=scene.manager, may_accept=True)
        assert Item.objects.get(pk=item.pk).state == "accepted"
    assert program.get(f"papers/{standing.pk}").json()["uses"] == [
        {
            "id": str(found.pk), "deployment_id": str(scene.deployment.pk), "item_id": str(item.pk), "state": "accepted",
            "paper_version": 1,
        }
    ]  # fmt: skip
    assert program.post(f"papers/{standing.pk}/revoke", {"reason": "Forged"}).json()["state"] == "revoked"
    with scope(scene.world.host.pk):
        assert Item.objects.get(pk=item.pk).state != "accepted"
    assert_problem(program.post(f"papers/{standing.pk}/ready"), 409, "refused")


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"title": "Both", **ANSWER, "name": "a.txt", "content": "QQ=="}, 422, "invalid"),
        ({"title": "Neither"}, 422, "invalid"),
        ({"title": "No question", "words": "Yes"}, 422, "invalid"),
        ({"title": "No base64", "name": "a.txt", "content": "%%%"}, 422, "invalid"),
        ({"title": "Past", **ANSWER, "valid_until": "2020-01-01"}, 422, "invalid"),
        ({"title": "A program", "name": "run.exe", "content": "TVqQAAMAAAAEAAAA"}, 409, "refused"),
        ({"title": "Unknown", **ANSWER, "controls": ["no/such"]}, 409, "refused"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is(
    scene: Scene, program: Caller, body: dict[str, Any], status: int, kind: str
) -> None:
    before = kept(scene)
    assert_problem(program.post("papers", body), status, kind)
    assert kept(scene) == before


def test_scopes_of_tokens_hold(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        standing = paper(scene.manager, approved=False)
    world = scene.world
    reader = caller(world, world.manager, {Permission.EVIDENCE_READ})
    giver = caller(world, world.manager, {Permission.EVIDENCE_READ, Permission.EVIDENCE_ADD})
    assert reader.get("papers").status_code == 200
    assert_problem(reader.post("papers", {"title": "Encryption", **ANSWER}), 403, "not-allowed")
    assert giver.post("papers", {"title": "Encryption", **ANSWER}).status_code == 201
    for verb in ("approve", "flag", "revoke"):
        assert_problem(giver.post(f"papers/{standing.pk}/{verb}", {"reason": "No"}), 403, "not-allowed")
    blind = caller(world, world.manager, {Permission.SITE_READ})
    assert_problem(blind.get("papers"), 403, "not-allowed")
    with scope(world.host.pk):
        assert Paper.objects.get(pk=standing.pk).state == "ready"


def test_an_offer_is_accepted_with_its_provenance_and_no_other_tenant_reaches_it(scene: Scene, program: Caller) -> None:
    scene.share()
    world = scene.world
    with scope(world.vendor.pk):
        by = Membership.objects.active().get(user=world.vendor_manager).actor
        theirs = paper(by, "Penetration test")
        hand_over.offer(theirs, world.host, by=by)
    (offered,) = program.get("received-papers?state=offered").json()["results"]
    assert (offered["source_id"], offered["title"]) == (str(world.vendor.pk), "Penetration test")
    stranger = Caller(token(world.stranger, world.elsewhere)[1], "elsewhere")
    assert_problem(stranger.post(f"received-papers/{offered['id']}/accept"), 404, "not-found")
    assert_problem(program.get(f"papers/{theirs.pk}"), 404, "not-found")
    copy = program.post(f"received-papers/{offered['id']}/accept").json()
    assert (copy["source_id"], copy["source_paper_id"], copy["state"]) == (
        str(world.vendor.pk),
        str(theirs.pk),
        "ready",
    )
    assert_problem(program.post(f"received-papers/{offered['id']}/decline"), 409, "refused")
