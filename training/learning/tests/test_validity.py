"""Who is trained, over versions, roles and time: whatever happens, the figures are those of an independent replay.

The replay below knows nothing of marks, rounds or rows. It keeps, for every person and course, the version in which each
lesson was passed and the day until which that holds, and asks of the course's history what has changed since.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from audit.actor import Actor
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World, person
from training.courses.shape import Block, Card, Course, Lesson, Module
from training.learning.actions.answer_quiz import read_on
from training.learning.actions.apply_rules import apply_to_rollout
from training.learning.actions.decide_exemption import decide_exemption
from training.learning.actions.enroll import enroll, leave
from training.learning.actions.move_learner import move_learner
from training.learning.actions.revoke_completion import revoke_completion
from training.learning.actions.settle import missing
from training.learning.actions.sweep import sweep
from training.learning.actions.take_up_version import adopt_course
from training.learning.calendar import months_later
from training.learning.coverage import coverage_of
from training.learning.models import Assignment, AssignmentRule, Completion, Exemption, LearnerProfile, Rollout

SYSTEM = Actor.system("training audit")
START = date(2026, 1, 5)
LESSONS = ("one", "two", "three")
COURSES = ("tool", "consent")
ROLES = {"prescriber": ("tool", "consent"), "front-desk": ("consent",)}
MONTHS = 12
PEOPLE, SITES = 3, 2


def course(key: str, version: int, change: str, texts: tuple[int, ...]) -> Course:
    """A course of three lessons that are only read; `texts` says which edition of each."""
    lessons = tuple(
        Lesson(name, name, 5, (), (Card("Card", (Block("text", "", f"Edition {text}."),)),))
        for name, text in zip(LESSONS, texts, strict=True)
    )
    return Course(
        schema=1, key=key, title=key, version=f"{version}.0", change=change, language="en-US", translation_of="",
        roles=("prescriber",), summary="A course.", minutes=15, final_minutes=0, pass_mark=80, expires_months=MONTHS,
        attestation=None, observation=None, site_values=(), sources=(),
        modules=(Module("all", "All", 80, LESSONS),), lessons=lessons, questions=(), cases=(),
    )  # fmt: skip


@dataclass
class Post:
    """A person in a role at a site, from a day to a day, with what was learned in it."""

    who: int
    role: str
    site: int
    start: date
    left: date | None = None
    learned: dict[str, dict[str, tuple[int, date]]] = field(default_factory=dict)
    waived_until: dict[str, date] = field(default_factory=dict)

    def there(self, day: date) -> bool:
        return self.start <= day and (self.left is None or day < self.left)


@dataclass
class Passed:
    """A course passed: the version of each lesson, until when, in which post and round of it."""

    who: int
    course: str
    lessons: dict[str, int]
    until: date
    post: Post
    round: object
    revoked: bool = False


class Replay:
    """What should be true."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.passed: list[Passed] = []
        self.history: dict[str, list[tuple[str, tuple[int, ...]]]] = {key: [("major", (0, 0, 0))] for key in COURSES}

    def holds(self, name: str, lesson: str, version: int) -> bool:
        """Whether a lesson that was passed in that version is good enough for the newest."""
        position = LESSONS.index(lesson)
        for number in range(version + 1, len(self.history[name])):
            change, texts = self.history[name][number]
            before = self.history[name][number - 1][1]
            if change == "major" or (change == "material" and texts[position] != before[position]):
                return False
        return True

    def best(self, who: int, name: str, day: date) -> Passed | None:
        found = [
            row for row in self.passed
            if (row.who, row.course, row.revoked) == (who, name, False) and row.until >= day
            and all(self.holds(name, lesson, version) for lesson, version in row.lessons.items())
        ]  # fmt: skip
        return max(found, key=lambda row: row.until, default=None)

    def figures(self, site: int, day: date) -> tuple[int, int]:
        """How many of how many are trained at a site on that day."""
        trained: dict[int, bool] = {}
        for post in self.posts:
            if post.site != site or not post.there(day):
                continue
            waived = {name for name in ROLES[post.role] if post.waived_until.get(name, date.min) >= day}
            if waived == set(ROLES[post.role]):
                continue
            done = all(name in waived or self.best(post.who, name, day) for name in ROLES[post.role])
            trained[post.who] = trained.get(post.who, True) and done
        return sum(trained.values()), len(trained)

    def learn(self, post: Post, name: str, lessons: list[str], day: date) -> None:
        """Pass lessons in the newest version; the last one that was missing completes the course."""
        newest = len(self.history[name]) - 1
        learned = post.learned.setdefault(name, {})
        fresh = months_later(day, MONTHS)
        for lesson in lessons:
            learned[lesson] = (newest, fresh)
        if lessons and not self.wanted(post, name):
            earlier = [
                row.until for row in self.passed
                if row.post is post and row.course == name and row.round is learned and not row.revoked
                and any(self.holds(name, lesson, version) for lesson, version in row.lessons.items())
            ]  # fmt: skip
            versions = {lesson: version for lesson, (version, _) in learned.items()}
            self.passed.append(Passed(post.who, name, versions, min([fresh, *earlier]), post, learned))

    def wanted(self, post: Post, name: str) -> list[str]:
        learned = post.learned.get(name, {})
        return [one for one in LESSONS if one not in learned or not self.holds(name, one, learned[one][0])]

    def night(self, day: date) -> None:
        """Open the next round of what runs out within ninety days."""
        soon = day + timedelta(days=90)
        for post in self.posts:
            for name in ROLES[post.role]:
                best = self.best(post.who, name, day)
                if not post.there(day) or (best and best.until > soon):
                    continue
                learned = post.learned.get(name)
                own = [row for row in self.passed if row.post is post and row.round is learned and not row.revoked]
                if learned is not None and own and max(row.until for row in own) <= soon:
                    post.learned[name] = {}


