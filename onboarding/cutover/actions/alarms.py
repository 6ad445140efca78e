"""What a rollback trigger starts: a clock, a decision that is owed by its deadline, and, where it lapses, an escalation."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.cutover import audit
from onboarding.cutover.clock import clock, zone_of
from onboarding.cutover.models import Alarm, Run, RunRefused
from onboarding.cutover.models.alarm import deciders, people
from onboarding.cutover.triggers import Trigger, look
from onboarding.deployments.models import TeamRole

BY = Actor.system("rollback triggers")
WATCHED = (Run.State.RUNNING, Run.State.HELD, Run.State.FINISHED)
"""A run that goes back already asks for no decision."""


@transaction.atomic
def follow(run: Run) -> None:
    """Bring the alarms of a cut-over in line with its triggers and the clock; looking again changes nothing."""
    run = Run.locked(run.pk)
    if run.kind != Run.Kind.LIVE or run.state not in WATCHED:
        return
    now = timezone.now()
    newest = {one.trigger: one for one in Alarm.objects.filter(run=run).order_by("since", "pk")}
    for trigger in look(run.deployment, now):
        alarm = newest.get(trigger.key)
        if trigger.since is None:
            if alarm and alarm.state == Alarm.State.COUNTING:
                alarm.due_at = None
                alarm.move(Alarm.State.FELL_BACK, "due_at")
            continue
        if alarm is None or _is_news(trigger, alarm):
            alarm = _begin(run, trigger, now if alarm and alarm.since == trigger.since else trigger.since)
        if alarm.state == Alarm.State.COUNTING and alarm.due_at and alarm.due_at <= now:
            _fire(run, alarm, now)
    for alarm in Alarm.objects.open().filter(run=run, escalated_at=None, decide_by__lte=now):
        _escalate(run, alarm, now)


@transaction.atomic
def decide(alarm: Alarm, decision: str, *, reason: str, by: Actor) -> None:
    """Go on or roll back, with the reason, for the record. The same answer of the same person is no second one.

    Raises RunRefused for whoever does not hold a role that decides, without a reason, and after another's decision.
    """
    run = Run.locked(alarm.run_id)
    alarm = Alarm.locked(alarm.pk)
    if alarm.state == Alarm.State.DECIDED:
        if (alarm.decided_by_id, alarm.decision) == (by.id, decision):
            return
        who = alarm.decided_by or "The system"
        raise RunRefused(
            f"{who} decided at {clock(alarm.decided_at, zone_of(run.deployment))}: {alarm.get_decision_display().lower()}."
        )
    if alarm.state != Alarm.State.OPEN:
        raise RunRefused("This trigger did not fire: there is nothing to decide.")
    if decision not in Alarm.Decision.values:
        raise RunRefused("Choose: go on, or roll back.")
    if not reason.strip():
        raise RunRefused("Say why: it stands in the record.")
    roles = deciders(run, late=alarm.is_late)
    if by.id not in people(roles):
        raise RunRefused(f"{_named(roles)}, and their deputies: your team role is another.")
    if decision == Alarm.Decision.ROLL_BACK:
        run.roll_back(by=by, reason=reason)  # answers every alarm that is open
        return
    alarm.answer(decision, reason.strip(), by.person_id, timezone.now())
    run.note(f"{alarm.title}: go on. {reason.strip()}")
    record(audit.ALARM_DECIDED, by=by, subject=run, alarm=str(alarm.pk), title=alarm.title, decision="go on")
    run.touch()


def _is_news(trigger: Trigger, alarm: Alarm) -> bool:
    """Whether the figure asks for a new decision: beyond its limit again, or one event more than was decided on."""
    if alarm.state in (Alarm.State.COUNTING, Alarm.State.OPEN):
        return False
    if alarm.since < trigger.since if trigger.since else False:
        return True
    counts = not trigger.fact.endswith("share")
    return alarm.state == Alarm.State.DECIDED and counts and (trigger.value or 0) > alarm.value


def _begin(run: Run, trigger: Trigger, since: datetime) -> Alarm:
    alarm = Alarm(
        deployment_id=run.deployment_id,
        run=run,
        trigger=trigger.key,
        title=trigger.title,
        since=since,
        value=trigger.value or 0,
        due_at=since + timedelta(minutes=trigger.for_minutes),
    )
    alarm.save(force_insert=True)
    return alarm


def _fire(run: Run, alarm: Alarm, now: datetime) -> None:
    alarm.fired_at, alarm.decide_by = now, now + timedelta(minutes=run.decide_minutes)
    alarm.due_at = alarm.decide_by
    alarm.move(Alarm.State.OPEN, "fired_at", "decide_by", "due_at")
    until = clock(alarm.decide_by, zone_of(run.deployment))
    run.note(f"Rollback trigger: {alarm.title}. {_named(deciders(run, late=False))} until {until}.")
    record(audit.ALARM_RAISED, by=BY, subject=run, alarm=str(alarm.pk), title=alarm.title, until=until)
    run.touch()


def _escalate(run: Run, alarm: Alarm, now: datetime) -> None:
    alarm.escalated_at, alarm.due_at = now, None
    alarm.save(update_fields=["escalated_at", "due_at"])
    roles = deciders(run, late=True)
    run.note(
        f"No decision on “{alarm.title}” by {clock(alarm.decide_by, zone_of(run.deployment))}: escalated. {_named(roles)} now."
    )
    record(audit.ALARM_ESCALATED, by=BY, subject=run, alarm=str(alarm.pk), title=alarm.title)
    run.touch()


def _named(roles: list[TeamRole]) -> str:
    titles = [role.title for role in roles]
    if not titles:
        return "Nobody holds a role that decides"
    listed = f"{', '.join(titles[:-1])} or {titles[-1]}" if len(titles) > 1 else titles[0]
    return f"{listed} decides"
