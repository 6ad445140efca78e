"""The way of a deployment into somebody's wave: offered by the leader, accepted or declined by the host, left or taken back.

The leader's program is locked first, then its row, then the host's: all sides meet in this order.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from access.permissions import Part
from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import PortfolioRow
from onboarding.joint import audit
from onboarding.joint.actions.carry import WATCH, end, figures_of, hold, locked, say_answer, tell_hosts, tell_leader
from onboarding.joint.models import Answer, JointPlace, JointWave, OwnPlace
from onboarding.plans.models.staged import WaveRefused
from tenancy.models import Organization
from tenancy.scope import current, scope

LEADS = ("", Part.VENDOR.value, Part.HUB.value)
"""Whose deployments somebody may bring into a wave: its own, or those where it takes this part. A funder looks on."""


def may_be_offered() -> Any:
    """Return the portfolio rows of the deployments in reach that are on their way and in no joint wave yet."""
    inside = JointPlace.objects.in_force().values("deployment_id")
    return PortfolioRow.objects.active().filter(part__in=LEADS).exclude(deployment_id__in=inside)


@transaction.atomic
def offer_places(wave: JointWave, deployment_ids: list[Any], *, by: Actor) -> list[JointPlace]:
    """Offer places in a wave to the hosts of deployments; the leader's own are taken at once.

    Those that have a place in it already are left as they are. Raises WaveRefused for a deployment that is not in reach,
    is on its way no more, or has a place in another wave, and for a wave that is done.
    """
    wave = locked(wave.pk)
    if wave.state == wave.State.DONE:
        raise WaveRefused(f"{wave.title} is done: offer places in the next one.")
    inside = set(wave.places.in_force().values_list("deployment_id", flat=True))
    wanted = {*deployment_ids} - inside
    rows = {one.deployment_id: one for one in may_be_offered().filter(deployment_id__in=wanted).select_related("host")}
    if wanted - rows.keys():
        raise WaveRefused(
            "A deployment is not shared with you as vendor or hub, is not on its way, or has a place in another wave."
        )
    made = [_offer(wave, row, by) for row in sorted(rows.values(), key=lambda one: (one.site, one.pk))]
    tell_hosts(wave)
    return made


@transaction.atomic
def take_back(place: JointPlace, *, by: Actor) -> None:
    """Take a place back, offered or taken; the host's deployment goes live on its own again. Twice is once."""
    if end(place.organization_id, place.pk, Answer.WITHDRAWN, by=by):
        record(
            audit.PLACE_TAKEN_BACK, by=by, subject=place, site=place.site, host=place.host.name, title=place.wave.called
        )


@transaction.atomic
def accept(own: OwnPlace, *, by: Actor) -> None:
    """Take part: the wave's rules hold this go-live from now on, and the leader sees what they look at.

    Raises WaveRefused for an offer that was answered otherwise or taken back.
    """
    own = _both(own)
    if own.answer == Answer.ACCEPTED:
        return
    _refuse_unless_offered(own)
    _answer(own, Answer.ACCEPTED)
    record(audit.OFFER_ACCEPTED, by=by, subject=own, title=own.title, leader=own.leader.name)
    tell_leader(own, figures_of(own.deployment))


@transaction.atomic
def decline(own: OwnPlace, *, by: Actor) -> None:
    """Say no; the leader sees it. Raises WaveRefused for an offer that was answered otherwise or taken back."""
    own = _both(own)
    if own.answer == Answer.DECLINED:
        return
    _refuse_unless_offered(own)
    _answer(own, Answer.DECLINED)
    record(audit.OFFER_DECLINED, by=by, subject=own, title=own.title, leader=own.leader.name)


@transaction.atomic
def leave(own: OwnPlace, reason: str, *, by: Actor) -> None:
    """Take part no longer: nobody but the host decides about its go-live. Raises WaveRefused without a reason."""
    if not reason.strip():
        raise WaveRefused("Say why your organization leaves the wave: its leader reads it.")
    own = _both(own)
    if own.answer == Answer.LEFT:
        return
    if own.answer != Answer.ACCEPTED:
        raise WaveRefused(f"This place was {own.get_answer_display().lower()}: there is nothing to leave.")
    end(own.leader_id, own.source_id, Answer.LEFT, note=reason.strip(), by=by)
    record(audit.OFFER_LEFT, by=by, subject=own, title=own.title, leader=own.leader.name, reason=reason.strip()[:500])


def _offer(wave: JointWave, row: PortfolioRow, by: Actor) -> JointPlace:
    place = JointPlace(wave=wave, host=row.host, deployment_id=row.deployment_id, site=row.site)
    place.save(force_insert=True)
    record(audit.PLACE_OFFERED, by=by, subject=place, site=row.site, host=row.host_name, title=wave.called)
    leader = Organization.objects.get(pk=current().organization_id)
    with scope(row.host_id):
        own = OwnPlace(
            deployment_id=row.deployment_id, leader=leader, source_id=place.pk, title=wave.called,
            stable_days=wave.stable_days, standing=wave.state,
        )  # fmt: skip
        own.save(force_insert=True)
        record(audit.OFFER_RECEIVED, by=WATCH, subject=own, title=own.title, leader=leader.name)
    if row.host_id == leader.pk:
        accept(own, by=by)
    return place


def _both(own: OwnPlace) -> OwnPlace:
    with scope(own.leader_id):
        hold(own.source_id)
    found = OwnPlace.objects.select_related("leader", "deployment__site").select_for_update(no_key=True, of=("self",))
    return found.get(pk=own.pk)  # type: ignore[no-any-return]


def _answer(own: OwnPlace, answer: str) -> None:
    own.answer, own.answered_at = answer, timezone.now()
    own.save(update_fields=["answer", "answered_at"])
    with scope(own.leader_id):
        theirs = hold(own.source_id)
        theirs.answer, theirs.answered_at = answer, own.answered_at
        theirs.save(update_fields=["answer", "answered_at"])
        say_answer(theirs)


def _refuse_unless_offered(own: OwnPlace) -> None:
    if own.answer != Answer.OFFERED:
        raise WaveRefused(f"This offer was {own.get_answer_display().lower()}.")
