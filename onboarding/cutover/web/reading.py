"""What the page of a run shows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from audit.timeline import timeline
from onboarding.cutover.clock import clock, zone_of
from onboarding.cutover.forecast import Outlook, Timed, outlook, whole_minutes
from onboarding.cutover.models import Alarm, LogEntry, Run, Step
from onboarding.cutover.models.alarm import deciders, people
from onboarding.cutover.triggers import Trigger, look
from onboarding.cutover.web.forms import DecideForm, PlanForm, TriggerForm
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.web.frame import frame
from web.formats import MINUS, percent, plural
from web.render import etag

LATEST = 60
STATUS = {
    Step.State.DONE: "done",
    Step.State.RUNNING: "in_progress",
    Step.State.WAITING: "later",
    Step.State.SKIPPED: "not_needed",
}
RUN_STATUS = {
    Run.State.PLANNED: "to_do",
    Run.State.RUNNING: "in_progress",
    Run.State.HELD: "waiting",
    Run.State.ROLLING_BACK: "blocked",
    Run.State.FINISHED: "done",
    Run.State.ROLLED_BACK: "at_risk",
    Run.State.ABANDONED: "not_needed",
}


def chosen(deployment: Deployment, wanted: str) -> Run | None:
    """Return the run asked for, else the one that is on, else the one that is planned, else the newest of all.

    The cut-over stands before a rehearsal that is as far.
    """
    runs = Run.objects.filter(deployment=deployment).select_related(
        "deployment__site", "deployment__tool_version__tool", "deployment__playbook_version"
    )
    try:
        asked = runs.filter(pk=UUID(wanted)).first() if wanted else None
    except ValueError:
        asked = None
    is_open = runs.open().order_by("kind", "-number")
    return asked or is_open.exclude(state=Run.State.PLANNED).first() or is_open.first() or runs.newest().first()


def may_close(request: OrganizationRequest, run: Run, number: int) -> bool:
    """Whether the person may close this step: the host's people any, a partner those whose role they hold."""
    if request.part is None:
        return True
    roles = Step.objects.filter(run=run, number=number, state=Step.State.RUNNING).values_list("owner", "deputy")
    held = _held(request, run)
    return any(held & set(pair) for pair in roles)


def runs_page(
    request: OrganizationRequest, deployment: Deployment, run: Run | None, plan_form: PlanForm | None = None
) -> dict[str, Any]:
    """Return the whole page: the deployment's frame, its runs, and the one looked at."""
    runs = list(Run.objects.filter(deployment=deployment).newest())
    return {
        **frame(request, deployment, "Cut-over"),
        "runs": [{"run": one, "status": RUN_STATUS[Run.State(one.state)], "took": took(one)} for one in runs],
        "run": run,
        "runbook": deployment.playbook_version.content["runbook"],
        "plan_form": plan_form or PlanForm(deployment),
        "may_lead": can(request, Permission.GO_LIVE),
        "kinds_open": {one.kind for one in runs if one.is_open},
        "history": timeline(run.pk) if run and request.part is None else [],
        **(room(request, run) if run else {}),
    }


