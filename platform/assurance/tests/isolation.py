"""What the isolation suite needs to know about scheduled audits."""

from datetime import date, timedelta

from django.core import signing
from django.utils import timezone

from assurance.models import AuditPack, Definition, Finding, Run
from assurance.packs import links, making
from tenancy.ids import uuid7
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation

DAY = date(2027, 1, 4)


@builds(order=880)
def audits(home: Home, lane: Lane) -> None:
    """Schedule audits, begin an access review and one that can be signed, and raise a finding for each verb."""
    shared = home.shared_things
    if "audit" not in shared:
        by, auditor = home.actor("owner"), home.people["auditor"]
        review = Definition.schedule(
            "access_review", title=f"Access {home.closed_token}", owner=auditor, first_on=DAY, by=by
        )
        ended = Definition.schedule("delivery_failures", owner=auditor, first_on=DAY, by=by)
        nowhere = Definition.schedule("adaptation_drift", owner=auditor, first_on=DAY, by=by, sites=[uuid7()])
        run = Run.begin(review, on=DAY, by=by)
        due = timezone.localdate() + timedelta(days=30)
        owner = home.people["implementation_manager"]
        raised = [
            Finding.raise_over(run, f"Found {home.closed_token}", owner=owner, due_on=due, by=by) for _ in range(4)
        ]
        for one in raised[1:3]:
            one.correct("Mended", by=home.actor("implementation_manager"))
        raised[2].retest(by=by, holds=True, says="Looked at")
        own = Finding.raise_over(run, "Own", owner=home.people["owner"], due_on=due, by=by)
        signed = Run.begin(nowhere, on=DAY, by=by)
        signed.sign_off(statement="Nothing was there.", by=by)
        shared |= {
            "audit": review.pk, "ended_audit": ended.pk, "audit_run": run.pk, "signed_run": signed.pk,
            "unsigned_run": Run.begin(nowhere, on=DAY + timedelta(days=1), by=by).pk,
            "finding": raised[0].pk, "corrected_finding": raised[1].pk, "mended_finding": raised[2].pk,
            "handed_finding": raised[3].pk, "audit_owner": auditor.pk, "finding_owner": owner.pk,
            "owners_finding": own.pk, "other_owner": home.people["contributor"].pk,
            "audit_line": run.lines.get(title__contains="Contributor").number,
        }  # fmt: skip
    names = (
        "audit", "ended_audit", "audit_run", "signed_run", "unsigned_run", "finding", "corrected_finding", "mended_finding",
        "handed_finding", "owners_finding", "audit_owner", "finding_owner", "other_owner", "audit_line",
    )  # fmt: skip
    lane.things |= {name: shared[name] for name in names}


def definition(lane: object) -> dict[str, str]:
    """The form of an audit."""
    return {
        "title": "Access", "must_hold": "Needed", "rhythm": "quarterly", "next_on": "2027-04-05", "finish_in": "10",
        "owner": str(lane["audit_owner"]),  # type: ignore[index]
    }  # fmt: skip


def of_run(lane: object) -> dict[str, object]:
    """The run that waits for decisions."""
    return {"run": lane["audit_run"]}  # type: ignore[index]


operation("org:assurance:index")
operation(
    "org:assurance:new", query=lambda lane: {"check": "access_review"},
    body=lambda lane: {**definition(lane), "check": "access_review"},
)  # fmt: skip
operation("org:assurance:definition", lambda lane: {"definition": lane["audit"]})
operation("org:assurance:change", lambda lane: {"definition": lane["audit"]}, body=definition)
operation("org:assurance:begin", lambda lane: {"definition": lane["audit"]}, get=False, body=lambda lane: {})
operation(
    "org:assurance:retire", lambda lane: {"definition": lane["ended_audit"]}, get=False,
    body=lambda lane: {"reason": "Done elsewhere"},
)  # fmt: skip
operation("org:assurance:run", of_run)
operation("org:assurance:record", lambda lane: {"run": lane["signed_run"]})
operation(
    "org:assurance:decide", lambda lane: {"run": lane["audit_run"], "number": lane["audit_line"]}, get=False,
    body=lambda lane: {"decision": "keep", "reason": "Needed"},
)  # fmt: skip
operation(
    "org:assurance:raise", of_run, get=False,
    body=lambda lane: {"finding-text": "Bad", "finding-owner": str(lane["finding_owner"]), "finding-due_on": "2030-01-07"},
)  # fmt: skip
operation(
    "org:assurance:sign", lambda lane: {"run": lane["unsigned_run"]}, get=False,
    body=lambda lane: {"sign-statement": "Nothing was there"},
)  # fmt: skip
operation("org:assurance:findings", query=lambda lane: {"show": "all"})
operation("org:assurance:finding", ids("finding"))
operation("org:assurance:correct", ids("finding"), get=False, body=lambda lane: {"what": "Mended"})
operation(
    "org:assurance:retest", lambda lane: {"finding": lane["corrected_finding"]}, get=False,
    body=lambda lane: {"holds": "yes", "says": "Looked at"},
)  # fmt: skip
operation(
    "org:assurance:close", lambda lane: {"finding": lane["mended_finding"]}, get=False,
    body=lambda lane: {"statement": "Seen"},
)  # fmt: skip
operation(
    "org:assurance:hand_over", lambda lane: {"finding": lane["handed_finding"]}, get=False,
    body=lambda lane: {"owner": str(lane["other_owner"]), "due_on": "2030-01-07", "reason": "Away"},
)  # fmt: skip


