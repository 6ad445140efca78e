"""Report the figures of a day in hypercare."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from facts.kinds import Kind
from facts.models import state, together
from onboarding.deployments.models import Deployment
from onboarding.hypercare import audit
from onboarding.hypercare.facts import DESK, REPORTED
from onboarding.hypercare.models.terms import desk_is_elsewhere
from onboarding.hypercare.register import state_register


class UnknownFigure(ValueError):
    """A figure is not reported, or cannot be read; the message names it."""


def reported_here(deployment: Deployment) -> dict[str, Kind]:
    """Return the figures that are reported at a deployment: more of them where another system keeps its tickets."""
    return REPORTED | DESK if desk_is_elsewhere(deployment.pk) else dict(REPORTED)


@transaction.atomic
def report_figures(deployment: Deployment, figures: dict[str, Any], *, by: Actor) -> None:
    """State each figure as a fact, compute what follows from it, and let the gates look; all figures, or none.

    Raises UnknownFigure for a name that is not reported here, a share outside 0 to 1 or a negative number.
    """
    known = reported_here(deployment)
    for name, value in figures.items():
        if name not in known:
            raise UnknownFigure(f"{name} is not reported here: {', '.join(known)} are.")
        if value < 0 or (known[name].unit == "share" and value > 1):
            raise UnknownFigure(f"{known[name].says}: {value} is out of range.")
    with together():
        for name, value in figures.items():
            state(known[name], value, subject=deployment)
        record(audit.FIGURES_REPORTED, by=by, subject=deployment, figures=sorted(figures))
        state_register(deployment.pk, by)
