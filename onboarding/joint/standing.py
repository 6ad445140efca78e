"""A joint wave's ground: what the criteria look at, from the leader's own rows alone."""

from datetime import date
from typing import Any

from onboarding.joint.models import JointLesson, JointPlace, JointWave
from onboarding.plans.criteria import Ground
from onboarding.plans.models.staged import Member


def places_of(program_id: Any) -> dict[int, list[JointPlace]]:
    """Return the places in force of a program, by the number of their wave; one statement."""
    by_wave: dict[int, list[JointPlace]] = {}
    found = JointPlace.objects.in_force().filter(wave__program_id=program_id)
    for one in found.select_related("wave", "host").order_by("wave__number", "site", "pk"):
        by_wave.setdefault(one.wave.number, []).append(one)
    return by_wave


def ground_of(wave: JointWave, *, today: date, places: dict[int, list[JointPlace]] | None = None) -> Ground:
    """Read what criteria look at; two statements. Whoever has not accepted takes no part, but is asked for."""
    by_wave = places_of(wave.program_id) if places is None else places
    members: dict[int, list[Member]] = {}
    for number, ones in by_wave.items():
        inside = [one.member for one in ones if number == wave.number or one.answer == "accepted"]
        if inside:
            members[number] = inside
    halted = [says for number, ones in by_wave.items() if number <= wave.number for one in ones for says in whys(one)]
    earlier = max((number for number in members if number < wave.number), default=-1)
    lessons = list(lessons_of(wave.program_id, earlier))
    return Ground(wave.number, members, lessons, today, halted)


def whys(place: JointPlace) -> list[str]:
    """Return why a place halts its wave, with whose it is; empty for one that takes no part."""
    return [f"{place.host.name}: {says}" for _, says in place.halts] if place.answer == "accepted" else []


def lessons_of(program_id: Any, number: int) -> Any:
    """Return the lessons of one wave of a program, oldest first."""
    return JointLesson.objects.filter(wave__program_id=program_id, wave__number=number).order_by("at", "pk")
