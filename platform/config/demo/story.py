"""The history of one deployment, told day by day from its plan to today."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from config.demo import cutover, training
from config.demo.care import EARLY, SETTLING, Care
from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Evidence, Item, ItemDependency, Program, TeamRole
from onboarding.golive.actions.go_live import go_live
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.models.signature import Proof
from onboarding.plans.actions.move_dates import move_go_live
from onboarding.vault.files import StoredFile, store
from tenancy.models import Site

LEAD = 305
"""Days before go-live on which a deployment is planned."""


SETTLES_WITHIN = timedelta(days=14)
"""A site that went live so recently still settles: more tickets, fewer users."""


@dataclass(slots=True)
class Story:
    """One deployment's history. `held`: item numbers that are not done, whatever their date."""

    cast: Cast
    program: Program
    site: Site
    go_live_on: date
    today: date
    wave: int = 1
    held: frozenset[int] = frozenset()
    roll_back_first: bool = False
    punctual: bool = False
    """Whether nothing at this site is late."""
    care: Care = field(init=False)
    deployment: Deployment = field(init=False)
    _later: timedelta = timedelta()
    """By how much a rollback put off what comes after go-live."""
    _done: dict[int, date] = field(default_factory=dict)

    def tell(self) -> Deployment:
        """Plan it, fill the team, do what was done by today, and go live where that day has come."""
        planned_on = days_ago(min(self.go_live_on - timedelta(days=LEAD), self.today), 0)
        manager = self.cast.actor_for("IM")
        with at(planned_on, 9):
            self.deployment = plan_deployment(
                self.program, self.site, go_live_on=self.go_live_on, by=manager, wave=self.wave
            )
            training.introduce(self.deployment, manager)
            self.care = Care(self.cast, self.deployment)
            if timedelta() < self.today - self.go_live_on < SETTLES_WITHIN:
                self.care.tickets, self.care.figures = list(EARLY), dict(SETTLING)
            for role in TeamRole.objects.filter(deployment=self.deployment):
                deputy = self.cast.people["implementation.manager@riverbend.example"]
                person = self.cast.by_role[role.code]
                role.fill(person, deputy=None if deputy == person else deputy, by=manager)
        taught_on = self.go_live_on - timedelta(days=training.TAUGHT)
        taught, fresh_on = False, planned_on
        for day, item in self._calendar(planned_on):
            if day >= taught_on and not taught:
                training.teach(self.cast, self.deployment, self.go_live_on)
                taught = True
            if taught and day > fresh_on:
                fresh_on = day
                with at(day, 6):
                    training.keep_fresh(self.deployment)
            if item.stage >= 7 and self.deployment.state != Deployment.State.LIVE:
                self._cut_over()
            if item.stage >= 7 and (day := day + self._later) > self.today:
                continue
            self.care.until(day - timedelta(days=1))
            if item.completed_by_gate:
                self._sign(item, day)
            else:
                self._do(item, day)
        if self.go_live_on <= self.today and self.deployment.state != Deployment.State.LIVE:
            self._cut_over()
        self.care.until(self.today - timedelta(days=1))
        self.deployment.refresh_from_db()
        return self.deployment

    def _calendar(self, planned_on: date) -> list[tuple[date, Item]]:
        """Return what was done by today, in the order in which it could be done."""
        items = {
            item.pk: item for item in Item.objects.of_deployment(self.deployment.pk).exclude(state="not_applicable")
        }
        waits: dict[UUID, list[UUID]] = {}
        for item_id, before_id in ItemDependency.objects.filter(deployment=self.deployment).values_list(
            "item_id", "predecessor_id"
        ):
            if before_id in items:
                waits.setdefault(item_id, []).append(before_id)
        days: dict[UUID, date | None] = {}

        def day_of(pk: UUID) -> date | None:
            if pk not in days:
                days[pk] = None
                item = items[pk]
                before = [day_of(one) for one in waits.get(pk, [])]
                wanted = max(
                    [
                        planned_on,
                        item.due_on + timedelta(days=self._lateness(item)),
                        *[one for one in before if one],
                    ]
                )
                hindered = item.number in self.held or None in before or wanted > self.today
                days[pk] = None if hindered else wanted
            return days[pk]

        done = [(day, item.stage, item.number, item) for pk, item in items.items() if (day := day_of(pk))]
        return [(day, item) for day, _, _, item in sorted(done, key=lambda row: row[:3])]

    def _do(self, item: Item, day: date) -> None:
        owner = self.cast.actor_for(item.owner)
        # The cut-over is over by then, in the west too.
        with at(day, (14 if item.stage < 7 else 18) + item.number % 4, item.number % 60):
            for wanted in item.required_evidence:
                paper = Evidence.give(
                    item,
                    self._paper(item, wanted["title"]),
                    by=owner,
                    wanted_key=wanted["key"],
                    for_partners=item.stage >= 4,
                )
                paper.accept(by=self.cast.actor_for("IM"))
            item.complete(by=self.cast.actor_for("IM"), may_accept=True)

    def _sign(self, item: Item, day: date) -> None:
        with at(day, 7):
            training.keep_fresh(self.deployment)
        with at(day, 10):
            review = GateReview.convene(self.deployment, item.gate, by=self.cast.actor_for("IM"))
        with at(day, 11):
            for vote in Vote.objects.filter(review=review):
                vote.cast(Vote.Choice.GO, by=self.cast.actor_for(vote.role), reason="")
        sponsor = self.cast.actor_for("EXS")
        with at(day, 12):
            proof = Proof.given(sponsor, timezone.now() - timedelta(minutes=1))
            review.decide(
                GateReview.Decision.GO,
                reason="The evidence was read; the criteria hold.",
                printed_name=sponsor.name,
                by=sponsor,
                proof=proof,
            )
        if item.gate == "G8":
            self.care.end(day, 12)

    def _cut_over(self) -> None:
        manager = self.cast.actor_for("IM")
        rehearsed_on = days_ago(self.go_live_on, 7)
        for kind, day in (("rehearsal", rehearsed_on), ("live", self.go_live_on)):
            with at(day, 1):  # what the nightly sweep does
                training.keep_fresh(self.deployment)
            run = cutover.plan(self.deployment, kind, day, by=manager, planned_on=days_ago(day, 3))
            cutover.carry_out(run, by=manager)
        run.refresh_from_db()
        assert run.ended_at is not None
        with at(self.go_live_on, run.ended_at.hour, run.ended_at.minute):
            go_live(self.deployment, by=manager)
        self.care.begin(self.go_live_on, run.ended_at.hour)
        if self.roll_back_first:
            self.roll_back_first = False
            cutover.take_back(
                run,
                19,
                by=manager,
                decider=self.cast.actor_for(run.decides),
                reason="A test crisis alert did not reach the on-call pool within ten minutes.",
            )
            self.care.break_off(self.go_live_on, 21)
            self._later = timedelta(days=14)
            self.go_live_on += self._later
            with at(self.go_live_on - timedelta(days=12), 9):
                self.deployment.refresh_from_db()
                move_go_live(
                    self.deployment, self.go_live_on, by=manager, reason="The alert route is rebuilt and rehearsed."
                )
            row = Item.objects.get(deployment=self.deployment, gate="G6", completed_by_gate=True)
            self._sign(row, self.go_live_on - timedelta(days=2))
            self._cut_over()
        self.deployment.refresh_from_db()

    def _lateness(self, item: Item) -> int:
        days = _jitter(self.site.name, item.key)
        return min(0, days) if self.punctual else days

    def _paper(self, item: Item, title: str) -> StoredFile:
        text = f"{title}\n{item.title}\n{self.site.name}\n\nWritten for the demonstration; it describes no real person or organization.\n"
        return store(self.cast.host.pk, f"{item.key}.txt", [text.encode()])


def _jitter(site: str, key: str) -> int:
    """Return how many days early or late an item was done at a site: always the same, from -6 to 3."""
    return hashlib.sha256(f"{site}/{key}".encode()).digest()[0] % 10 - 6