def room(request: OrganizationRequest, run: Run) -> dict[str, Any]:
    """Return the region that follows the run."""
    now = timezone.now()
    steps = list(Step.objects.of_run(run).select_related("ended_by"))
    ways = {way: outlook(run, [step for step in steps if step.way == way], now) for way in ("a", "b")}
    back = any(step.way == Step.Way.BACK for step in steps)
    running = next((one for way in ways.values() for one in way.steps if one.step.state == Step.State.RUNNING), None)
    triggers = look(run.deployment, now) if run.kind == Run.Kind.LIVE else []
    held = None if request.part is None else _held(request, run)
    zone = zone_of(run.deployment)
    titles = dict(TeamRole.objects.filter(deployment=run.deployment_id).values_list("code", "title"))
    return {
        "run": run,
        "deployment": run.deployment,
        "version": etag((run.pk, run.version, run.minute)),
        "run_status": RUN_STATUS[Run.State(run.state)],
        "ways": [
            (title, _rows(ways[way], now, zone), ways[way])
            for way, title in (("b", "The way back"), ("a", "Runbook"))
            if ways[way].steps
        ],
        "running": running,
        "running_words": _running(running, zone, titles) if running else "",
        "figures": _figures(run, ways["b"] if back else ways["a"], now, running, zone),
        "triggers": [_trigger(one) for one in triggers],
        "alarms": _alarms(request, run, triggers, now, zone),
        "figures_form": TriggerForm(
            initial={one.fact.partition(".")[2]: one.value for one in triggers if one.value is not None}
        ),
        "log": [
            {"who": str(one.author or "System"), "say": one.text if one.author else "", "text": one.text, "at": one.at}
            for one in LogEntry.objects.filter(run=run).select_related("author").order_by("-at", "-id")[:LATEST]
        ],
        "titles": titles,
        "may_lead": can(request, Permission.GO_LIVE),
        "may_work": can(request, Permission.ITEM_WORK),
        "may_mark": running is not None
        and can(request, Permission.ITEM_WORK)
        and (held is None or bool(held & {running.step.owner, running.step.deputy})),
        "to_record": run.kind == Run.Kind.LIVE
        and run.state == Run.State.FINISHED
        and run.deployment.state != Deployment.State.LIVE,
        "said": "",
        "refused": "",
        "conflict": False,
        "again": {},
    }


