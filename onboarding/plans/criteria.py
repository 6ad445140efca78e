"""What must hold before a wave starts: the same for the wave of one organization and for one over several."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from onboarding.deployments.models import Deployment, Wave
from onboarding.plans import halts
from onboarding.plans.models.lesson import Lesson
from onboarding.plans.models.staged import Member, Staged
from tenancy.scope import current, scope


@dataclass(frozen=True, slots=True)
class Ground:
    """A program's waves and their sites, read once, for the wave that wants to start."""

    number: int
    """Of that wave."""
    by_wave: dict[int, list[Member]]
    lessons: list[Any]
    """`Learned` of the wave before."""
    today: date
    halted: list[str] = field(default_factory=list)

    @property
    def own(self) -> list[Member]:
        """The wave's own sites."""
        return self.by_wave.get(self.number, [])

    @property
    def before(self) -> list[Member]:
        """Those of the wave before."""
        earlier = [number for number in self.by_wave if number < self.number]
        return self.by_wave[max(earlier)] if earlier else []


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must hold. `open` returns what does not, in sentences; empty: it holds."""

    key: str
    title: str
    open: Callable[[Ground], list[str]]


def _live(ground: Ground) -> list[str]:
    return [f"{one.name} is not live." for one in ground.before if not one.live]


def _stable(ground: Ground) -> list[str]:
    return [
        f"{one.name} is live for {one.days(ground.today)} of {STABLE_DAYS} days."
        for one in ground.before
        if one.live and one.days(ground.today) < STABLE_DAYS
    ]


def _halts(ground: Ground) -> list[str]:
    return ground.halted


def _lessons(ground: Ground) -> list[str]:
    return [f"Nobody has taken up: {one.text}" for one in ground.lessons if not one.answer]


def _governance(ground: Ground) -> list[str]:
    return [f"{one.name} has not passed G2." for one in ground.own if "G2" not in one.gates]


def _accepted(ground: Ground) -> list[str]:
    return [f"{one.name} has not accepted its place." for one in ground.own if not one.accepted]


STABLE_DAYS = 14
ELSEWHERE = "Another site"
CRITERIA = {
    one.key: one
    for one in (
        Criterion("wave_before_live", "Every site of the wave before is live", _live),
        Criterion("wave_before_stable", f"Each of them for at least {STABLE_DAYS} days", _stable),
        Criterion("nothing_halts", "Nothing halts the program: no rollback, failed gate or severity-1 defect", _halts),
        Criterion("lessons", "Every lesson of the wave before is taken up", _lessons),
        Criterion("governance", "G2 governance clear is passed at each site of the wave", _governance),
    )
}
ACCEPTED = Criterion("accepted", "Every organization of the wave has accepted its place", _accepted)
"""Asked of a wave over several organizations alone."""
USUAL = ("wave_before_live", "nothing_halts", "lessons")


def unmet(staged: Staged, ground: Ground) -> dict[str, list[str]]:
    """Return what is open of each of the wave's criteria; empty lists where they hold."""
    known = {**CRITERIA, ACCEPTED.key: ACCEPTED}
    return {key: known[key].open(ground) for key in staged.criteria if key in known}


def every(found: dict[str, list[str]]) -> list[str]:
    """Return everything that is open, in order."""
    return [says for open_ones in found.values() for says in open_ones]


@dataclass(frozen=True, slots=True)
class ProgramGround:
    """What the criteria of every wave of a program look at."""

    sites: list[Deployment]
    """Those in a wave, in the order of the waves."""
    halting: list[halts.Reason]
    lessons: list[Lesson]
    today: date

    def of(self, wave: Wave, canaries: Collection[UUID]) -> Ground:
        """Return what one wave is held against."""
        by_wave: dict[int, list[Member]] = {}
        for one in self.sites:
            found = member(one, name=one.site.name, canary=one.pk in canaries)
            by_wave.setdefault(one.wave.number, []).append(found)
        counted = {one.pk for one in self.sites if one.wave.number <= wave.number}
        earlier = max((number for number in by_wave if number < wave.number), default=-1)
        lessons = [one for one in self.lessons if one.wave.number == earlier]
        halted = [says for pk, says in self.halting if pk in counted]
        return Ground(wave.number, by_wave, lessons, self.today, halted)


def ground_of(wave: Wave, canaries: Collection[UUID], *, today: date) -> Ground:
    """Read what the criteria of one wave look at."""
    return program_ground(wave.program_id, wave.organization_id, today=today).of(wave, canaries)


def program_ground(program_id: UUID, organization_id: UUID, *, today: date) -> ProgramGround:
    """Read what criteria look at: two statements, and those of the rules that halt, however many waves there are.

    At every site, whoever asks: a manager who is limited to some sites would start a wave that another one halts. The
    names of the sites they do not see are left out.
    """
    seen = current().deployments
    with scope(organization_id):
        found = Deployment.objects.running().filter(program_id=program_id).exclude(wave=None)
        sites = list(found.select_related("site", "wave").order_by("wave__number", "go_live_on", "pk"))
        for one in sites:
            if seen is not None and one.pk not in seen:
                one.site.name = ELSEWHERE
        lessons = Lesson.objects.filter(wave__program_id=program_id).select_related("wave").order_by("at")
        return ProgramGround(sites, halts.reasons(sites), list(lessons), today)


def member(one: Deployment, *, name: str, canary: bool) -> Member:
    """Return a deployment as the rules of a wave look at it."""
    return Member(
        id=one.pk,
        name=name,
        live=one.state == Deployment.State.LIVE,
        live_on=timezone.localdate(one.went_live_at) if one.went_live_at else None,
        canary=canary,
        gates=frozenset(key for key, gate in one.gates.items() if gate.get("state") == "passed"),
    )
