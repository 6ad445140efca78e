"""Go-live and rollback: what the signed gates allow, recorded."""

from datetime import datetime

from django.db import transaction

from audit.actor import Actor
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.progress import GO_LIVE_GUARDS
from onboarding.golive.gates import end_pass, recompute, refusal, reopen_row
from onboarding.golive.rules import GO_NO_GO

CUT_OVER = 7
AFTER_CUT_OVER = "G7"


class GoLiveRefused(Exception):
    """The deployment may not go live, or cannot be rolled back; the message says why."""


@transaction.atomic
def go_live(deployment: Deployment, *, by: Actor, at: datetime | None = None) -> None:
    """Record go-live. Twice is once.

    Raises GoLiveRefused unless a signed go/no-go is in force and holds, and nothing else, such as a halted wave, holds it.
    """
    deployment = Deployment.locked(deployment.pk)
    if deployment.state == Deployment.State.LIVE:
        return
    if unsigned := refusal(deployment, GO_NO_GO):
        raise GoLiveRefused(f"{unsigned}: nobody goes live without it.")
    for reason in filter(None, (guard(deployment) for guard in GO_LIVE_GUARDS)):
        raise GoLiveRefused(reason)
    deployment.record_go_live(by=by, at=at)


@transaction.atomic
def roll_back(deployment: Deployment, *, by: Actor, reason: str) -> None:
    """Take the site back to how it worked before. The go/no-go ends with it: the next go-live needs a new meeting.

    Raises GoLiveRefused for a deployment that is not live, ValueError without a reason.
    """
    deployment = Deployment.locked(deployment.pk)
    if deployment.state == Deployment.State.ROLLED_BACK:
        return
    if deployment.state != Deployment.State.LIVE:
        raise GoLiveRefused(
            f"Only a live deployment can be rolled back; this one is {deployment.get_state_display().lower()}."
        )
    deployment.record_rollback(by=by, reason=reason)
    for gate in deployment.playbook_version.gates:
        if gate["key"] in (GO_NO_GO, AFTER_CUT_OVER):
            end_pass(deployment.pk, gate["key"], "the deployment was rolled back", by, gate["title"])
    _reopen_cut_over(deployment, by)
    recompute(deployment.pk, by)


def _reopen_cut_over(deployment: Deployment, by: Actor) -> None:
    reason = "The deployment was rolled back."
    for item in Item.objects.of_deployment(deployment.pk).filter(stage=CUT_OVER, state=Item.State.ACCEPTED):
        item.reopen(by=by, reason=reason)
    reopen_row(deployment.pk, GO_NO_GO, by, reason)
