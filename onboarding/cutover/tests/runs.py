"""Runs for the tests."""

from datetime import UTC, datetime

from onboarding.cutover.models import Run, Step
from testing.scenes import Scene

FIVE = datetime(2027, 3, 2, 10, tzinfo=UTC)
"""Five in the morning at the scene's site in New York, on its go-live day."""


def planned(scene: Scene, kind: str = "rehearsal") -> Run:
    """A run that has not begun; to be called in the host's scope."""
    return Run.plan(scene.deployment, kind, starts_at=FIVE, by=scene.manager)


def fresh(run: Run) -> Run:
    """The run as it stands."""
    return Run.objects.get(pk=run.pk)


def running(run: Run) -> Step:
    """Its running step."""
    return Step.objects.get(run=run, state=Step.State.RUNNING)


def work_through(run: Run, scene: Scene, up_to: int = 14) -> None:
    """Close the forward steps up to this one."""
    for number in range(1, up_to + 1):
        run.finish_step(number, by=scene.manager)
