"""What crosses while a place is taken: the deployment's figures to the leader, the wave's standing to the hosts.

The leader's program is locked first, then its rows, then the host's. A host never learns at which other site something
failed, only what kind of thing it was.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.joint import audit
from onboarding.joint.models import Answer, JointPlace, JointProgram, JointWave, OwnPlace
from onboarding.joint.standing import ground_of, lessons_of, places_of
from onboarding.plans.criteria import member
from onboarding.plans.halts import reasons_by_kind
from tenancy.models import Share
from tenancy.scope import current, scope

WATCH = Actor.system("joint wave watch")


@transaction.atomic
def carry(deployment_id: UUID) -> None:
    """In the host's scope: tell every leader how a deployment stands; end places whose share was withdrawn. May run again."""
    own = list(OwnPlace.objects.in_force().filter(deployment_id=deployment_id).select_related("leader"))
    if not own:
        return
    deployment = Deployment.objects.select_related("site").get(pk=deployment_id)
    host = current().organization_id
    shared = set(Share.objects.in_force().filter(deployment_id=deployment_id).values_list("partner_id", flat=True))
    figures = figures_of(deployment)
    for place in own:
        if place.leader_id not in shared | {host} or deployment.state == Deployment.State.DISCONTINUED:
            end(place.leader_id, place.source_id, Answer.LEFT, note="The deployment is not shared any more.")
        elif place.answer == Answer.ACCEPTED:
            tell_leader(place, figures)


def figures_of(deployment: Deployment) -> dict[str, Any]:
    """Return what the rules of a wave look at; to be called in the host's scope."""
    one = member(deployment, name=deployment.site.name, canary=False)
    return {
        "site": deployment.site.name,
        "live": one.live,
        "live_on": one.live_on,
        "gates": sorted(one.gates),
        "halts": [list(found) for found in reasons_by_kind([deployment])],
    }


def tell_leader(place: OwnPlace, figures: dict[str, Any]) -> None:
    """Write a deployment's figures into the leader's row, and look at the waves."""
    with scope(place.leader_id):
        theirs = hold(place.source_id)
        for name, value in figures.items():
            setattr(theirs, name, value)
        theirs.save(update_fields=list(figures))
        watch(JointWave.objects.get(pk=theirs.wave_id).program_id)


@transaction.atomic
def watch(program_id: UUID) -> int:
    """In the leader's scope: halt or finish every wave that has a reason to; return how many changed."""
    changed = 0
    going = JointWave.objects.filter(program_id=program_id, state__in=JointWave.GOING)
    for found in going.order_by("number").values_list("pk", flat=True):
        wave = locked(found)
        ground = ground_of(wave, today=timezone.localdate())
        if wave.watch([one for one in ground.own if one.accepted], ground.halted, by=WATCH):
            changed += 1
            if wave.state == wave.State.HALTED:
                wave.say(kinds_up_to(wave))
            tell_hosts(wave)
    return changed


def kinds_up_to(wave: JointWave) -> list[str]:
    """Return what kinds of thing halt a wave, without where."""
    places = JointPlace.objects.taken().filter(wave__program_id=wave.program_id, wave__number__lte=wave.number)
    return [kind for found in places.order_by("pk").values_list("halts", flat=True) for kind, _ in found]


def locked(pk: Any) -> JointWave:
    """Return a wave with its program, both locked: everything about one program happens one after the other."""
    JointProgram.locked(JointWave.objects.values_list("program_id", flat=True).get(pk=pk))
    found = JointWave.objects.select_related("program").select_for_update(no_key=True, of=("self",))
    return found.get(pk=pk)  # type: ignore[no-any-return]


def hold(place_id: Any) -> JointPlace:
    """Return a place with its lock, in the leader's scope; its program is locked first, as everywhere."""
    JointProgram.locked(JointPlace.objects.values_list("wave__program_id", flat=True).get(pk=place_id))
    return JointPlace.locked(place_id)  # type: ignore[no-any-return]


def tell_hosts(wave: JointWave) -> None:
    """Carry a wave's standing to the hosts in it; who was told so already is not told again."""
    told = list(wave.places.in_force().order_by("host_id", "pk"))
    places = places_of(wave.program_id)
    earlier = max((number for number in places if number < wave.number), default=-1)
    lessons = list(lessons_of(wave.program_id, earlier).values_list("text", flat=True))
    for place in told:
        standing = {
            "canary": place.canary,
            "standing": wave.state,
            "why": _why(wave, place),
            "stable_days": wave.stable_days,
            "lessons": lessons,
        }
        with scope(place.host_id):
            own = _copy(wave.organization_id, place.pk)
            if {name: getattr(own, name) for name in standing} == standing:
                continue
            moved = own.standing != wave.state or own.why != standing["why"]
            for name, value in standing.items():
                setattr(own, name, value)
            own.save(update_fields=list(standing))
            if moved:
                _record(audit.TOLD, own, standing=own.get_standing_display())


@transaction.atomic
def end(leader_id: UUID, place_id: UUID, answer: str, *, note: str = "", by: Actor = WATCH) -> bool:
    """End a place on both sides, from either scope; return False where it has ended already."""
    with scope(leader_id):
        theirs = hold(place_id)
        if theirs.answer not in (Answer.OFFERED, Answer.ACCEPTED):
            return False
        theirs.answer, theirs.answered_at, theirs.note, theirs.halts = answer, timezone.now(), note[:500], []
        theirs.save(update_fields=["answer", "answered_at", "note", "halts"])
        program_id = JointWave.objects.get(pk=theirs.wave_id).program_id
        if answer == Answer.LEFT:
            say_answer(theirs)
    with scope(theirs.host_id):
        own = _copy(leader_id, place_id)
        own.answer, own.answered_at = answer, theirs.answered_at
        own.save(update_fields=["answer", "answered_at"])
        if by is WATCH or answer == Answer.WITHDRAWN:
            _record(audit.OFFER_ENDED, own)
    with scope(leader_id):
        watch(program_id)
    return True


def say_answer(place: JointPlace) -> None:
    """In the leader's scope: write down how a host answered; who leads it hears of it. Its own places answer themselves."""
    if place.host_id != place.organization_id:
        answered = place.get_answer_display().lower()
        data = {"host": place.host.name, "site": place.site, "title": place.wave.called}
        record(audit.PLACE_ANSWERED, by=WATCH, subject=place, answered=answered, **data)


def _copy(leader_id: Any, place_id: Any) -> OwnPlace:
    found = OwnPlace.objects.select_related("leader").select_for_update(no_key=True, of=("self",))
    return found.get(leader_id=leader_id, source_id=place_id)  # type: ignore[no-any-return]


def _why(wave: JointWave, place: JointPlace) -> list[str]:
    """Return why a wave is halted as one host may know it: the kind of thing, and what it is at its own site."""
    if wave.state != wave.State.HALTED:
        return []
    return list(dict.fromkeys([*wave.told, *(says for _, says in place.halts)]))


def _record(action: Any, own: OwnPlace, by: Actor = WATCH, **data: Any) -> None:
    record(action, by=by, subject=own, title=own.title, leader=own.leader.name, **data)
