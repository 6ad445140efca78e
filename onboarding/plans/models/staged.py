"""How sites that go together are run: canary sites first, then the others; halted when something goes wrong.

A wave of one organization (`WaveRun`) and a wave over several (`onboarding.joint`) are run by the same rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from tenancy.models import TenantModel

STATES = Q(state__in=["waiting", "canary", "expanding", "halted", "done"])
HALTED_BECAUSE = ~Q(state="halted") | ~Q(halted_because=[])


class WaveRefused(ValueError):
    """A wave cannot go on; the message says why and what would change it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One site of a wave, as its rules look at it."""

    id: UUID
    name: str
    live: bool
    live_on: date | None
    canary: bool
    gates: frozenset[str] = field(default=frozenset())
    """Keys of the gates it has passed."""
    accepted: bool = True
    """Whether its organization takes part; always, but in a wave over several."""

    def days(self, today: date) -> int:
        """Return for how many calendar days it is live."""
        return (today - self.live_on).days if self.live_on else 0


@dataclass(frozen=True, slots=True)
class Telling:
    """The events that running a wave leaves."""

    started: Action
    expanded: Action
    halted: Action
    resumed: Action
    done: Action


class Staged(TenantModel):
    """The rules of sites that go together and where they stand. Each verb expects the row to be locked."""

    class State(models.TextChoices):
        """Where the wave is."""

        WAITING = "waiting", "Waits for its start"
        CANARY = "canary", "Canary sites"
        EXPANDING = "expanding", "All sites"
        HALTED = "halted", "Halted"
        DONE = "done", "Done"

    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.CANARY, State.EXPANDING},
        State.CANARY: {State.EXPANDING, State.HALTED},
        State.EXPANDING: {State.DONE, State.HALTED},
        State.HALTED: {State.CANARY, State.EXPANDING},
        State.DONE: set(),
    }
    GOING: ClassVar[tuple[str, ...]] = (State.CANARY, State.EXPANDING, State.HALTED)
    TELLS: ClassVar[Telling]

    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    stable_days = models.PositiveSmallIntegerField(
        default=14, help_text="Calendar days that canary sites are live before the others follow"
    )
    criteria = ArrayField(models.CharField(max_length=24), default=list, help_text="Keys of plans.criteria")
    halted_at = models.DateTimeField(null=True)
    halted_because = ArrayField(models.CharField(max_length=300), default=list)
    halted_in = models.CharField(max_length=9, blank=True, help_text="The state it goes back to")
    started_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def called(self) -> str:
        """What people call the wave."""
        raise NotImplementedError

    def start(self, unmet: Sequence[str], *, canaries: bool, by: Actor) -> bool:
        """Start with the canary sites, or with all; return whether anything changed.

        Raises WaveRefused while something of the entry criteria is unmet.
        """
        if self.state in (self.State.CANARY, self.State.EXPANDING):
            return False
        if unmet:
            raise WaveRefused(f"{self.called} cannot start yet. {' '.join(unmet[:3])}")
        self.started_at = timezone.now()
        self.move(self.State.CANARY if canaries else self.State.EXPANDING, "started_at")
        self._tell(self.TELLS.started, by)
        return True

    def expand(self, members: Sequence[Member], halted: Sequence[str], *, today: date, by: Actor) -> bool:
        """Let all sites follow; return whether anything changed.

        Raises WaveRefused while a canary site is not live for the agreed days, or something halts.
        """
        if self.state == self.State.EXPANDING:
            return False
        waiting = []
        for one in members:
            if one.canary and not one.live:
                waiting.append(f"{one.name} is not live.")
            elif one.canary and one.days(today) < self.stable_days:
                waiting.append(f"{one.name} is live for {one.days(today)} of {self.stable_days} days.")
        if waiting or halted:
            raise WaveRefused(" ".join(["The others follow later.", *[*waiting, *halted][:3]]))
        self.move(self.State.EXPANDING)
        self._tell(self.TELLS.expanded, by)
        return True

    def halt(self, because: Sequence[str], *, by: Actor) -> bool:
        """Stop further go-lives; halted again for the same reasons changes nothing. Raises WaveRefused without one."""
        because = [text.strip()[:300] for text in because if text.strip()]
        if not because:
            raise WaveRefused("Say why the wave is halted.")
        if self.state == self.State.HALTED and self.halted_because == because:
            return False
        again = self.state == self.State.HALTED
        if not again:
            self.halted_in, self.halted_at = self.state, timezone.now()
        self.halted_because = because
        if again:
            self.save(update_fields=["halted_because"])
        else:
            self.move(self.State.HALTED, "halted_in", "halted_at", "halted_because")
        self._tell(self.TELLS.halted, by, why=" ".join(because)[:300])
        return True

    def resume(self, still: Sequence[str], *, by: Actor) -> bool:
        """Go on where it was. Raises WaveRefused while something still halts it: that is mended first."""
        if self.state != self.State.HALTED:
            return False
        if still:
            raise WaveRefused(f"What halted it is still so. {' '.join(still[:3])}")
        back, self.halted_in, self.halted_because, self.halted_at = self.halted_in, "", [], None
        self.move(back, "halted_in", "halted_because", "halted_at")
        self._tell(self.TELLS.resumed, by)
        return True

    def watch(self, members: Sequence[Member], halted: Sequence[str], *, by: Actor) -> bool:
        """Halt where there is a new reason to; be done where every site is live. Returns whether anything changed."""
        if halted and (self.state != self.State.HALTED or set(halted) - set(self.halted_because)):
            return self.halt(halted, by=by)
        if self.state == self.State.EXPANDING and members and all(one.live for one in members):
            self.move(self.State.DONE)
            self._tell(self.TELLS.done, by)
            return True
        return False

    def holds(self, *, canary: bool) -> str:
        """Return why a site of it may not go live now, as its state says; empty where it may."""
        if self.state == self.State.HALTED:
            return f"{self.called} is halted: {' '.join(self.halted_because)}"
        if self.state == self.State.WAITING:
            return f"{self.called} has not started: its entry criteria come first."
        if self.state == self.State.CANARY and not canary:
            return f"{self.called} is at its canary sites: this site follows when they have been stable."
        return ""

    def move(self, state: str, *fields: str) -> None:
        """Go to another state; raise WaveRefused where the table of moves has no such way."""
        if state not in self.MOVES[self.state]:
            raise WaveRefused(f"{self.called}: from “{self.get_state_display()}” there is no way there.")
        self.state = state
        self.save(update_fields=["state", *fields])

    def _tell(self, action: Action, by: Actor, **data: Any) -> None:
        record(action, by=by, subject=self, title=self.called, **data)
