"""What the isolation suite needs to know about decommissions."""

from datetime import timedelta

from django.utils import timezone

from onboarding.decommission.models import Certificate, Decommission, DecommissionStep
from onboarding.deployments.models import Deployment
from onboarding.golive.models.signature import Proof
from onboarding.golive.tests.isolation import PROOF, SIGNED
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, ids, operation, public_link


@builds(order=860)
def decommission(home: Home, lane: Lane) -> None:
    """Begin one on the host's own live deployment, certify the return of data, and close a step."""
    shared, by = home.shared_things, home.actor("approver")
    if "ending_deployment" not in shared:
        deployment = Deployment.objects.get(pk=lane.things["exited_deployment"])
        last_day = timezone.localdate() + timedelta(days=40)
        made = Decommission.begin(
            deployment, cause="funding", reason=f"Grant over {home.closed_token}", last_day=last_day, by=by
        )
        returned = DecommissionStep.objects.get(decommission=made, key="data-returned")
        certificate = Certificate.sign(
            returned, how=f"Counted {home.closed_token}", printed_name=home.people["approver"].name, by=by,
            proof=Proof.given(by, timezone.now()),
        )  # fmt: skip
        contract = DecommissionStep.objects.get(decommission=made, key="contract-ended")
        contract.finish(by=home.actor("implementation_manager"), note="Notice confirmed")
        shared |= {
            "ending_deployment": deployment.pk,
            "certificate": certificate.pk,
            "decommission_code": certificate.code,
        }
    lane.things |= {name: shared[name] for name in ("ending_deployment", "certificate", "decommission_code")}


def at(**fixed: str) -> Filler:
    """The ending deployment, and a step of it."""
    return lambda lane: {"deployment": lane["ending_deployment"], **fixed}


def last_day(lane: dict[str, object]) -> dict[str, object]:
    """What a new decommission is begun with."""
    return {
        "cause": "other",
        "reason": "Nobody uses it",
        "last_day": (timezone.localdate() + timedelta(days=50)).isoformat(),
    }


operation("org:decommission:show", ids("deployment"), body=last_day)
operation("org:decommission:withdraw", at(), get=False, body=lambda lane: {"reason": "It stays"})
operation(
    "org:decommission:complete", at(), get=False, body=lambda lane: {},
    never_succeeds="every step must be done, three of them with a signature of the last five minutes",
)  # fmt: skip
operation("org:decommission:finish", at(key="patients-notified"), get=False, body=lambda lane: {"note": "Eleven told"})
operation("org:decommission:reopen", at(key="contract-ended"), get=False, body=lambda lane: {"reason": "A letter came"})
operation(
    "org:decommission:certify", at(key="access-revoked"), get=False,
    body=lambda lane: {"access-revoked-how": "Tried", "access-revoked-printed_name": lane["signer"]},
)  # fmt: skip
operation("org:decommission:certificate", ids("certificate"))
public_link("verify_decommission", lambda lane: {"org": lane["slug"], "code": lane["decommission_code"]})
api("deployments/<uuid:deployment>/decommission", at(), body=last_day)
api(
    "deployments/<uuid:deployment>/decommission/steps/<slug:key>/finish", at(key="patients-notified"), get=False,
    body=lambda lane: {"note": "Eleven told"},
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/decommission/steps/<slug:key>/reopen", at(key="contract-ended"), get=False,
    body=lambda lane: {"reason": "A letter came"},
)  # fmt: skip
api("deployments/<uuid:deployment>/decommission/withdraw", at(), get=False, body=lambda lane: {"reason": "It stays"})
api(
    "deployments/<uuid:deployment>/decommission/complete", at(), get=False, body=lambda lane: {},
    never_succeeds="every step must be done, three of them with a signature of the last five minutes",
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/decommission/steps/<slug:key>/certify", at(key="access-revoked"), get=False,
    never_succeeds=SIGNED, body=lambda lane: {"how": "Tried", "printed_name": lane["signer"], **PROOF},
)  # fmt: skip
