"""How fast reminders go out in peace, against how fast the mail sink takes messages from senders that do nothing else.

Both share the machine and its moods: the sink is measured alone before and after each round, on the same ground, and a round
is held against the mean of the two.
"""

import random
import statistics
import subprocess
import sys
from dataclasses import dataclass

from launcher.places import ROOT
from testing.faults.ground import WORKERS, Ground
from testing.faults.run import Say, let_it_finish, names_of_items


@dataclass(frozen=True)
class Round:
    """One day's reminders that all fall due at once. Rates are messages a second."""

    messages: int
    rate: float
    sink: float

    @property
    def share(self) -> float:
        """The part of the sink's own rate that was reached."""
        return self.rate / self.sink


def run(count: int, rounds: int, chance: random.Random, say: Say) -> list[Round]:
    """Send `count` reminders as often as asked for; return each round. Raises RuntimeError where something was lost."""
    found: list[Round] = []
    with Ground(chance) as ground:
        say("The servers are up, the schema is made.")
        batches = [f"calm{number}" for number in range(rounds)]
        ground.manage("faults", "seed", "--count", str(count), "--batches", *batches)
        ground.start_workers()
        ground.wait_for_workers()
        ground.let_the_day_begin()
        before = _sink_rate(ground, count)
        for batch in batches:
            messages, rate = _send(ground, batch, count)
            after = _sink_rate(ground, count)
            found.append(Round(messages, rate, (before + after) / 2))
            say(
                f"{messages:,} messages for {count:,} reminders: {rate:.0f} a second,"
                f" the sink alone {before:.0f} and {after:.0f} ({found[-1].share:.0%})"
            )
            before = after
    return found


def median_share(rounds: list[Round]) -> float:
    """Return the part of the sink's own rate that is reached in the middle of all rounds."""
    return statistics.median(each.share for each in rounds)


def _send(ground: Ground, batch: str, count: int) -> tuple[int, float]:
    """Let a batch fall due; return its messages, and how many a second were accepted between the first and the last."""
    ground.rows(
        "update notices_reminder set due_at = now(), next_at = now() where kind like 'fault%%' and organization_id in"
        " (select id from tenancy_organization where slug like %s) returning id",
        f"{batch}-%",
    )
    let_it_finish(ground)
    items = {path: found for path in (ground.mailbox / "new").iterdir() if (found := names_of_items(path))}
    if (sent := sum(map(len, items.values()))) != count:
        raise RuntimeError(f"{sent:,} of {count:,} reminders went out.")
    times = sorted(path.stat().st_mtime for path in items)
    _empty(ground)
    return len(times), (len(times) - 1) / (times[-1] - times[0])


def _sink_rate(ground: Ground, count: int) -> float:
    """The better of what the sink takes from senders that pipeline and from ones that do not; what it took is thrown away."""
    return max(_sink_rate_of(ground, count, pipelined=way) for way in (False, True))


def _sink_rate_of(ground: Ground, count: int, *, pipelined: bool) -> float:
    """The sink's own rate with as many senders as there are workers."""
    each = max(200, count // WORKERS)
    senders = [
        subprocess.Popen(
            [sys.executable, "-m", "testing.faults.yardstick", ground.environment["SMTP_PORT"], str(number * each), str(each), str(int(pipelined))],
            env=ground.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for number in range(WORKERS)
    ]  # fmt: skip
    took = [float(sender.communicate()[0]) for sender in senders]
    _empty(ground)
    return each * WORKERS / max(took)


def _empty(ground: Ground) -> None:
    for folder in ("new", "by-id"):
        for path in (ground.mailbox / folder).iterdir():
            path.unlink()
