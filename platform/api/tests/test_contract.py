"""The OpenAPI document is current, and every operation in it answers as it says."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from access.permissions import Permission
from accounts.models import User
from api.management.commands.openapi import text
from api.schema import document
from api.tests.callers import Caller, assert_problem, caller
from assurance.models import AuditPack, Finding
from assurance.tests.audits import begun
from audit.models import Event
from facts.models import Fact
from notices.models import Reminder, Wanted
from notices.tests.subjects import ITEM
from onboarding.adaptations.tests.crossing import add
from onboarding.cutover.tests.runs import planned
from onboarding.deployments.models import Item, ItemDependency
from onboarding.golive.tests.readiness import fill_team, meeting
from onboarding.joint.tests.scene import of_ones_own
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import PlaybookDraft
from onboarding.rosters.models import VulnerabilityIndex
from onboarding.upgrades.models import Upgrade
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.vault.tests.shelf import paper
from onboarding.windows.chains import ACCESS
from onboarding.windows.models import Series
from tenancy.models import TenantModel
from tenancy.scope import scope
from testing.scenes import Scene
from testing.settling import settle
from training.courses.document import CONTENT, load_course
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import AccessList, Completion, LiveSession
from training.learning.tests.classroom import arrange

NOWHERE = "00000000-0000-7000-8000-000000000000"
BODIES = {
    "site.create": {"name": "Elm Street", "region": "VT"},
    "site.edit": {"staff_count": 3},
    "site.close": {"on": "2026-01-05", "reason": "The lease ended"},
    "site.choose_county": {"county_fips": "36047"},
    "site.set_time_zone": {"time_zone": "America/New_York"},
    "item.block": {"reason": "No interface engine"},
    "item.reopen": {"reason": "Again"},
    "comment.create": {"body": "Done soon"},
    "plan.move_go_live": {"go_live_on": "2027-03-16", "reason": "Later"},
    "paper.submit": {"title": "Report", "name": "report.txt", "content": "U2VlbiBhbmQga2VwdC4="},
    "paper.renew": {"question": "Is it encrypted?", "words": "At rest and under way."},
    "paper.flag": {"reason": "The date is missing"},
    "paper.revoke": {"reason": "It holds no more"},
    "ticket.create": {"kind": "defect", "severity": 3, "title": "Slow at noon"},
    "ticket.move": {"state": "working"},
    "plan.move_kick_off": {"kick_off_on": "2026-04-15", "reason": "Later"},
    "plan.move_item": {"due_on": "2027-01-12", "reason": "Later"},
    "continuity.begin": {"last_day": "2099-01-31"},
    "decommission.begin": {"cause": "funding", "reason": "The grant is over", "last_day": "2099-01-31"},
    "decommission.withdraw": {"reason": "It stays"},
    "funding.note": {"title": "Grant", "kind": "grant", "left": "9000.00", "begins_on": "2026-01-01"},
    "funding.cost": {"amount": "1200.00"},
    "review.withdraw": {"reason": "Another day"},
    "run.plan": {"kind": "rehearsal", "starts_at": "2027-03-01T10:00:00Z"},
    "run.finish_step": {"note": "Seen"},
    "liveSession.create": {
        "course": "crisis-responder-drill",
        "counts_for": "observation",
        "starts_at": (timezone.now() + timedelta(days=90)).isoformat(),
        "minutes": 60,
        "place": "Room 2",
        "capacity": 8,
        "trainer": "owner@host.example",
    },
    "liveSession.change": {"minutes": 45, "later": True},
    "liveSession.cancel": {"because": "Snow"},
    "auditFinding.correct": {"what": "Mended"},
    "auditPack.ask": {"since": "2026-01-01", "until": "2026-12-31"},
    "run.hold": {"reason": "The bridge is down"},
    "run.say": {"text": "All here"},
    "run.roll_back": {"reason": "A drill"},
    "reminderPolicy.change": {"ladder": [-7, 0], "channels": {"champion.leaves": ["mail", "in_app"]}},
    "reminderPolicy.try_out": {"digest_at": "07:30:00"},
    "jointProgram.begin": {"title": "Together"},
    "jointWave.rules": {"stable_days": 7, "criteria": ["accepted"]},
    "jointWave.halt": {"reason": "The trainer is ill"},
    "jointOffer.leave": {"reason": "On our own"},
}
VERBS = [
    "item.start", "item.block", "item.unblock", "item.complete", "item.reopen",
    "paper.unready", "paper.ready", "paper.approve", "paper.renew", "paper.flag", "paper.revoke",
    "adaptation.offer", "adaptation.decline",
    "run.plan", "run.start", "run.finish_step", "run.hold", "run.resume", "run.say", "run.roll_back",
    "jointProgram.add_wave", "jointWave.offer", "jointWave.rules", "jointWave.start", "jointWave.expand", "jointWave.halt", "jointWave.resume",
    "jointOffer.accept", "jointOffer.leave", "jointPlace.take_back",
    "continuity.withdraw", "review.withdraw", "decommission.begin", "decommission.withdraw", "liveSession.cancel",
    "window.meet", "window.correct", "window.take_back",
]  # fmt: skip
ELSEWHERE = {
    "hypercare.report", "hypercare.extend",
    "auditFinding.retest", "auditFinding.close",
    "siteReview.retrieve", "siteReview.hold", "decommission.show", "decommission.finish", "decommission.reopen",
    "continuity.tick", "liveSession.attend", "continuity.finish", "decommission.complete", "decommission.certify",
    "hypercare.approve", "hypercare.refuse", "review.vote", "review.decide", "review.countersign", "siteReview.decide",
    "run.abandon", "run.decide", "run.report", "run.skip_step",
    "adaptation.propose", "adaptation.take", "proposal.take", "proposal.decline", "receivedPaper.accept",
    "receivedPaper.decline", "statement.retrieve", "jointOffer.decline", "goLiveMove.move",
}  # fmt: skip
"""Answered only where something came first that this scene has not; tested beside their verbs."""
MADE: dict[str, type[TenantModel]] = {
    "upgrades": Upgrade,
    "access-lists": AccessList,
    "audit-packs": AuditPack,
    "completions": Completion,
    "live-sessions": LiveSession,
}
"""What an operation that comes before makes, by the address it is read at."""
QUERIES = {
    "plan.preview_item": "?due_on=2027-01-12",
    "plan.preview_kick_off": "?kick_off_on=2026-04-15",
    "plan.preview_move": "?go_live_on=2027-03-16",
}


def begin_windows(scene: Scene, title: str) -> Series:
    said = {
        "title": title,
        "starts_on": timezone.localdate() - timedelta(days=1),
        "keeper": scene.world.manager,
        "by": scene.manager,
    }
    return Series.begin(ACCESS, **said)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, address, operation)
        for address, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def in_turn(found: tuple[str, str, dict[str, Any]]) -> int:
    """What blocks an item comes before what completes it."""
    name = found[2]["operationId"]
    return VERBS.index(name) if name in VERBS else -1


def check(schema: dict[str, Any], value: Any) -> None:
    """Raise unless the value is what the document's schema says."""
    whole = json.loads(json.dumps(document()))
    registry: Registry[Any] = Registry().with_resource("urn:openapi", Resource(whole, DRAFT202012))
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:openapi#/'))
    Draft202012Validator(absolute, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        value
    )