class Real:
    """The same through the verbs."""

    def __init__(self, world: World) -> None:
        self.by = Membership.objects.active().get(user=world.manager).actor
        self.second = Membership.objects.active().get(user=world.owner).actor
        self.sites = [Site.objects.create(name=f"Site {n}", time_zone="UTC") for n in range(SITES)]
        self.people = [person(f"p{n}@host.example", f"Person {n}") for n in range(PEOPLE)]
        for one in self.people:
            Membership.add(one, roles=["learner"], by=SYSTEM)
        self.courses = {key: adopt_course(course(key, 1, "major", (0, 0, 0)), by=self.by, source="test").course for key in COURSES}  # fmt: skip
        for role, names in ROLES.items():
            for name in names:
                AssignmentRule.set(self.courses[name], job_role=role, by=self.by)
        self.rollouts = [self._rollout(number, site) for number, site in enumerate(self.sites)]
        self.posts: list[LearnerProfile] = []

    def _rollout(self, number: int, site: Site) -> Rollout:
        from uuid import UUID

        made = Rollout.introduce(
            UUID(int=number + 1), title="Tool", tool_version="1", site=site, go_live_on=START + timedelta(days=60), by=self.by
        )  # fmt: skip
        apply_to_rollout(made, by=self.by)
        return made

    def assignment(self, post: int, name: str) -> Assignment:
        rows = Assignment.objects.select_related("version", "course", "user", "learner")
        return rows.get(learner=self.posts[post], course=self.courses[name], withdrawn_at=None)

    def learn(self, post: int, name: str, count: int) -> list[str]:
        """Pass the first lessons that are missing; return which."""
        assignment = self.assignment(post, name)
        lessons = missing(assignment).lessons[:count]
        by = Membership.objects.active().get(user_id=assignment.user_id).actor
        for lesson in lessons:
            read_on(assignment, lesson, 1, by=by)
        return lessons


def choose(luck: random.Random) -> tuple[Any, ...]:
    """Draw what happens next; what brings people to their dates is drawn most."""
    number, name, role, site = luck.randrange(10), luck.choice(COURSES), luck.choice(list(ROLES)), luck.randrange(SITES)
    kind = luck.choices(
        ["learn", "part", "wait", "night", "publish", "join", "move", "leave", "waive", "equal", "revoke"],
        [10, 3, 4, 5, 4, 3, 2, 1, 1, 1, 1],
    )[0]
    return {
        "learn": ("learn", number, name, len(LESSONS)),
        "part": ("learn", number, name, 1),
        "wait": ("wait", luck.randint(1, 120)),
        "night": ("wait", luck.choice([1, 89, 90, 91, 274, 275, 276, 335, 364, 365, 366])),
        "publish": (
            "publish",
            name,
            luck.choice(["minor", "material", "material", "major"]),
            set(luck.sample(range(3), luck.randint(0, 2))),
        ),
        "join": ("join", luck.randrange(PEOPLE), role, site, luck.randint(-5, 40)),
        "move": ("move", number, role, site, luck.randint(0, 40)),
        "leave": ("leave", number, luck.randint(0, 40)),
        "waive": ("waive", number, name, luck.randint(0, 200)),
        "equal": ("equal", number, name),
        "revoke": ("revoke", number),
    }[kind]


