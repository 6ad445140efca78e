"""Every named fault by itself: its own reminders, one blow, and a count of what came out at the other end.

The same servers and workers serve all of them, one after the other, so that each finds a house in which the last has left its traces.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from notices.fault_points import POINTS
from notices.jobs import all_jobs
from testing.faults.ground import Ground
from testing.faults.restore import lose_and_restore
from testing.faults.run import Say, delivered

HOUR = 3600.0
POISONED = 3
STUCK = 300.0
"""Seconds without progress after which a scenario is given up; long, for a machine with other work."""
MOMENTS = {
    "dst-spring": datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
    "dst-autumn": datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
}
"""When New York's half past two that does not exist is due, three o'clock, and the first of its two half past ones."""


@dataclass
class Found:
    """What became of one scenario's reminders."""

    name: str
    wanted: int = 0
    sent: int = 0
    lost: int = 0
    """Neither in the mail, nor told as failed or cancelled."""
    doubled: int = 0
    flagged: int = 0
    """Doubled ones that say so themselves."""
    failed: int = 0
    cancelled: int = 0
    unmarked: int = 0
    """In the mail, but not standing as sent."""
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    """Anything else that should not be."""

    @property
    def good(self) -> bool:
        """Whether nothing was lost or unmarked, and nothing came twice without a flag."""
        return not (self.lost or self.unmarked or self.doubled - self.flagged or self.wrong)


@dataclass
class Scene:
    """One scenario under way."""

    ground: Ground
    found: Found
    batch: str

    def release(self, seconds: float = 0.0, share: float = 1.0) -> None:
        """Let a share of the batch's reminders fall due, spread over so many seconds from now; digests in the last share.

        A person gets one digest a day: what goes into a second one waits for tomorrow.
        """
        self.ground.rows(
            "with picked as (select r.id, now() + case when apart then random() else 0.3 end * make_interval(secs => %s) as at"
            "  from notices_reminder r join tenancy_organization o on o.id = r.organization_id"
            "  where o.slug like %s and r.state = 'due' and r.next_at > '2098-01-01' order by r.apart desc, r.id"
            "  limit (select ceil(count(*) * %s)::int from notices_reminder r join tenancy_organization o on o.id = r.organization_id"
            "   where o.slug like %s))"
            " update notices_reminder r set due_at = at, next_at = at from picked where r.id = picked.id returning r.id",
            seconds, f"{self.batch}-%", share, f"{self.batch}-%",
        )  # fmt: skip

    def states(self) -> Counter[str]:
        """Count the batch's reminders by state."""
        found = self.ground.rows(
            "select r.state, count(*) from notices_reminder r join tenancy_organization o on o.id = r.organization_id"
            " where o.slug like %s and r.kind like 'fault%%' group by 1",
            f"{self.batch}-%",
        )
        return Counter(dict(found))

    def open(self) -> int:
        """Count what has not come to rest."""
        states = self.states()
        return states["due"] + states["sending"]

    def settle(self) -> None:
        """Wait until everything has come to rest, or nothing moves any more."""
        left, since = self.open(), time.monotonic()
        while left:
            time.sleep(0.3)
            self.ground.look_after()
            if (now := self.open()) != left:
                left, since = now, time.monotonic()
            elif time.monotonic() - since > STUCK:
                self.found.wrong.append(f"{left} reminders did not come to rest")
                return

    def until(self, what: Callable[[], bool], patience: float = STUCK) -> bool:
        """Wait for something; return whether it came."""
        end = time.monotonic() + patience
        while not what():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
            self.ground.look_after()
        return True


def _kill_at(point: str, scene: Scene) -> None:
    scene.ground.arm(point)
    scene.release()
    if not scene.until(scene.ground.was_reached):
        scene.found.wrong.append(f"nobody came to {point}")
        scene.ground.order.unlink(missing_ok=True)


def _flush(scene: Scene) -> None:
    scene.release(seconds=1.0)
    scene.ground.flush_broker()
    time.sleep(0.5)
    scene.ground.flush_broker()


def _crash(scene: Scene) -> None:
    scene.release(seconds=1.0)
    time.sleep(0.5)
    scene.ground.crash_database()


