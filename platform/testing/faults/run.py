"""The run itself: strike, keep going, and count what came out at the other end."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from notices.fault_points import POINTS
from testing.faults.ground import FAR, Ground

ITEM = re.compile(r"Item ([0-9a-f]{32})")
MAIL_FAULTS = (("refuse-for-now", 9), ("drop", 11), ("accept-then-drop", 7), ("hang", 60))
LEAST, MOST = 1.0, 10.0
"""Seconds between two blows: the next one falls when its share of the reminders has gone out, so that all of them hit work."""
STUCK = 150.0
"""Seconds without any progress after which the run is given up."""
Say = Callable[[str], None]


@dataclass
class Result:
    """What a fault run found."""

    wanted: int
    sent: int = 0
    lost: int = 0
    doubled: int = 0
    flagged: int = 0
    messages: int = 0
    unmarked: int = 0
    kills: int = 0
    flushes: int = 0
    crashes: int = 0
    seconds: float = 0.0
    points: Counter[str] = field(default_factory=Counter)
    left_over: list[str] = field(default_factory=list)
    """Reminders that do not stand as sent: state, attempts, refusals, last words."""

    @property
    def good(self) -> bool:
        """Whether every reminder went out exactly once and stands as sent."""
        return (self.lost, self.doubled, self.unmarked) == (0, 0, 0) and self.sent == self.wanted


def run(count: int, *, kills: int, flushes: int, crashes: int, chance: random.Random, say: Say) -> Result:
    """Send `count` reminders under blows; return what became of them."""
    result = Result(wanted=count)
    with Ground(chance) as ground:
        say("The servers are up, the schema is made.")
        ground.start_workers()
        rounds = min(2, kills // len(POINTS))
        blows = ["kill"] * (kills - rounds * len(POINTS)) + [f"point {point}" for point in POINTS] * rounds
        blows += ["flush"] * flushes + ["crash"] * crashes
        chance.shuffle(blows)
        ground.manage("faults", "seed", "--count", str(count), "--seconds", str(len(blows)), "--batch", "storm")
        began = time.monotonic()
        _storm(ground, blows, result, say)
        let_it_finish(ground)
        result.seconds = time.monotonic() - began
        say(f"{result.kills} kills, {result.flushes} flushes, {result.crashes} crashes; all came to rest.")
        _count(ground, result)
    return result


def _storm(ground: Ground, blows: list[str], result: Result, say: Say) -> None:
    whole = _open(ground)
    share = whole / (len(blows) + 1)
    for number, blow in enumerate(blows):
        mode, every = MAIL_FAULTS[number // 3 % len(MAIL_FAULTS)]
        ground.spoil_mail(mode, every)
        what, _, point = blow.partition(" ")
        if what == "kill":
            ground.kill_worker()
            result.kills += 1
        elif what == "flush":
            ground.flush_broker()
            result.flushes += 1
        elif what == "crash":
            ground.crash_database()
            result.crashes += 1
        else:
            _kill_at(ground, point, result)
        struck, left = time.monotonic(), whole - share * (number + 1)
        while time.monotonic() < struck + MOST and (time.monotonic() < struck + LEAST or _open(ground) > left):
            ground.look_after()
            time.sleep(0.2)
        if number % 10 == 9:
            say(f"  {number + 1} of {len(blows)} blows, {_open(ground)} reminders to go")
    ground.spoil_mail(None)


def _kill_at(ground: Ground, point: str, result: Result) -> None:
    ground.arm(point)
    until = time.monotonic() + STUCK
    while not ground.was_reached():
        if time.monotonic() > until or _open(ground) == 0:
            ground.order.unlink(missing_ok=True)
            ground.kill_worker()  # nothing was left to do at that point: it dies in idleness
            result.kills += 1
            return
        ground.look_after()
        time.sleep(0.05)
    result.kills += 1
    result.points[point] += 1


def let_it_finish(ground: Ground) -> None:
    """Wait until no reminder is open, or until nothing has moved for long."""
    left, since = _open(ground), time.monotonic()
    while left:
        time.sleep(1)  # every look is a connection, which costs the database more than a message
        ground.look_after()
        now_left = _open(ground)
        if now_left != left:
            left, since = now_left, time.monotonic()
        elif time.monotonic() - since > STUCK:
            return


def _open(ground: Ground) -> int:
    """Count what is not through, but for what falls due only when the run says so."""
    asked = "select count(*) from notices_reminder where state in ('due', 'sending') and due_at < %s"
    return int(ground.rows(asked, FAR)[0][0])


def _count(ground: Ground, result: Result) -> None:
    wanted = {row[0].hex for row in ground.rows("select subject_id from notices_reminder where kind like 'fault%'")}
    items = [names_of_items(path) for path in sorted((ground.mailbox / "new").iterdir())]
    result.messages = sum(bool(each) for each in items)  # the organizations' own weekly digest has none
    seen = Counter(item for each in items for item in each)
    result.sent = len(wanted & set(seen))
    result.lost = len(wanted - set(seen))
    result.doubled = sum(number > 1 for number in seen.values())
    states = "select count(*) filter (where possible_duplicate), count(*) filter (where state <> 'sent') from notices_reminder where kind like 'fault%'"
    result.flagged, result.unmarked = ground.rows(states)[0]
    left = "select state, attempt, refusals, last_error from notices_reminder where state <> 'sent' and kind like 'fault%' limit 20"
    result.left_over = [" · ".join(map(str, row)) for row in ground.rows(left)]


def delivered(ground: Ground) -> Counter[str]:
    """Return how often the mail names each subject, by its hexadecimal id."""
    return Counter(item for path in (ground.mailbox / "new").iterdir() for item in names_of_items(path))


def names_of_items(path: Path) -> set[str]:
    """Return the hexadecimal ids of the subjects that a message of the sink names."""
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    text = read.get_body(preferencelist=("plain",))
    return set(ITEM.findall(text.get_content())) if text else set()
