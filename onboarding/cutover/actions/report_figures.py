"""Report what the rollback triggers read."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from facts.models import state, together
from onboarding.cutover import audit
from onboarding.cutover.actions.alarms import follow
from onboarding.cutover.facts import CUTOVER
from onboarding.cutover.models import Run, RunRefused


@transaction.atomic
def report_figures(run: Run, figures: dict[str, Any], *, by: Actor) -> None:
    """State each figure as a fact about the deployment; all of them, or none. Shares go from 0 to 1.

    A rehearsal states nothing: its figures would be taken for those of the clinic. Raises RunRefused.
    """
    run = Run.locked(run.pk)
    if run.kind != Run.Kind.LIVE or run.state == Run.State.PLANNED:
        raise RunRefused("Figures are reported in a cut-over that has begun, not in a rehearsal.")
    if not figures:
        raise RunRefused("Report at least one figure.")
    for name, value in figures.items():
        if name not in CUTOVER:
            raise RunRefused(f"{name} is no figure of a cut-over: {', '.join(CUTOVER)}.")
        if value < 0 or (CUTOVER[name].unit == "share" and value > 1):
            raise RunRefused(f"{CUTOVER[name].says}: {value} is out of range.")
    with together():
        for name, value in figures.items():
            state(CUTOVER[name], value, subject=run.deployment)
    record(audit.FIGURES_REPORTED, by=by, subject=run, figures=sorted(figures))
    run.touch()
    follow(run)
