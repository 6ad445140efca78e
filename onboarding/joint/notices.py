"""Who hears of places in waves over organizations: the host when one is offered or lost, the leader when one is answered."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from access.permissions import Role
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from notices.kinds import Description, kind
from notices.models import Reminder
from notices.once import say_once
from onboarding.deployments.notices import managers_of
from onboarding.joint import audit
from onboarding.joint.models import Answer, JointPlace, OwnPlace
from onboarding.plans.models.staged import Staged
from tenancy.models import Organization
from web.language import named

CLERK = Actor.system("joint wave notices")
ANSWERS = {
    "accepted": gettext_noop("%(host)s accepted the place of %(site)s in %(wave)s"),
    "declined": gettext_noop("%(host)s declined the place of %(site)s in %(wave)s"),
    "left": gettext_noop("%(host)s left %(wave)s with %(site)s"),
}


def describe_offers(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe places that still wait for an answer."""
    found = OwnPlace.objects.filter(pk__in=ids, answer=Answer.OFFERED).select_related(
        "leader", "deployment__site", "deployment__tool_version__tool"
    )
    return {
        one.pk: Description(
            named("%(leader)s offers a place in %(wave)s", leader=one.leader.name, wave=one.title),
            str(one.deployment),
            _index(),
        )
        for one in found
    }


def describe_answers(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe how hosts answered; by the event that says so."""
    found = {}
    for event in Event.objects.filter(pk__in=ids, action=audit.PLACE_ANSWERED.name):
        data = event.data
        words = ANSWERS.get(data["answered"])
        place = JointPlace.objects.select_related("wave").filter(pk=event.subject_id).first()
        if words and place:
            path = reverse(
                "org:joint:program", kwargs={"org": Organization.slug_in_scope(), "program": place.wave.program_id}
            )
            title = named(words, host=data["host"], site=data["site"], wave=data["title"])
            found[event.pk] = Description(title, place.note, path)
    return found


def describe_turns(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe places that were taken back, and waves that came to a halt; by the event that says so."""
    events = {one.pk: one for one in Event.objects.filter(pk__in=ids)}
    places = OwnPlace.objects.select_related("leader", "deployment__site", "deployment__tool_version__tool").in_bulk(
        {one.subject_id for one in events.values()}
    )
    found = {}
    for pk, event in events.items():
        place = places.get(event.subject_id)
        if place is None:
            continue
        if event.action == audit.OFFER_ENDED.name:
            title = named("The place in %(wave)s has ended", wave=place.title)
        elif place.standing == Staged.State.HALTED:
            title = named("%(wave)s is halted", wave=place.title)
        else:
            continue
        found[pk] = Description(title, str(place.deployment), _index())
    return found


PLACE_OFFERED = kind("joint.place_offered", "A place in a joint wave is offered", describe=describe_offers)
PLACE_ANSWERED = kind("joint.place_answered", "An answer to a place in a joint wave", describe=describe_answers)
PLACE_TURNED = kind("joint.place_turned", "A joint wave came to a halt, or a place has ended", describe=describe_turns)


def tell(event: Event) -> None:
    """Tell whom an event of a place concerns in the organization in scope. Again is as once."""
    if event.action == audit.PLACE_ANSWERED.name:
        answered = JointPlace.objects.select_related("wave__program__led_by").get(pk=event.subject_id)
        say_once(PLACE_ANSWERED, event, _leaders(answered), gettext_noop("You lead the wave."))
        return
    place = OwnPlace.objects.get(pk=event.subject_id)
    if place.leader_id == place.organization_id:
        return  # whoever leads their own site offers it to nobody
    if event.action == audit.OFFER_RECEIVED.name:
        if place.answer == Answer.OFFERED:
            people, reason = managers_of(place.deployment_id), gettext_noop("It waits for your answer.")
            say_once(PLACE_OFFERED, place, people, reason, deployment_id=place.deployment_id)
    elif event.action == audit.TOLD.name:
        halted = event.data["standing"] == Staged.State.HALTED.label
        if halted and place.answer == Answer.ACCEPTED and place.standing == Staged.State.HALTED:
            _tell_of_turn(event, place)
    else:
        Reminder.cancel([place.pk], by=CLERK, reason="The offer was answered.", kind=PLACE_OFFERED)
        if event.action == audit.OFFER_ENDED.name:
            _tell_of_turn(event, place)


def _tell_of_turn(event: Event, place: OwnPlace) -> None:
    reason = gettext_noop("You run the deployment.")
    say_once(PLACE_TURNED, event, managers_of(place.deployment_id), reason, deployment_id=place.deployment_id)


def _leaders(place: JointPlace) -> list[User]:
    """Return who began the program while they are here, else the organization's managers."""
    members = Membership.objects.active().reaching_all().select_related("user")
    led_by = place.wave.program.led_by_id
    found = [one.user for one in members.filter(user_id=led_by)] if led_by else []
    return found or [one.user for one in members.with_role(Role.IMPLEMENTATION_MANAGER).order_by("user_id")]


def _index() -> str:
    return reverse("org:joint:index", kwargs={"org": Organization.slug_in_scope()})