def _spoiled(mode: str, every: int, scene: Scene) -> None:
    scene.ground.spoil_mail(mode, every)
    scene.release()
    # Most of it is through; the rest is tried again by a server that has come to itself.
    scene.until(lambda: scene.open() <= scene.found.wanted // every, patience=20)
    scene.ground.spoil_mail(None)


def _move_clock(scene: Scene, seconds: float) -> None:
    """Set the workers' clock, and wait until their sweep notes that time."""
    scene.ground.move_clock(seconds)
    query = "select abs(extract(epoch from moved_at - now()) - %s) < 60 from audit_cursor where name = 'reminder sweep'"
    if not scene.until(lambda: scene.ground.rows(query, seconds) == [(True,)]):
        scene.found.wrong.append("the workers' clock did not move")


def _beat_dead(scene: Scene) -> None:
    """No beat runs in any scenario but the next two: an hour without it passes while work waits."""
    scene.release(share=0.5)
    _move_clock(scene, HOUR)
    scene.release()


def _forgotten_job(scene: Scene) -> tuple[str, str]:
    """Take away one job's run of the day, as if nobody had planned it yet; return where and which.

    One that may still be made up for in an hour: at the full hour the oldest one's time is over.
    """
    scene.ground.let_the_day_begin()
    now = datetime.now(UTC)
    lasting = [each.name for each in all_jobs() if set(each.slots(now)) & set(each.slots(now + timedelta(hours=1)))]
    [(organization, job, _)] = scene.ground.rows(
        "with picked as (select j.id from notices_jobrun j join tenancy_organization o on o.id = j.organization_id"
        "  where o.slug like %s and j.state = 'done' and j.job <> 'reminder_times' and j.job = any(%s) order by j.id limit 1),"
        " place as (update audit_cursor set moved_at = null where name = 'job plan' returning name)"
        " delete from notices_jobrun j using picked, place where j.id = picked.id returning j.organization_id::text, j.job, place.name",
        f"{scene.batch}-%",
        lasting,
    )
    return organization, job


def _done_once(scene: Scene, organization: str, job: str) -> None:
    """Wait for the run that was taken away; it must be there again, done, once."""
    query = "select state from notices_jobrun where organization_id = %s::uuid and job = %s and state = 'done'"
    if not scene.until(lambda: len(scene.ground.rows(query, organization, job)) > 0):
        scene.found.wrong.append(f"nobody planned the job {job}")


def _beat_doubled(scene: Scene) -> None:
    forgotten = _forgotten_job(scene)
    scene.ground.start_beat(1)
    scene.ground.start_beat(2)
    scene.release(seconds=2.0)
    scene.settle()
    _done_once(scene, *forgotten)
    scene.ground.kill("beat 1")
    scene.ground.kill("beat 2")


def _beat_restarted(scene: Scene) -> None:
    scene.ground.start_beat(1)
    scene.ground.kill("beat 1")
    forgotten = _forgotten_job(scene)
    scene.ground.start_beat(1)
    scene.release(seconds=2.0)
    scene.settle()
    _done_once(scene, *forgotten)
    scene.ground.kill("beat 1")


def _storm(scene: Scene) -> None:
    """Several blows, one after the other, before the house has come to itself."""
    ground = scene.ground
    scene.release(seconds=5.0)
    for blow in (
        ground.kill_worker,
        ground.flush_broker,
        ground.kill_worker,
        ground.crash_database,
        ground.kill_worker,
    ):
        blow()
        time.sleep(0.7)
        ground.look_after()


def _clock(by: float, scene: Scene) -> None:
    scene.ground.spoil_mail("refuse-for-now", 3)  # some wait for their next try while the clock jumps
    scene.release(seconds=1.0)
    time.sleep(0.5)
    _move_clock(scene, by)
    scene.ground.spoil_mail(None)
    if by < 0:
        scene.ground.move_clock(0)  # what waits for a time that is an hour away again goes out when it comes


def _summer_time(scene: Scene) -> None:
    due = MOMENTS[scene.batch]
    true = datetime.now(UTC).timestamp()
    _move_clock(scene, due.timestamp() - true - 10 * 60)
    if early := scene.states()["sent"]:
        scene.found.wrong.append(f"{early} went out before their moment")
    scene.ground.move_clock(due.timestamp() - true + 1)
    scene.settle()
    _move_clock(scene, due.timestamp() - true + HOUR)  # the same local time again, in autumn


def _cancelled(scene: Scene) -> None:
    subjects = [
        row[0].hex
        for row in scene.ground.rows(
            "select subject_id from notices_reminder r join tenancy_organization o on o.id = r.organization_id"
            " where o.slug like %s order by r.id",
            f"{scene.batch}-%",
        )
    ]
    scene.ground.spoil_mail("hang", 1)
    scene.release(share=0.5)
    if not scene.until(lambda: scene.states()["sending"] > 0):
        scene.found.wrong.append("nothing was being sent")
    done = subjects[::2]
    scene.ground.finish_subjects(done)
    scene.ground.manage("faults", "cancel", "--batch", scene.batch)
    # The mail server hangs until none of them is in anybody's hands: what was written before the word came would go out with the rest.
    if not scene.until(lambda: not _open_among(scene, done)):
        scene.found.wrong.append("what is done stays on its way")
    scene.ground.spoil_mail(None)
    scene.release()
    scene.settle()
    seen = delivered(scene.ground)
    if late := [one for one in done if seen[one]]:
        scene.found.wrong.append(f"{len(late)} went out although they were done")
    scene.ground.finish_subjects([])


def _open_among(scene: Scene, subjects: list[str]) -> int:
    asked = "select count(*) from notices_reminder where subject_id = any(%s::uuid[]) and state in ('due', 'sending')"
    return int(scene.ground.rows(asked, subjects)[0][0])


def _poison(scene: Scene) -> None:
    scene.ground.manage("faults", "poison", "--batch", scene.batch, "--count", str(POISONED))
    scene.release()
    scene.settle()
    if (failed := scene.states()["failed"]) != POISONED:
        scene.found.wrong.append(f"{failed} failed instead of the {POISONED} poisoned ones")


def _cannot_ask(scene: Scene) -> None:
    """The same where the mail server cannot be asked by Message-ID: killed after its answer, and answers that were lost."""
    scene.ground.end_workers()
    scene.ground.start_workers(CAUSEWAY_FAULTS_ACCEPTANCE="notices.delivery.CannotAsk")
    scene.release(share=0.5)
    scene.ground.arm("after-250")
    if not scene.until(scene.ground.was_reached):
        scene.found.wrong.append("nobody came to after-250")
    scene.ground.spoil_mail("accept-then-drop", 5)
    scene.release()
    scene.until(lambda: scene.open() <= scene.found.wanted // 5, patience=20)
    scene.ground.spoil_mail(None)
    scene.settle()
    scene.ground.end_workers()
    scene.ground.start_workers()


def _restored(scene: Scene) -> None:
    """Backed up at rest, destroyed, restored on a new server: the workers go on where they were."""
    scene.release(share=0.5)
    scene.until(lambda: scene.open() <= scene.found.wanted - scene.found.wanted // 2)
    time.sleep(1)
    scene.ground.end_workers()
    scene.found.wrong += lose_and_restore(scene.ground)
    scene.ground.start_workers()
    scene.release()


SCENARIOS: dict[str, Callable[[Scene], None]] = {
    **{f"kill-{point}": partial(_kill_at, point) for point in POINTS},
    "redis-flush": _flush,
    "postgres-crash": _crash,
    "storm": _storm,
    "smtp-4xx": partial(_spoiled, "refuse-for-now", 4),
    "smtp-5xx": partial(_spoiled, "refuse", 4),
    "smtp-hang": partial(_spoiled, "hang", 6),
    "smtp-drop": partial(_spoiled, "drop", 4),
    "smtp-accept-then-drop": partial(_spoiled, "accept-then-drop", 4),
    "cancel-while-sending": _cancelled,
    "poison-row": _poison,
    "beat-doubled": _beat_doubled,
    "beat-restarted": _beat_restarted,
    "clock-back": partial(_clock, -HOUR),
    "beat-dead-an-hour": _beat_dead,
    "clock-forward": partial(_clock, 2 * HOUR),
    "cannot-be-asked": _cannot_ask,
    "restore-drill": _restored,
    "dst-spring": _summer_time,
    "dst-autumn": _summer_time,
}
"""In an order in which the clock moves on after its one jump back."""


def run(names: list[str], count: int, *, haste: bool, say: Say) -> Iterator[Found]:
    """Run the scenarios one after the other on one ground; yield what each found."""
    with Ground(random.Random(0), haste=haste) as ground:  # noqa: S311 - chance plays no part
        ground.manage("faults", "seed", "--count", str(count), "--batches", *names)
        ground.start_workers()
        say(f"The servers are up, {count} reminders wait for each of {len(names)} scenarios.")
        for name in names:
            scene = Scene(ground, Found(name), name)
            scene.found.wanted = sum(scene.states().values())
            began = time.monotonic()
            try:
                SCENARIOS[name](scene)
                scene.settle()
            except RuntimeError as error:  # a command failed: say so, and what became of the reminders all the same
                scene.found.wrong.append(str(error)[-300:])
            scene.found.seconds = time.monotonic() - began
            _count(scene)
            yield scene.found


def _count(scene: Scene) -> None:
    found, seen = scene.found, delivered(scene.ground)
    rows = scene.ground.rows(
        "select replace(subject_id::text, '-', ''), state, possible_duplicate, last_error <> '' from notices_reminder r"
        " join tenancy_organization o on o.id = r.organization_id where o.slug like %s and r.kind like 'fault%%'",
        f"{scene.batch}-%",
    )
    found.wanted = len(rows)
    for subject, state, flagged, explained in rows:
        times = seen[subject]
        found.sent += times > 0
        found.failed += state == "failed"
        found.cancelled += state == "cancelled"
        found.lost += not times and not (state in ("failed", "cancelled") and explained)
        found.doubled += times > 1
        found.flagged += times == 2 and flagged
        found.unmarked += times > 0 and state != "sent"
    twice = scene.ground.rows(
        "select count(*) from (select from audit_event where action = 'job.finished' group by subject_id having count(*) > 1) d"
    )
    if twice[0][0]:
        found.wrong.append(f"{twice[0][0]} jobs were done twice")
