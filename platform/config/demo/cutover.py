"""Runs of the runbook: rehearsed, done, and once taken back."""

import hashlib
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from audit.actor import Actor
from config.demo.clock import at
from onboarding.cutover.actions.alarms import decide
from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.models import Alarm, Run, Step
from onboarding.deployments.models import Deployment

BEGINS = time(5)
"""When a run begins on the clinic's clock: before it opens."""


def plan(deployment: Deployment, kind: str, day: date, *, by: Actor, planned_on: date) -> Run:
    """Plan a run for that day."""
    starts_at = datetime.combine(day, BEGINS, tzinfo=ZoneInfo(deployment.site.time_zone or "UTC"))
    with at(planned_on, 15):
        return Run.plan(deployment, kind, starts_at=starts_at.astimezone(UTC), by=by)


def carry_out(run: Run, *, by: Actor) -> None:
    """Start it at its hour and close every step, each a little early or late."""
    moment = run.starts_at
    with _then(moment):
        run.start(by=by)
        run.say("Everybody is on the bridge.", by=by)
    _close_steps(run, moment, by)


def take_back(run: Run, hour: int, *, by: Actor, decider: Actor, reason: str) -> None:
    """A crisis alert is lost at that hour (UTC) of its day: the trigger fires, its owner decides, it is rolled back."""
    moment = datetime.combine(run.starts_at.date(), time(hour), tzinfo=UTC)
    with _then(moment):
        report_figures(run, {"crisis_alerts_undelivered": 1}, by=by)
    moment += timedelta(minutes=9)
    with _then(moment):
        decide(Alarm.objects.open().get(run=run), Alarm.Decision.ROLL_BACK, reason=reason, by=decider)
    _close_steps(run, moment, by)


def ask(run: Run, *, by: Actor) -> None:
    """Messages have failed for half an hour in a site's first week: the trigger has just fired, and nobody has decided."""
    now = datetime.now(UTC)
    for minutes, share in ((36, 0.08), (2, 0.07)):
        with _then(now - timedelta(minutes=minutes)):
            report_figures(run, {"message_failure_share": share}, by=by)


def _close_steps(run: Run, moment: datetime, by: Actor) -> None:
    while step := Step.objects.filter(run=run, state=Step.State.RUNNING).first():
        moment += timedelta(minutes=max(2, step.minutes + _jitter(run, step)))
        with _then(moment):
            run.finish_step(step.number, by=by)


def _jitter(run: Run, step: Step) -> int:
    """Return by how many minutes the step is early or late: always the same, from -2 to 3."""
    name = f"{run.deployment.site.name}/{run.kind}/{step.way}{step.number}"
    return hashlib.sha256(name.encode()).digest()[0] % 6 - 2


def _then(moment: datetime) -> AbstractContextManager[None]:
    return at(moment.date(), moment.hour, moment.minute)
