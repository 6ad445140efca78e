"""Run a wave: start it, let all sites follow the canaries, halt it, let it go on."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.models import Deployment
from onboarding.plans.criteria import Ground, every, ground_of, unmet
from onboarding.plans.models.wave_run import WaveRun

WATCH = Actor.system("wave watch")


@transaction.atomic
def start_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Start with the canary sites, or with all where there are none. Raises WaveRefused while a criterion is open."""
    wave_run = _locked(wave_run)
    wave_run.start(every(unmet(wave_run, _ground(wave_run))), canaries=bool(wave_run.canaries), by=by)


@transaction.atomic
def expand_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Let all sites follow. Raises WaveRefused while a canary site is not live for the agreed days, or something halts."""
    wave_run = _locked(wave_run)
    ground = _ground(wave_run)
    wave_run.expand(ground.own, ground.halted, today=ground.today, by=by)


@transaction.atomic
def halt_wave(wave_run: WaveRun, because: list[str], *, by: Actor) -> None:
    """Stop further go-lives of the wave; halted again for the same reasons changes nothing. Raises WaveRefused without one."""
    _locked(wave_run).halt(because, by=by)


@transaction.atomic
def resume_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Let the wave go on where it was. Raises WaveRefused while something still halts it: that is mended first."""
    wave_run = _locked(wave_run)
    wave_run.resume(_ground(wave_run).halted, by=by)


@transaction.atomic
def watch_waves(program_id: UUID) -> int:
    """Halt every started wave of a program that has a reason to, and close those whose sites are all live.

    Returns how many changed; safe to run any number of times.
    """
    changed = 0
    going = WaveRun.objects.filter(wave__program_id=program_id, state__in=WaveRun.GOING)
    for found in going.select_related("wave").order_by("wave__number", "pk"):
        wave_run = _locked(found)
        ground = _ground(wave_run)
        changed += wave_run.watch(ground.own, ground.halted, by=WATCH)
    return changed


def may_go_live(deployment: Deployment) -> str:
    """Return why its wave does not let a deployment go live now; empty where it does, or where there are no rules."""
    wave_run: Any = WaveRun.objects.filter(wave_id=deployment.wave_id).select_related("wave").first()
    if deployment.wave_id is None or wave_run is None:
        return ""
    if held := wave_run.holds(canary=deployment.pk in wave_run.canaries):
        return str(held)
    now = _ground(wave_run).halted
    return f"{wave_run.called} cannot go on: {' '.join(now[:3])}" if now else ""


def _ground(wave_run: WaveRun) -> Ground:
    return ground_of(wave_run.wave, wave_run.canaries, today=timezone.localdate())


def _locked(wave_run: WaveRun) -> WaveRun:
    found = WaveRun.objects.select_related("wave").select_for_update(no_key=True, of=("self",))
    return found.get(pk=wave_run.pk)  # type: ignore[no-any-return]