def check_answers(
    program: Caller, method: str, path: str, lost: str, operation: dict[str, Any], body: Any, query: str
) -> None:
    """Raise unless the answer, the refusal of a stranger and that of a lost address are what the document says."""
    name = operation["operationId"]
    problem = operation["responses"]["401"]["content"]["application/problem+json"]["schema"]
    answer = program.get(path + query) if method == "get" else program.post(path, body, Idempotency_Key=name)
    assert answer.status_code in {200, 201}, answer.content
    said = operation["responses"][str(answer.status_code)]
    check(said["content"]["application/json"]["schema"], answer.json())
    anonymous = getattr(Client(), method)(program.base + path)
    check(problem, assert_problem(anonymous, 401, "not-signed-in"))
    if lost != path:
        reply = program.get(lost + query) if method == "get" else program.post(lost, body)
        check(problem, assert_problem(reply, 404, "not-found"))


def test_the_committed_document_is_current_and_valid() -> None:
    assert (Path(settings.BASE_DIR) / "docs" / "openapi.json").read_text() == text()


def test_every_operation_names_its_permission_and_every_permission_is_one() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids)) > 25
    for _, _, operation in operations():
        named = operation["description"].rpartition("Needs `")[2].partition("`")[0]
        assert Permission(named)
        assert operation["summary"].endswith(".") is True


