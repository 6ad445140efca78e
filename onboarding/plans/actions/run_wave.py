"""Run a wave: start it, let all sites follow the canaries, halt it, let it go on."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.plans import audit
from onboarding.plans.criteria import CRITERIA, Ground, ground_of
from onboarding.plans.models.wave_run import WaveRefused, WaveRun

S = WaveRun.State
WATCH = Actor.system("wave watch")


def unmet(wave_run: WaveRun, ground: Ground) -> dict[str, list[str]]:
    """Return what is open of each of the wave's criteria; empty lists where they hold."""
    return {key: CRITERIA[key].open(ground) for key in wave_run.criteria if key in CRITERIA}


@transaction.atomic
def start_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Start with the canary sites, or with all where there are none. Raises WaveRefused while a criterion is open."""
    wave_run = _locked(wave_run)
    if wave_run.state in (S.CANARY, S.EXPANDING):
        return
    open_ones = [says for found in unmet(wave_run, _ground(wave_run)).values() for says in found]
    if open_ones:
        raise WaveRefused(f"{wave_run.wave.title} cannot start yet. {' '.join(open_ones[:3])}")
    wave_run.started_at = timezone.now()
    wave_run.move(S.CANARY if wave_run.canaries else S.EXPANDING, "started_at")
    record(audit.WAVE_STARTED, by=by, subject=wave_run, title=wave_run.wave.title)


@transaction.atomic
def expand_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Let all sites follow. Raises WaveRefused while a canary site is not live for the agreed days, or something halts."""
    wave_run = _locked(wave_run)
    if wave_run.state == S.EXPANDING:
        return
    ground = _ground(wave_run)
    waiting = []
    for one in ground.own:
        days = (ground.today - timezone.localdate(one.went_live_at)).days if one.went_live_at else 0
        if one.pk in wave_run.canaries and one.state != Deployment.State.LIVE:
            waiting.append(f"{one.site.name} is not live.")
        elif one.pk in wave_run.canaries and days < wave_run.stable_days:
            waiting.append(f"{one.site.name} is live for {days} of {wave_run.stable_days} days.")
    if waiting or ground.halted:
        raise WaveRefused(" ".join(["The others follow later.", *(waiting + ground.halted)[:3]]))
    wave_run.move(S.EXPANDING)
    record(audit.WAVE_EXPANDED, by=by, subject=wave_run, title=wave_run.wave.title)


@transaction.atomic
def halt_wave(wave_run: WaveRun, because: list[str], *, by: Actor) -> None:
    """Stop further go-lives of the wave; halted again for the same reasons changes nothing. Raises WaveRefused without one."""
    because = [text.strip()[:300] for text in because if text.strip()]
    if not because:
        raise WaveRefused("Say why the wave is halted.")
    wave_run = _locked(wave_run)
    if wave_run.state == S.HALTED:
        if wave_run.halted_because != because:
            wave_run.halted_because = because
            wave_run.save(update_fields=["halted_because"])
            record(audit.WAVE_HALTED, by=by, subject=wave_run, title=wave_run.wave.title, why=" ".join(because)[:300])
        return
    wave_run.halted_in, wave_run.halted_at, wave_run.halted_because = wave_run.state, timezone.now(), because
    wave_run.move(S.HALTED, "halted_in", "halted_at", "halted_because")
    record(audit.WAVE_HALTED, by=by, subject=wave_run, title=wave_run.wave.title, why=" ".join(because)[:300])


@transaction.atomic
def resume_wave(wave_run: WaveRun, *, by: Actor) -> None:
    """Let the wave go on where it was. Raises WaveRefused while something still halts it: that is mended first."""
    wave_run = _locked(wave_run)
    if wave_run.state != S.HALTED:
        return
    still = _ground(wave_run).halted
    if still:
        raise WaveRefused(f"What halted it is still so. {' '.join(still[:3])}")
    back, wave_run.halted_in, wave_run.halted_because, wave_run.halted_at = wave_run.halted_in, "", [], None
    wave_run.move(back, "halted_in", "halted_because", "halted_at")
    record(audit.WAVE_RESUMED, by=by, subject=wave_run, title=wave_run.wave.title)


@transaction.atomic
def watch_waves(program_id: UUID) -> int:
    """Halt every started wave of a program that has a reason to, and close those whose sites are all live.

    Returns how many changed; safe to run any number of times.
    """
    changed = 0
    going = WaveRun.objects.filter(wave__program_id=program_id, state__in=[S.CANARY, S.EXPANDING, S.HALTED])
    for wave_run in going.select_related("wave").order_by("wave__number", "pk"):
        ground = _ground(wave_run)
        if ground.halted and (wave_run.state != S.HALTED or set(ground.halted) - set(wave_run.halted_because)):
            halt_wave(wave_run, ground.halted, by=WATCH)
            changed += 1
        elif wave_run.state == S.EXPANDING and ground.own and all(one.state == "live" for one in ground.own):
            locked = _locked(wave_run)
            locked.move(S.DONE)
            record(audit.WAVE_DONE, by=WATCH, subject=locked, title=locked.wave.title)
            changed += 1
    return changed


def may_go_live(deployment: Deployment) -> str:
    """Return why its wave does not let a deployment go live now; empty where it does, or where there are no rules."""
    wave_run: Any = WaveRun.objects.filter(wave_id=deployment.wave_id).select_related("wave").first()
    if deployment.wave_id is None or wave_run is None:
        return ""
    title = wave_run.wave.title
    if wave_run.state == S.HALTED:
        return f"{title} is halted: {' '.join(wave_run.halted_because)}"
    if wave_run.state == S.WAITING:
        return f"{title} has not started: its entry criteria come first."
    if wave_run.state == S.CANARY and deployment.pk not in wave_run.canaries:
        return f"{title} is at its canary sites: this site follows when they have been stable."
    now = _ground(wave_run).halted
    return f"{title} cannot go on: {' '.join(now[:3])}" if now else ""


def _ground(wave_run: WaveRun) -> Ground:
    return ground_of(wave_run.wave, today=timezone.localdate())


def _locked(wave_run: WaveRun) -> WaveRun:
    found = WaveRun.objects.select_related("wave").select_for_update(no_key=True, of=("self",))
    return found.get(pk=wave_run.pk)  # type: ignore[no-any-return]