def play(operation: tuple[Any, ...], real: Real, replay: Replay, today: date) -> None:
    """Do one thing in both worlds."""
    kind, *rest = operation
    here = [n for n, post in enumerate(replay.posts) if post.left is None]
    if kind == "join":
        who, role, site, days = rest
        if not any((p.who, p.role, p.site, p.left) == (who, role, site, None) for p in replay.posts):
            day = today + timedelta(days=days)
            real.posts.append(enroll(real.people[who], job_role=role, site=real.sites[site], started_on=day, by=real.by))  # fmt: skip
            replay.posts.append(Post(who, role, site, day))
        return
    if kind == "publish":
        name, change, touched = rest
        texts = tuple(n + (k in touched) for k, n in enumerate(replay.history[name][-1][1]))
        replay.history[name].append((change, texts))
        adopt_course(course(name, len(replay.history[name]), change, texts), by=real.by, source="test")
        return
    if kind == "revoke":
        standing = [row for row in replay.passed if not row.revoked]
        if standing:
            row = standing[rest[0] % len(standing)]
            row.revoked = True
            if row.post.learned.get(row.course) is row.round:
                row.post.learned[row.course] = {}
            found = list(Completion.objects.order_by("id"))[replay.passed.index(row)]
            revoke_completion(found, "Wrong person", by=real.by)
        return
    if not here:
        return
    number = here[rest[0] % len(here)]
    post, profile = replay.posts[number], real.posts[number]
    if kind == "leave":
        day = max(today + timedelta(days=rest[1]), post.start)
        leave(profile, day, by=real.by)
        post.left = day
    elif kind == "move":
        role, site, day = rest[1], rest[2], max(today + timedelta(days=rest[3]), post.start)
        taken = any((p.who, p.role, p.site, p.left) == (post.who, role, site, None) for p in replay.posts)
        if not taken:
            real.posts.append(move_learner(profile, job_role=role, site=real.sites[site], on=day, by=real.by))
            replay.posts.append(Post(post.who, role, site, day))
            post.left = day
    elif rest[1] in ROLES[post.role]:
        name = rest[1]
        if kind == "learn":
            lessons = replay.wanted(post, name)[: rest[2]]
            assert real.learn(number, name, rest[2]) == lessons
            replay.learn(post, name, lessons, today)
        else:
            assignment = real.assignment(number, name)
            waiver = kind == "waive"
            until = today + timedelta(days=rest[2]) if waiver else None
            asked = Exemption.ask(assignment, kind="waiver" if waiver else "equivalence", reason="So", until=until, by=real.by)  # fmt: skip
            decide_exemption(asked, granted=True, by=real.second)
            if until:
                post.waived_until[name] = max(until, post.waived_until.get(name, until))
            elif replay.wanted(post, name):
                replay.learn(post, name, list(LESSONS), today)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class Undo(Exception):
    """Ends an example, so that nothing of it stays."""


@settings(
    max_examples=int(os.environ.get("VALIDITY_EXAMPLES", "8")),
    phases=[Phase.explicit, Phase.generate],  # a seed does not shrink; it is printed
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
@pytest.mark.slow
def test_the_figures_are_those_of_the_replay(world: World, seed: int) -> None:
    luck = random.Random(seed)
    operations = [("join", 0, "prescriber", 0, 0), ("join", 1, "front-desk", 1, 0)]
    operations += [choose(luck) for _ in range(45)]
    today = START
    with scope(world.host.pk):
        try:
            with transaction.atomic(), time_machine.travel(noon(today), tick=False) as clock:
                real, replay = Real(world), Replay()
                for operation in operations:
                    if operation[0] == "wait":
                        today += timedelta(days=operation[1])
                        clock.move_to(noon(today))
                        replay.night(today)
                        sweep(by=SYSTEM)
                    else:
                        play(operation, real, replay, today)
                    found = coverage_of([one.pk for one in real.rollouts])
                    figures = [(found[one.pk].total.passed, found[one.pk].total.required) for one in real.rollouts]
                    assert figures == [replay.figures(site, today) for site in range(SITES)], operation
                raise Undo
        except Undo:
            pass
