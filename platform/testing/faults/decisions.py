"""Many approvers decide the same gate review at the same moment, each over a connection of their own: one of them wins."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from statistics import median
from uuid import UUID

from django.db import connection
from django.utils import timezone

from access.permissions import Role
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from facts.kinds import find
from facts.models import state, together
from launcher.places import ROOT
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item, Program, TeamRole
from onboarding.golive.models import GatePass, GateReview, Signature, Vote
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import Proof
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.faults.ground import Ground

SETUP = Actor.system("fault run")
GATE = "G6"
RESULT = "RESULT"
AHEAD = timedelta(days=180)
DECISIONS = (GateReview.Decision.GO, GateReview.Decision.NO_GO)
Say = Callable[[str], None]


@dataclass
class Result:
    """What a contest found."""

    rivals: int
    rounds: int = 0
    winners: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    """Rounds that ended with anything but one winner, one signature, one event and the pass that belongs to it."""
    errors: Counter[str] = field(default_factory=Counter)
    went: int = 0
    """Rounds whose winner said go."""
    connections: int = 0
    """Database connections that the rivals held at once, as the server counted them."""
    median_ms: float = 0.0
    """From the start of a round until its last rival had an answer."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether every round had exactly one winner and nobody met anything but a refusal."""
        one_each = self.winners == self.rounds and self.refused == self.rounds * (self.rivals - 1)
        return one_each and not self.wrong and not self.errors


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the rivals meet: a deployment at which everything that the gate asks is true."""

    organization_id: UUID
    deployment: Deployment
    chair: Actor
    voter: Actor
    rivals: Sequence[Actor]


def run(rivals: int, rounds: int, say: Say) -> Result:
    """Hold the contest on servers of our own."""
    import random

    with Ground(random.Random(0)) as ground:  # noqa: S311 - nothing is left to chance here
        say("The servers are up, the schema is made.")
        command = [sys.executable, str(ROOT / "manage.py"), "faults", "decide"]
        command += ["--rivals", str(rivals), "--rounds", str(rounds)]
        with subprocess.Popen(
            command, env=ground.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            found = ""
            for line in process.stdout:
                mark, _, rest = line.rstrip().partition(" ")
                if mark == RESULT:
                    found = rest
                else:
                    say(line.rstrip())
        if not found:
            raise RuntimeError("The contest ended without a result.")
        read = json.loads(found)
        return Result(**{**read, "errors": Counter(read["errors"])})


def decide(rivals: int, rounds: int, say: Say) -> None:
    """Set the stage on this ground, hold the contest, and say its result as the last line."""
    result = contest(stage(rivals), rounds, say)
    say(f"{RESULT} {json.dumps(asdict(result))}")


def contest(where: Stage, rounds: int, say: Say) -> Result:
    """Let all rivals decide `rounds` meetings, one after the other, half of them go and half no-go."""
    result, lengths = Result(rivals=len(where.rivals)), []
    start = threading.Barrier(len(where.rivals) + 1)
    began = time.monotonic()
    with ThreadPoolExecutor(len(where.rivals)) as pool:
        for number in range(rounds):
            review = _meeting(where)
            running = [
                pool.submit(_try, where, review, rival, DECISIONS[(place + number) % 2], start)
                for place, rival in enumerate(where.rivals)
            ]
            start.wait()
            at = time.monotonic()
            answers = [one.result() for one in running]
            lengths.append(1000 * (time.monotonic() - at))
            _count(where, review, answers, result)
            if (number + 1) % 50 == 0:
                say(
                    f"  {number + 1} rounds: {result.winners} winners, {result.refused} refused, {len(result.wrong)} wrong"
                )
        result.connections = _connections()
        closing = [pool.submit(_close, start) for _ in where.rivals]
        start.wait()
        for one in closing:
            one.result()
    result.median_ms, result.seconds = round(median(lengths), 1), round(time.monotonic() - began, 1)
    return result


def stage(rivals: int) -> Stage:
    """Plan a deployment of an organization of its own at which the go/no-go may be decided, and give it its approvers."""
    people = [User(email=f"approver.{number}@contest.example", name=f"Approver {number}") for number in range(rivals)]
    chair, voter = (User(email=f"{name.lower()}@contest.example", name=name) for name in ("Chair", "Voter"))
    User.objects.bulk_create([*people, chair, voter])
    vendor = create_organization(name="Maker", slug="maker", kind=Organization.Kind.VENDOR, owner=voter, by=SETUP)
    made = create_organization(name="Contest", slug="contest", kind=Organization.Kind.HEALTH, owner=chair, by=SETUP)
    with scope(made.pk):
        for one in people:
            Membership.add(one, roles=[Role.APPROVER], by=SETUP)
        Membership.add(voter, roles=[Role.CONTRIBUTOR], by=SETUP)
        actors = {one.user_id: one.actor for one in Membership.objects.active()}
        deployment = _planned(vendor, actors[chair.pk])
        _make_ready(deployment, chair, voter)
    return Stage(made.pk, deployment, actors[chair.pk], actors[voter.pk], [actors[one.pk] for one in people])


def _planned(vendor: Organization, by: Actor) -> Deployment:
    version = PlaybookVersion.adopt(load(STARTER), by=by, source="library")
    tool = Tool.register(title="Stillwater CBT", vendor=vendor, by=by)
    release = ToolVersion.register(tool, version="4.2", by=by)
    program = Program.start(title="Stillwater CBT", tool_version=release, playbook_version=version, by=by)
    site = Site.objects.create(
        name="Main Street", kind=Site.Kind.FQHC, region="NY", country="US", time_zone="America/New_York"
    )
    return plan_deployment(program, site, go_live_on=timezone.localdate() + AHEAD, by=by, wave=1)


def _make_ready(deployment: Deployment, chair: User, voter: User) -> None:
    TeamRole.objects.filter(deployment=deployment).update(person=voter, deputy=chair, vacant_since=None)
    items = Item.objects.filter(deployment=deployment, stage__lte=6, completed_by_gate=False)
    items.filter(state="todo").update(state="accepted", done_at=timezone.now())


def _meeting(where: Stage) -> GateReview:
    """Convene, and let the panel vote; the facts are stated anew, as every night."""
    with scope(where.organization_id):
        with together():
            state(find("training.coverage"), 0.97, subject=where.deployment)
            state(find("training.access_without_training"), 0, subject=where.deployment)
        review = GateReview.convene(where.deployment, GATE, by=where.chair)
        for vote in Vote.objects.filter(review=review):
            vote.cast(Vote.Choice.GO, by=where.voter)
    return review


def _try(where: Stage, review: GateReview, rival: Actor, decision: str, start: threading.Barrier) -> str:
    """Return "won", "refused", or what went wrong."""
    connection.ensure_connection()
    start.wait()
    try:
        with scope(where.organization_id):
            GateReview.objects.get(pk=review.pk).decide(
                decision,
                reason=f"{rival.name} was first.",
                printed_name=rival.name,
                by=rival,
                proof=Proof.given(rival, timezone.now()),
            )
    except ReviewRefused:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return "won"


def _count(where: Stage, review: GateReview, answers: Sequence[str], result: Result) -> None:
    counted = Counter(answers)
    result.rounds += 1
    result.winners += counted.pop("won", 0)
    result.refused += counted.pop("refused", 0)
    result.errors += counted
    winners = [rival.id for rival, answer in zip(where.rivals, answers, strict=True) if answer == "won"]
    with scope(where.organization_id):
        decided = GateReview.objects.get(pk=review.pk)
        signatures = list(Signature.objects.filter(review=review))
        events = Event.objects.about(review.pk).filter(action="gate_review.decided").count()
        passes = GatePass.objects.filter(review=review).count()
        in_force = GatePass.objects.in_force().filter(deployment=where.deployment, gate=GATE).count()
    went = decided.decision in GateReview.PASSING
    result.went += went
    found = ([decided.decided_by_id], [one.signer_id for one in signatures], events, passes, in_force)
    whole = all(one.is_valid(decided.record) for one in signatures)
    if found != (winners, winners, 1, int(went), int(went)) or not whole:
        result.wrong.append(f"round {result.rounds}: {found}")


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def _close(start: threading.Barrier) -> None:
    start.wait()  # so that each of the pool's threads does this once
    connection.close()
