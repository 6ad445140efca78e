"""The timeline of a program: a row for each site, by wave, its stages one after the other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from onboarding.deployments.models import Deployment, Item, Program
from onboarding.plans.models import WaveRun
from web.gantt import DONE, MOVING, PLANNED, RISK, STOP, Bar, Diamond, Line, Tie

DAY = timedelta(days=1)


@dataclass(slots=True)
class Stages:
    """What the items of one deployment come to, stage by stage, and its signed gates."""

    stages: list[Any] = field(default_factory=list)
    gates: list[tuple[date, str]] = field(default_factory=list)


def stages_of(ids: Iterable[UUID]) -> dict[UUID, Stages]:
    """Read the stages and gates of several deployments; two statements."""
    found: dict[UUID, Stages] = defaultdict(Stages)
    items = Item.objects.filter(deployment_id__in=list(ids)).exclude(state__in=["not_applicable", "retired"])
    grouped = items.exclude(gate_class="informs").values("deployment_id", "stage").order_by("deployment_id", "stage")
    for one in grouped.annotate(
        first=Min("due_on"),
        last=Max("due_on"),
        open=Count("id", filter=Q(state__in=Item.OPEN)),
        begun=Count("id", filter=~Q(state="todo")),
        blocked=Count("id", filter=Q(state="blocked")),
    ):
        found[one["deployment_id"]].stages.append(one)
    gates = items.filter(completed_by_gate=True).order_by("due_on")
    for pk, due, state in gates.values_list("deployment_id", "due_on", "state"):
        found[pk].gates.append((due, "ok" if state == "accepted" else ""))
    return found


def lines(
    waves: Iterable[tuple[str, list[Deployment]]],
    stages: dict[UUID, Stages],
    titles: dict[int, str],
    org: str,
    today: date,
) -> list[Line]:
    """Return a heading for each wave and a row for each site."""
    rows: list[Line] = []
    for title, deployments in waves:
        sites = f"{len(deployments)} site{'' if len(deployments) == 1 else 's'}"
        rows.append(Line(title, group=True, count=sites))
        rows += [_line(one, stages[one.pk], titles, org, today) for one in deployments]
    return rows


def ties(program: Program, deployments: list[Deployment]) -> list[Tie]:
    """Return what waits for what: a wave for the last site of the one before, and the others of a wave for its canaries.

    As the rules of the waves say, from go-live to go-live; a wave without such rules waits for nobody.
    """
    waves: dict[Any, list[Deployment]] = defaultdict(list)
    for one in sorted(deployments, key=lambda one: (one.wave.number, one.go_live_on)):
        waves[one.wave_id].append(one)
    runs = {run.wave_id: run for run in WaveRun.objects.filter(wave__program=program)}
    found: list[Tie] = []
    before: list[Deployment] = []
    for pk, ones in waves.items():
        run = runs.get(pk)
        canaries = [one for one in ones if run and one.pk in run.canaries]
        followers = [one for one in ones if one not in canaries]
        if run and before and {"wave_before_live", "wave_before_stable"} & {*run.criteria}:
            first = (canaries or ones)[0]
            halted = run.state == WaveRun.State.HALTED
            found.append(Tie(str(before[-1].pk), str(first.pk), halted, ends=True))
        found += [Tie(str(canaries[-1].pk), str(one.pk), ends=True) for one in followers if canaries]
        before = ones
    return found


def _line(one: Deployment, found: Stages, titles: dict[int, str], org: str, today: date) -> Line:
    late = ((one.forecast_p50 or one.go_live_on) - one.baseline_go_live_on).days
    live = one.state == Deployment.State.LIVE
    start = min((stage["first"] for stage in found.stages), default=one.go_live_on)
    return Line(
        one.site.name,
        reverse("org:plans:timeline", kwargs={"org": org, "deployment": one.pk}),
        id=str(one.pk),
        end="live" if live else f"+{late} d" if late > 0 else "on plan",
        late=late > 0 and not live,
        bars=list(_bars(one, found, titles, today)),
        baseline=(start, one.baseline_go_live_on),
        range=None if live else (one.forecast_p50 or one.go_live_on, one.forecast_p80 or one.go_live_on),
        diamonds=[
            Diamond(day, "bad" if not look and day < today else look)
            for day, look in found.gates
            if day <= one.go_live_on
        ],
    )


def _bars(one: Deployment, found: Stages, titles: dict[int, str], today: date) -> Iterable[Bar]:
    """The stages up to go-live, each from where the one before ends."""
    begin: date | None = None
    for stage in found.stages:
        end = min(stage["last"], one.go_live_on)
        start = begin or stage["first"]
        if stage["first"] > one.go_live_on or end < start:
            continue
        done, blocked = not stage["open"], bool(stage["blocked"])
        kind = DONE if done else STOP if blocked else RISK if end < today else MOVING if stage["begun"] else PLANNED
        yield Bar(kind, start, end, label=titles.get(stage["stage"], ""), hatched=kind in (STOP, RISK), check=done)
        begin = end + DAY
