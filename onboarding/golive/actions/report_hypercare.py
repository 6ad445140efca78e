"""Report the figures of a day in hypercare."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from facts.models import state
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.progress import progressed
from onboarding.golive import audit
from onboarding.golive.facts import HYPERCARE


class UnknownFigure(ValueError):
    """A figure is none of hypercare's, or cannot be read; the message names it."""


@transaction.atomic
def report_hypercare(deployment: Deployment, figures: dict[str, Any], *, by: Actor) -> None:
    """State each figure as a fact and let the gates look; all figures, or none.

    Raises UnknownFigure for a name that is none, a share outside 0 to 1 or a negative number.
    """
    for name, value in figures.items():
        if name not in HYPERCARE:
            raise UnknownFigure(f"{name} is no figure of hypercare: {', '.join(HYPERCARE)}.")
        if value < 0 or (name.endswith(("share", "success")) and value > 1):
            raise UnknownFigure(f"{name}: {value} is out of range.")
    for name, value in figures.items():
        state(HYPERCARE[name], value, subject=deployment)
    record(audit.HYPERCARE_REPORTED, by=by, subject=deployment, figures=sorted(figures))
    progressed(deployment.pk, by)
