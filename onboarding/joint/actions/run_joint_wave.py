"""Run a wave over several organizations: every verb looks at the leader's rows, and tells the hosts where the wave stands."""

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.models import Deployment
from onboarding.joint.actions.carry import locked, tell_hosts
from onboarding.joint.models import JointWave, OwnPlace
from onboarding.joint.standing import ground_of
from onboarding.plans.criteria import every, unmet
from onboarding.plans.models.staged import WaveRefused


@transaction.atomic
def start(wave: JointWave, *, by: Actor) -> None:
    """Start with the canary sites, or with all. Raises WaveRefused while a criterion is open, or nobody takes part."""
    wave = locked(wave.pk)
    ground = ground_of(wave, today=timezone.localdate())
    taking_part = [one for one in ground.own if one.accepted]
    if not taking_part:
        raise WaveRefused(f"{wave.title} has nobody who has accepted a place yet.")
    if wave.start(every(unmet(wave, ground)), canaries=any(one.canary for one in taking_part), by=by):
        tell_hosts(wave)


@transaction.atomic
def expand(wave: JointWave, *, by: Actor) -> None:
    """Let all sites follow. Raises WaveRefused while a canary site is not live for the agreed days, or something halts."""
    wave = locked(wave.pk)
    ground = ground_of(wave, today=timezone.localdate())
    if wave.expand([one for one in ground.own if one.accepted], ground.halted, today=ground.today, by=by):
        tell_hosts(wave)


@transaction.atomic
def halt(wave: JointWave, because: str, *, by: Actor) -> None:
    """Stop further go-lives; every host reads the reason. Raises WaveRefused without one."""
    wave = locked(wave.pk)
    if wave.halt([because], by=by):
        wave.say([because.strip()])
        tell_hosts(wave)


@transaction.atomic
def resume(wave: JointWave, *, by: Actor) -> None:
    """Let the wave go on where it was. Raises WaveRefused while something still halts it."""
    wave = locked(wave.pk)
    if wave.resume(ground_of(wave, today=timezone.localdate()).halted, by=by):
        wave.say([])
        tell_hosts(wave)


def may_go_live(deployment: Deployment) -> str:
    """Return why a joint wave does not let a deployment go live now; empty where none holds it. In the host's scope."""
    for place in OwnPlace.objects.taken().filter(deployment_id=deployment.pk).select_related("leader").order_by("pk"):
        if place.holds:
            return str(place.holds)
    return ""
