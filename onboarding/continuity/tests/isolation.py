"""What the isolation suite needs to know about continuity."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from onboarding.continuity.models import ChampionHandOver, FundingSource
from onboarding.continuity.models.hand_over import STEPS
from onboarding.deployments.models import Deployment, TeamRole
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, ids, operation


@builds(order=840)
def champions_and_money(home: Home, lane: Lane) -> None:
    """A hand-over that is ready to be finished, and a source of money."""
    shared, by = home.shared_things, home.actor("implementation_manager")
    if "handing_over" not in shared:
        deployment = Deployment.objects.get(pk=lane.things["exited_deployment"])
        TeamRole.objects.get(deployment=deployment, code="CHM").fill(home.people["contributor"], by=by)
        made = ChampionHandOver.begin(deployment, last_day=timezone.localdate() + timedelta(days=9), by=by)
        for step in STEPS:
            made.tick(step, by=by)
        FundingSource.note(
            deployment.program, title=f"Grant {home.closed_token}", kind="grant", left=Decimal(9000),
            begins_on=timezone.localdate(), ends_on=None, by=by,
        )  # fmt: skip
        shared |= {"handing_over": deployment.pk, "successor": home.people["approver"].pk}
    lane.things |= {name: shared[name] for name in ("handing_over", "successor")}


def at(**fixed: str) -> Filler:
    """The deployment whose champion leaves."""
    return lambda lane: {"deployment": lane["handing_over"], **fixed}


SOURCE = {"title": "Budget", "kind": "budget", "left": "1000", "begins_on": "2026-01-01"}
operation("org:continuity:show", ids("deployment"))
operation(
    "org:continuity:begin", at(), get=False,
    body=lambda lane: {"last_day": (timezone.localdate() + timedelta(days=20)).isoformat()},
)  # fmt: skip
operation("org:continuity:tick", at(step="team-told"), get=False, body=lambda lane: {})
operation("org:continuity:finish", at(), get=False, body=lambda lane: {"successor": str(lane["successor"])})
operation("org:continuity:withdraw", at(), get=False, body=lambda lane: {})
operation("org:continuity:source", ids("deployment"), get=False, body=lambda lane: dict(SOURCE))
operation("org:continuity:cost", ids("deployment"), get=False, body=lambda lane: {"amount": "400"})
api("deployments/<uuid:deployment>/continuity", at())
api(
    "deployments/<uuid:deployment>/continuity/hand-over", at(), get=False,
    body=lambda lane: {"last_day": (timezone.localdate() + timedelta(days=20)).isoformat()},
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/continuity/hand-over/steps/<slug:step>",
    at(step="team-told"),
    get=False,
    body=lambda lane: {},
)
api(
    "deployments/<uuid:deployment>/continuity/hand-over/finish", at(), get=False,
    body=lambda lane: {"person_id": str(lane["successor"])},
)  # fmt: skip
api("deployments/<uuid:deployment>/continuity/hand-over/withdraw", at(), get=False, body=lambda lane: {})
api("deployments/<uuid:deployment>/funding", ids("deployment"))
api("deployments/<uuid:deployment>/funding/sources", ids("deployment"), get=False, body=lambda lane: dict(SOURCE))
api("deployments/<uuid:deployment>/funding/cost", ids("deployment"), get=False, body=lambda lane: {"amount": "400"})
