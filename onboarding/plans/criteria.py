"""What must hold before a wave starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from onboarding.deployments.models import Deployment, Wave
from onboarding.plans import halts
from onboarding.plans.models.wave_run import Lesson
from tenancy.scope import scope

L = Deployment.State.LIVE


@dataclass(frozen=True, slots=True)
class Ground:
    """A program's waves and deployments, read once; `wave` is the one that wants to start."""

    wave: Wave
    by_wave: dict[int, list[Deployment]]
    """Running deployments by the number of their wave."""
    lessons: list[Lesson]
    """Of the wave before."""
    today: date
    halted: list[str] = field(default_factory=list)

    @property
    def own(self) -> list[Deployment]:
        """The wave's own deployments."""
        return self.by_wave.get(self.wave.number, [])

    @property
    def before(self) -> list[Deployment]:
        """Those of the wave before."""
        earlier = [number for number in self.by_wave if number < self.wave.number]
        return self.by_wave[max(earlier)] if earlier else []


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must hold. `open` returns what does not, in sentences; empty: it holds."""

    key: str
    title: str
    open: Callable[[Ground], list[str]]


def _live(ground: Ground) -> list[str]:
    return [f"{one.site.name} is not live." for one in ground.before if one.state != L]


def _stable(ground: Ground) -> list[str]:
    late = []
    for one in ground.before:
        days = (ground.today - timezone.localdate(one.went_live_at)).days if one.went_live_at else 0
        if one.state == L and days < STABLE_DAYS:
            late.append(f"{one.site.name} is live for {days} of {STABLE_DAYS} days.")
    return late


def _halts(ground: Ground) -> list[str]:
    return ground.halted


def _lessons(ground: Ground) -> list[str]:
    return [f"Nobody has taken up: {one.text}" for one in ground.lessons if not one.answer]


def _governance(ground: Ground) -> list[str]:
    return [
        f"{one.site.name} has not passed G2." for one in ground.own if one.gates.get("G2", {}).get("state") != "passed"
    ]


STABLE_DAYS = 14
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
USUAL = ("wave_before_live", "nothing_halts", "lessons")


def ground_of(wave: Wave, *, today: date) -> Ground:
    """Read what criteria look at: three statements, and those of the rules that halt.

    At every site, whoever asks: a manager who is limited to some sites would start a wave that another one halts.
    """
    with scope(wave.organization_id):
        return _read(wave, today)


def _read(wave: Wave, today: date) -> Ground:
    by_wave: dict[int, list[Deployment]] = {}
    found = Deployment.objects.running().filter(program_id=wave.program_id).exclude(wave=None)
    for one in found.select_related("site", "wave").order_by("wave__number", "go_live_on", "pk"):
        by_wave.setdefault(one.wave.number, []).append(one)
    earlier = [number for number in by_wave if number < wave.number]
    lessons = list(
        Lesson.objects.filter(wave__program_id=wave.program_id, wave__number=max(earlier, default=-1)).order_by("at")
    )
    before_or_in = [one for number, ones in by_wave.items() if number <= wave.number for one in ones]
    return Ground(wave, by_wave, lessons, today, halts.reasons(before_or_in))
