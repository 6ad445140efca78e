"""What looks at a deployment whenever its items or its team change."""

from typing import Any

from audit.actor import Actor
from onboarding.deployments.models.deployment import Deployment

AFTER_PROGRESS: list[Any] = []
"""Called with (deployment_id, by) in the transaction in which items changed: gates register themselves here."""


def progressed(deployment_id: Any, by: Actor) -> None:
    """Roll the deployment up and let the gates look at it."""
    Deployment.refresh(deployment_id)
    for look in AFTER_PROGRESS:
        look(deployment_id, by)


GO_LIVE_GUARDS: list[Any] = []
"""Called with (deployment) before it goes live; each returns why it may not now, or "". Waves (plans) register here."""

AFTER_GATE: list[Any] = []
"""Called with (deployment, gate) in the transaction in which a gate is passed: the plan commits here."""