def _alarms(
    request: OrganizationRequest, run: Run, triggers: list[Trigger], now: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Return what fired in the run: the open ones with who decides and how long that person has, then what was decided."""
    beyond = {one.key: one.since is not None for one in triggers}
    shown = []
    for alarm in sorted(Alarm.objects.of_run(run), key=lambda one: one.state == Alarm.State.DECIDED):
        roles = deciders(run, late=alarm.is_late) if alarm.state == Alarm.State.OPEN else []
        mine = request.part is None and request.user.pk in people(roles)
        shown.append(
            {
                "alarm": alarm,
                "says": _owed(alarm, [role.title for role in roles], now, zone, beyond.get(alarm.trigger, False)),
                "form": DecideForm(prefix=f"alarm-{alarm.pk}") if mine else None,
            }
        )
    return shown


def _owed(alarm: Alarm, roles: list[str], now: datetime, zone: ZoneInfo, beyond: bool) -> str:
    """Say what an alarm asks for, of whom and until when; or what was decided."""
    since = f"Beyond its limit since {clock(alarm.since, zone)}" + ("" if beyond else ", below it again now")
    if alarm.state == Alarm.State.DECIDED:
        took = plural(max(1, round(alarm.took.total_seconds() / 60)), "minute") if alarm.took else ""
        late = ", after the deadline" if alarm.escalated_at else ""
        return f"{alarm.decided_by} decided at {clock(alarm.decided_at, zone)}, within {took}{late}. {alarm.reason}"
    who = " or ".join(roles) or "Nobody holds a role that decides: fill it on the team page"
    if alarm.is_late:
        return f"{since}. Nobody decided by {clock(alarm.decide_by, zone)}; escalated. Decides now: {who}."
    left = max(0, whole_minutes(alarm.decide_by - now)) if alarm.decide_by else 0
    return f"{since}. Decides: {who}, until {clock(alarm.decide_by, zone)}, {plural(left, 'minute')} left."


def took(run: Run) -> str:
    """Return how long a run took, in words; nothing while it goes on."""
    if run.started_at is None or run.ended_at is None:
        return ""
    minutes = round((run.ended_at - run.started_at).total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _held(request: OrganizationRequest, run: Run) -> set[str]:
    team = TeamRole.objects.filter(deployment_id=run.deployment_id).values_list("code", "person_id", "deputy_id")
    return {code for code, *holders in team if request.user.pk in holders}


def _figures(run: Run, way: Outlook, now: datetime, running: Timed | None, zone: ZoneInfo) -> list[dict[str, str]]:
    """Return the facts above the steps."""
    over = sum(one.step.is_over for one in way.steps)
    place = (
        f"step {running.step.number} of {len(way.steps)}" if running else f"{over} of {plural(len(way.steps), 'step')}"
    )
    shown = [
        {"label": "Clinic time", "value": clock(now, zone), "note": place},
        {"label": "Against plan", "value": _signed(way.against_plan), "note": f"float left {way.float_left} min"},
    ]
    if way.no_return_forecast:
        passed = way.no_return_forecast <= now and run.started_at
        note = "passed" if passed else f"planned {clock(way.no_return_planned, zone)}"
        value = clock(way.no_return_forecast, zone)
        shown.append({"label": "Point of no return", "value": value, "note": note, "icon": "s-stop"})
    word = "Forecast finish" if run.is_open else "Finished"
    note = f"planned {clock(way.planned_end, zone)}"
    shown.append({"label": word, "value": clock(way.forecast_end, zone), "note": note})
    return shown


def _rows(way: Outlook, now: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    rows, next_one = [], next((one.step.pk for one in way.steps if one.step.state == Step.State.WAITING), None)
    for one in way.steps:
        step, actual = one.step, "–"
        if step.state == Step.State.RUNNING:
            gone = whole_minutes(now - one.forecast_start)
            actual = f"{clock(step.started_at, zone)} – now {gone} of {step.minutes} min"
        elif step.started_at:
            actual = f"{clock(step.started_at, zone)} – {clock(step.ended_at, zone)}"
        rows.append(
            {
                "step": step,
                "status": STATUS[Step.State(step.state)],
                "word": "Next" if step.pk == next_one else step.get_state_display(),
                "planned": f"{clock(one.planned_start, zone)} – {clock(one.planned_end, zone)}",
                "actual": actual,
                "delta": _signed(one.delta) if one.delta is not None and step.state == Step.State.DONE else "",
                "late": (one.delta or 0) > 0,
                "early": (one.delta or 0) < 0,
                "no_return": _no_return(one, zone),
            }
        )
    return rows


def _no_return(one: Timed, zone: ZoneInfo) -> str:
    if one.step.started_at:
        return f"Point of no return, passed {clock(one.step.started_at, zone)}"
    return f"Point of no return {clock(one.planned_start, zone)}, forecast {clock(one.forecast_start, zone)}"


def _running(running: Timed, zone: ZoneInfo, titles: dict[str, str]) -> str:
    step = running.step
    owner, deputy = titles.get(step.owner, step.owner), titles.get(step.deputy, step.deputy)
    started, until = (
        clock(step.started_at, zone),
        clock(running.forecast_start + timedelta(minutes=step.minutes), zone),
    )
    return f"{owner}, deputy: {deputy} · started {started}, planned until {until} · {step.verification}"


def _signed(minutes: int) -> str:
    return f"{'+' if minutes > 0 else MINUS if minutes < 0 else ''}{abs(minutes)} min"


def _trigger(one: Trigger) -> dict[str, Any]:
    share = one.fact.endswith("share")
    value, limit = one.value or 0, one.limit
    if one.fired:
        status, word = "blocked", "Roll back"
    elif one.value is None:
        status, word = "later", "Not reported"
    elif one.since:
        status, word = "at_risk", percent(value * 100) if share else f"{value:g}"
    else:
        status, word = "met", percent(value * 100) if share else f"{value:g}"
    at = percent(limit * 100) if share else ("the first" if limit == 1 else f"{limit:g}")
    rule = f"Roll back at {at}" if not share else f"Roll back above {at} for {one.for_minutes} min"
    return {
        "title": one.title,
        "status": status,
        "word": word,
        "value": value,
        "limit": limit,
        "top": limit * (2 if share else 4),
        "rule": rule,
    }
