"""What the page of a joint program shows, read once for all its waves."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import Membership
from audit.timeline import Entry, together
from onboarding.deployments.health import health_of_row
from onboarding.deployments.models import PortfolioRow
from onboarding.joint.actions.take_places import may_be_offered
from onboarding.joint.models import JointLesson, JointPlace, JointProgram, JointWave, PlaceStaff
from onboarding.joint.staffing import conflicts
from onboarding.joint.standing import ground_of, places_of
from onboarding.joint.web.forms import StaffForm
from onboarding.joint.web.views.taking_part import ANSWERS
from onboarding.plans.criteria import ACCEPTED, CRITERIA, USUAL, unmet
from onboarding.plans.web.forms import WaveRulesForm
from onboarding.plans.web.views.waves import LOOKS

MOST = 60
"""Deployments that can be ticked at once, soonest go-live first."""


def context(program: JointProgram, org: str, *, today: date) -> dict[str, Any]:
    """Return everything the page names."""
    places = places_of(program.pk)
    gone = list(
        JointPlace.objects.filter(wave__program=program).exclude(answer__in=["offered", "accepted"])
        .select_related("host", "wave").order_by("-answered_at")[:50]
    )  # fmt: skip
    every = [one for ones in places.values() for one in ones]
    rows = {
        one.deployment_id: one
        for one in PortfolioRow.objects.filter(deployment_id__in=[one.deployment_id for one in every])
    }
    staff: dict[UUID, list[PlaceStaff]] = defaultdict(list)
    for given in PlaceStaff.objects.filter(place__wave__program=program).select_related("user").order_by("role", "pk"):
        staff[given.place_id].append(given)
    lessons: dict[UUID, list[JointLesson]] = defaultdict(list)
    for lesson in JointLesson.objects.filter(wave__program=program).order_by("at", "pk"):
        lessons[lesson.wave_id].append(lesson)
    names = people()
    waves, earlier = [], None
    for wave in JointWave.objects.filter(program=program).select_related("program").order_by("number"):
        shown = _wave(wave, places, lessons, earlier, org, today)
        shown["sites"] = [
            _site(one, rows.get(one.deployment_id), staff[one.pk], names, org, today)
            for one in places.get(wave.number, [])
        ]
        waves.append(shown)
        earlier = wave
    return {
        "program": program,
        "waves": waves,
        "offers": list(may_be_offered().order_by("go_live_on", "host_name", "site")[:MOST]),
        "gone": gone,
        "answers": ANSWERS,
        "conflicts": conflicts(program.pk, today=today),
        "history": _history(program, [shown["wave"] for shown in waves], [*every, *gone]),
    }


def _history(program: JointProgram, waves: list[JointWave], places: list[JointPlace]) -> list[Entry]:
    subjects = [program.pk, *(one.pk for one in waves), *(one.pk for one in places)]
    return together(subjects)


def rules_form(wave: JointWave, places: list[JointPlace], data: Any = None) -> WaveRulesForm:
    """Return the form of a wave's rules."""
    initial = {
        "canaries": [str(one.pk) for one in places if one.canary],
        "stable_days": wave.stable_days,
        "criteria": wave.criteria or [*USUAL, ACCEPTED.key],
    }
    return WaveRulesForm(
        data,
        sites=[(str(one.pk), one.called) for one in places],
        criteria=[*CRITERIA.values(), ACCEPTED],
        initial=initial,
        auto_id=f"w{wave.number}-%s",
    )


def people() -> list[tuple[str, str]]:
    """Return the organization's own people by id and name."""
    found = Membership.objects.active().select_related("user").order_by("user__name", "user__email")
    return [(str(one.user_id), one.user.name or one.user.email) for one in found]


def _wave(
    wave: JointWave,
    places: dict[int, list[JointPlace]],
    lessons: dict[UUID, list[JointLesson]],
    earlier: JointWave | None,
    org: str,
    today: date,
) -> dict[str, Any]:
    own = places.get(wave.number, [])
    criteria: list[dict[str, Any]] = []
    if wave.state != wave.State.DONE:
        found = unmet(wave, ground_of(wave, today=today, places=places))
        titles = {one.key: one.title for one in (*CRITERIA.values(), ACCEPTED)}
        criteria = [{"title": titles[key], "open": open_ones} for key, open_ones in found.items()]
    at = {"org": org, "program": wave.program_id}
    addresses = {
        do: reverse("org:joint:run", kwargs={**at, "wave": wave.pk, "do": do})
        for do in ("start", "expand", "resume", "halt")
    }
    for name in ("rules", "learn", "offer"):
        addresses[name] = reverse(f"org:joint:{name}", kwargs={**at, "wave": wave.pk})
    carried = [
        {"lesson": one, "address": reverse("org:joint:take_up", kwargs={**at, "lesson": one.pk})}
        for one in (lessons[earlier.pk] if earlier else [])
    ]
    return {
        "wave": wave,
        "look": LOOKS[wave.state],
        "criteria": criteria,
        "form": rules_form(wave, own),
        "learned": lessons[wave.pk],
        "carried": carried,
        "earlier": earlier,
        "at": addresses,
        "any_canary": any(one.canary for one in own),
    }


def _site(
    place: JointPlace,
    row: PortfolioRow | None,
    staff: list[PlaceStaff],
    names: list[tuple[str, str]],
    org: str,
    today: date,
) -> dict[str, Any]:
    at = {"org": org, "program": place.wave.program_id}
    shown = row and health_of_row(row, today)
    return {
        "place": place,
        "row": row,
        "health": shown or ("waiting", "Not in reach"),
        "address": row
        and reverse("org:deployments:checklist", kwargs={"org": row.host_slug, "deployment": place.deployment_id}),
        "take_back": reverse("org:joint:take_back", kwargs={**at, "place": place.pk}),
        "give": reverse("org:joint:staff", kwargs={**at, "place": place.pk}),
        "staff": [{"one": one, "off": reverse("org:joint:staff_off", kwargs={**at, "staff": one.pk})} for one in staff],
        "form": StaffForm(people=names, auto_id=f"s{place.pk.hex[-12:]}-%s"),
    }