@builds(order=890)
def audit_packs(home: Home, lane: Lane) -> None:
    """Make one pack whose file lies where it is served from, and one that was given up."""
    shared = home.shared_things
    if "audit_pack" not in shared:
        by, today = home.actor("owner"), timezone.localdate()
        ready, failed = (AuditPack.ask(since=today - timedelta(days=days), until=today, by=by) for days in (30, 60))
        path = making.zip_of(home.organization.pk, ready.pk)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(home.closed_token.encode())
        claimed = AuditPack.claim(ready.pk)
        assert claimed is not None
        claimed.finish(size=1, sha256="a" * 64, manifest_sha256="b" * 64, by=making.BY)
        AuditPack.objects.filter(pk=failed.pk).update(state="failed", next_at=None)
        ready.refresh_from_db()
        shared |= {
            "audit_pack": ready.pk, "failed_pack": failed.pk,
            "pack_key": ready.key, "pack_owner": by.person_id, "pack_home": home.organization.pk,
        }  # fmt: skip
    lane.things |= {name: shared[name] for name in ("audit_pack", "failed_pack", "pack_key", "pack_owner", "pack_home")}


def token(lane: Values) -> str:
    """The owner's link to the pack, signed anew: of a pack that is nobody's it is one to nothing."""
    bound = [lane["pack_home"], lane["audit_pack"], lane["pack_key"], lane["pack_owner"]]
    return signing.dumps([str(one) for one in bound], salt=links.SALT, compress=False)


operation(
    "org:assurance:packs", query=lambda lane: {"deployment": str(lane["deployment"])},
    body=lambda lane: {"deployment": str(lane["deployment"]), "since": "2026-01-01", "until": "2026-12-31"},
)  # fmt: skip
operation("org:assurance:pack", lambda lane: {"pack": lane["audit_pack"]})
operation("org:assurance:pack_retry", lambda lane: {"pack": lane["failed_pack"]}, get=False, body=lambda lane: {})
operation("org:assurance:pack_file", lambda lane: {"token": token(lane)})


def pk(name: str) -> Filler:
    """The address of a thing that the API calls `pk`."""
    return lambda lane: {"pk": lane[name]}


api(
    "audits",
    body=lambda lane: {
        "check_name": "access_review", "first_on": "2030-01-07", "owner_id": str(lane["audit_owner"]), "rhythm": "yearly",
    },
)  # fmt: skip
api("audits/<uuid:pk>", pk("audit"))
api("audit-runs")
api("audit-runs/<uuid:pk>", pk("audit_run"))
api("audit-findings")
api("audit-findings/<uuid:pk>", pk("finding"))
api("audit-findings/<uuid:pk>/correct", pk("owners_finding"), get=False, body=lambda lane: {"what": "Mended"})
api(
    "audit-findings/<uuid:pk>/retest", pk("corrected_finding"), get=False,
    body=lambda lane: {"holds": True, "says": "Looked at"},
)  # fmt: skip
api("audit-findings/<uuid:pk>/close", pk("mended_finding"), get=False, body=lambda lane: {"statement": "Seen"})
api(
    "audit-findings/<uuid:pk>/hand-over", pk("handed_finding"), get=False,
    body=lambda lane: {"owner_id": str(lane["other_owner"]), "due_on": "2030-01-07", "reason": "Away"},
)  # fmt: skip
api("audit-packs", body=lambda lane: {"since": "2026-01-01", "until": "2026-12-31"})
api("audit-packs/<uuid:pk>", pk("audit_pack"))