@pytest.mark.django_db(transaction=True)
def test_every_operation_answers_as_the_document_says(scene: Scene, starter: PlaybookDocument) -> None:
    program = caller(scene.world, scene.world.owner)
    classroom = arrange(scene.world, load_course(CONTENT / "prescriber-risk-protocol"))
    settle()
    VulnerabilityIndex.objects.create(fips="36047", state="NY", county="Kings County", percentile="0.9")
    with scope(scene.world.host.pk):
        adopt_course(load_course(CONTENT / "crisis-responder-drill"), by=scene.manager, source="library")
        item = Item.objects.filter(deployment=scene.deployment, state="todo", completed_by_gate=False)
        item = item.exclude(pk__in=ItemDependency.objects.values("item_id"))[0]
        Item.objects.filter(pk=item.pk).update(evidence_wanted=[])
        compute_forecast(scene.deployment.pk)
        fill_team(scene)
        version = scene.deployment.playbook_version
        pks = {
            "sites": scene.site.pk,
            "playbooks": version.playbook_id,
            "versions": version.pk,
            "programs": scene.program.pk,
            "events": Event.objects.all()[0].pk,
            "facts": getattr(Fact.objects.first(), "pk", None),
            "assignments": classroom.assignment.pk,
            "cut-over-runs": planned(scene).pk,
            "gate-reviews": meeting(scene).pk,
        }
        whole = {**version.plain(), "version": "9.9"}
        pks["playbook-drafts"] = PlaybookDraft.begin(whole, by=scene.manager, made_from="a test", base=version).pk
        audit = begun(scene.world, rhythm="yearly")
        due = timezone.localdate() + timedelta(days=20)
        found = Finding.raise_over(audit, "Found", owner=scene.world.owner, due_on=due, by=scene.manager)
        pks |= {"audits": audit.definition_id, "audit-runs": audit.pk, "audit-findings": found.pk}
        pks["papers"] = paper(scene.manager, approved=False).pk
        pks |= of_ones_own(scene)
        pks["adaptations"] = add(scene.deployment, scene.manager).pk
        chain = [begin_windows(scene, title) for title in ("Ended", "Handed in")]
        pks |= {"window-series": chain[0].pk, "windows": chain[1].windows.get(key="baseline").pk}
        newer = publish(later(starter, risk_register={"title": "Risks, owned and dated"}), by=scene.manager)
        due = Wanted(scene.world.owner, ITEM, "tenancy.site", scene.site.pk, "0", timezone.localdate(), "You own it.")
        Reminder.schedule([due])
        pks["messages"] = Reminder.objects.get(subject_id=scene.site.pk, channel="mail").pk
    queries = {
        **QUERIES,
        "programUpgrade.preview": f"?to={newer.pk}",
        "goLiveMove.preview": f"?deployments={scene.deployment.pk}&days=14",
    }
    bodies = {
        **BODIES,
        "jointWave.offer": {"deployments": [str(scene.deployment.pk)]},
        "playbookDraft.begin": {"playbook_version": str(version.pk)},
        "playbookDraft.replace": {"document": json.loads(json.dumps(whole, default=str))},
        "programUpgrade.move": {"to": str(newer.pk), "deployments": [str(scene.deployment.pk)], "undecided": "ours"},
    }
    yesterday = timezone.localdate() - timedelta(days=1)
    at_the_site = timezone.localdate(timezone=ZoneInfo("America/New_York"))
    bodies |= {
        "review.condition": {
            "title": "Print the poster", "owner": "OPS", "workaround": "By hand",
            "expires_on": (timezone.localdate() + timedelta(days=5)).isoformat(),
        },
        "series.create": {
            "chain": "cms159", "title": "March", "starts_on": "2026-03-31", "keeper": str(scene.world.manager.pk),
        },
        "audit.schedule": {
            "check_name": "access_review", "first_on": "2030-01-07", "owner_id": str(scene.world.auditor.pk),
        },
        "auditFinding.hand_over": {
            "owner_id": str(scene.world.owner.pk), "due_on": "2099-01-05", "reason": "It takes longer",
        },
        "series.end": {"reason": "The contract ended"},
        "series.count_from": {"starts_on": (yesterday - timedelta(days=1)).isoformat(), "reason": "Aligned a day earlier"},
        "window.meet": {"on": at_the_site.isoformat()},
        "window.correct": {"on": at_the_site.isoformat(), "reason": "The receipt says so"},
        "window.take_back": {"reason": "It was refused"},
        "accessList.create": {
            "deployment_id": str(classroom.rollout.pk), "source": "Entra", "emails": ["prescriber@host.example"],
        },
        "completion.create": {"source": "Cornerstone", "completions": [{
            "id": "7", "email": "prescriber@host.example", "course": classroom.version.course.key,
            "completed_on": yesterday.isoformat(),
        }]},
    }  # fmt: skip
    empty: set[str] = set()
    failures: list[str] = []
    for method, address, operation in sorted(operations(), key=in_turn):
        name = operation["operationId"]
        group = address.partition("/{id}")[0].rsplit("/", 1)[-1]
        if group in MADE:
            with scope(scene.world.host.pk):
                pks[group] = getattr(MADE[group].objects.first(), "pk", None)
        if name in ELSEWHERE or ("{id}" in address and pks.get(group) is None):
            empty.add(name)
            continue
        path = address.lstrip("/").format(
            id=pks.get(group),
            program=scene.program.pk,
            playbook=version.playbook_id,
            version=version.pk,
            deployment=scene.deployment.pk,
            item=item.pk,
            gate="G6",
            number=1,
        )
        lost = path
        for known in (scene.deployment.pk, pks.get(group), version.playbook_id, scene.program.pk):
            lost = lost.replace(str(known), NOWHERE)
        assert (lost == path) is ("{" not in address), name
        try:
            check_answers(program, method, path, lost, operation, bodies.get(name, {}), queries.get(name, ""))
        except (AssertionError, KeyError, ValidationError) as failure:
            failures.append(f"{name}: {type(failure).__name__}: {str(failure)[:600]}")
    assert not failures, "\n\n".join(failures)
    assert empty == ELSEWHERE


def test_the_reference_page_shows_every_operation(scene: Scene, client_of: Callable[[User], Client]) -> None:
    client = client_of(scene.world.owner)
    page = client.get("/o/host/api/v1/docs/")
    assert page.status_code == 200
    words = page.content.decode()
    for _, address, operation in operations():
        assert f'id="{operation["operationId"]}"' in words
        assert address in words
    assert "style=" not in words
    assert client.get("/o/host/api/v1/openapi.json").json() == json.loads(text())
    assert client_of(scene.world.stranger).get("/o/host/api/v1/docs/").status_code == 404
    assert Client().get("/o/host/api/v1/docs/").status_code == 302
