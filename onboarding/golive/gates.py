"""Where each gate of a deployment stands; gates close, and open again, as the facts do."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from facts.criteria import Outcome, evaluate
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.progress import AFTER_GATE
from onboarding.golive import audit
from onboarding.golive.models import Condition, GatePass, GateReview, GateWatch
from onboarding.golive.readings import DeploymentReadings, end_of

GATES = Actor.system("gates")

OVER = (Deployment.State.LIVE, Deployment.State.DISCONTINUED)
"""What a signed gate allowed has happened, or never will: nothing rests on it any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate as it stands: its definition, its criteria's outcome, and the pass in force with its conditions, if any."""

    gate: dict[str, Any]
    outcome: Outcome
    held: GatePass | None
    readings: DeploymentReadings
    """What was read, with the items that its conditions carry."""
    conditions: tuple[Condition, ...] = ()
    """What its signed decision carries along."""
    relied_on: bool = True
    """Whether something still rests on it: until the deployment is live. What a decision allowed has happened by then."""

    @property
    def key(self) -> str:
        """Its short name."""
        return str(self.gate["key"])

    @property
    def state(self) -> str:
        """passed, lapsed (passed, and its criteria hold no more), ready or open."""
        if self.held:
            return "passed" if self.outcome.holds or not self.relied_on else "lapsed"
        return "ready" if self.outcome.holds else "open"

    @property
    def why(self) -> str:
        """The first thing that keeps it from holding, in a sentence."""
        failing = self.outcome.failing()
        return failing[0].says if failing else ""

    @property
    def until(self) -> datetime | None:
        """When time alone may change it: what it read goes stale, a waiver ends, or a condition of its decision does."""
        moments = [self.outcome.lapses_at] if self.outcome.lapses_at and (self.relied_on or not self.held) else []
        return min([*moments, *(end_of(one.expires_on) for one in self.conditions if one.is_open)], default=None)

    def as_data(self) -> dict[str, Any]:
        """Return what a deployment keeps of it."""
        data: dict[str, Any] = {"state": self.state}
        if self.held:
            data["on"] = timezone.localdate(self.held.passed_at).isoformat()
        else:
            data["failing"] = len(self.outcome.failing())
        return data | ({"until": _written(self.until)} if self.until else {})


def standings(deployment: Deployment, *keys: str, readings: DeploymentReadings | None = None) -> list[Standing]:
    """Return every gate of the deployment, or those of these keys, as they stand now."""
    readings, now = readings or DeploymentReadings(deployment.pk), timezone.now()
    passes = {one.gate: one for one in GatePass.objects.in_force().filter(deployment_id=deployment.pk)}
    conditions = conditions_of(passes.values())
    found = []
    for gate in deployment.playbook_version.gates:
        key = gate["key"]
        if not keys or key in keys:
            held = passes.get(key)
            mine = conditions[held.review_id] if held else []
            seen = readings.covering(carried_by(mine))
            outcome = evaluate(gate["criteria"], seen, now)
            relied_on = gate["kind"] == "automatic" or deployment.state not in OVER
            found.append(Standing(gate, outcome, held, seen, tuple(mine), relied_on))
    return found


def outcome_of(deployment: Deployment, gate: dict[str, Any]) -> Outcome:
    """Return a gate's outcome as it is now, with its reasons."""
    return standings(deployment, gate["key"])[0].outcome


def refusal(deployment: Deployment, gate: str) -> str:
    """Return why a signed gate does not count now, or nothing: unsigned, or signed and lapsed since."""
    for standing in standings(deployment, gate):
        name = f"{gate} {standing.gate['title'].lower()}"
        if standing.held is None:
            return f"{name} is not signed"
        return "" if standing.outcome.holds else f"{name} was signed and holds no more ({standing.why.rstrip('.')})"
    return f"{gate} is no gate of this playbook"


def recompute(deployment_id: UUID, by: Actor, *, came_due: bool = False) -> None:
    """Close every automatic gate whose criteria hold, reopen those whose criteria do not, and note where all stand.

    Runs in the transaction that changed an item, the team or a fact; in a partner's too, hence as the system.
    `came_due`: the moment has come at which time alone may have changed them.
    """
    deployment = Deployment.objects.select_related("playbook_version").filter(pk=deployment_id).first()
    if deployment is None:
        return
    found = standings(deployment)
    if _end_expired(deployment, found):
        recompute(deployment_id, by, came_due=came_due)
        return
    found = [_follow(deployment, one) if one.gate["kind"] == "automatic" else one for one in found]
    noted = {one.key: one.as_data() for one in found}
    if noted != deployment.gates:
        _tell_of_lapses(deployment, found)
        Deployment.objects.filter(pk=deployment_id).update(gates=noted)
    due_at = min((one.until for one in found if one.until), default=None)
    known = min((one["until"] for one in deployment.gates.values() if one.get("until")), default="")
    if came_due or _written(due_at) != known:
        GateWatch.set(deployment_id, due_at)


def look_again(deployment_id: UUID, *, came_due: bool = False) -> None:
    """Let the gates look because a fact was stated or time has passed; open pages see it.

    Whoever cannot reach the deployment, such as a learner of another of its sites, leaves it to the sweep.
    """
    Deployment.touch(deployment_id)  # takes the row's lock: two statements at once are looked at one after the other
    recompute(deployment_id, GATES, came_due=came_due)


def after_decision(review: GateReview, by: Actor) -> None:
    """Let a signed decision take effect: a pass and its row in the checklist, or the end of an earlier pass."""
    title = review.definition["title"]
    end_pass(review.deployment_id, review.gate, f"record {review.number} replaced it", by, title, silent=True)
    if review.decision in GateReview.PASSING:
        GatePass(deployment_id=review.deployment_id, gate=review.gate, review=review).save(force_insert=True)
        record(
            audit.GATE_PASSED, by=by, subject=review.deployment, gate=review.gate, title=title, review=str(review.pk)
        )
        _tell_of_pass(review.deployment, review.gate)
        row = Item.objects.filter(deployment_id=review.deployment_id, gate=review.gate, completed_by_gate=True).first()
        if row:
            row.complete_by_gate(by=by)
            return
    recompute(review.deployment_id, by)


def end_pass(deployment_id: UUID, gate: str, why: str, by: Actor, title: str, *, silent: bool = False) -> None:
    """End a pass in force; `silent` where another event already tells of it."""
    ended = (
        GatePass.objects.in_force()
        .filter(deployment_id=deployment_id, gate=gate)
        .update(ended_at=timezone.now(), ended_because=why[:300])
    )
    if ended and not silent:
        deployment = Deployment.objects.get(pk=deployment_id)
        record(audit.GATE_REOPENED, by=by, subject=deployment, gate=gate, title=title, why=why)


def reopen_row(deployment_id: UUID, gate: str, by: Actor, reason: str) -> None:
    """Open the row that stands for a signed gate again, if it is closed."""
    rows = Item.objects.filter(deployment_id=deployment_id, gate=gate, completed_by_gate=True)
    row = rows.filter(state=Item.State.ACCEPTED).first()
    if row:
        row.reopen_by_gate(by=by, reason=reason)


def conditions_of(passes: Iterable[GatePass]) -> defaultdict[UUID | None, list[Condition]]:
    """Return, by review, what the signed decisions in force carry along; one statement, none without a decision."""
    reviews = [one.review_id for one in passes if one.review_id]
    found: defaultdict[UUID | None, list[Condition]] = defaultdict(list)
    if reviews:
        for condition in Condition.objects.filter(review__in=reviews).select_related("item").order_by("expires_on"):
            found[condition.review_id].append(condition)
    return found


def carried_by(conditions: Iterable[Condition]) -> dict[UUID, date]:
    """Return the items that conditions carry, each with the last day on which they do."""
    return {one.item_id: one.expires_on for one in conditions if one.item_id}


def _end_expired(deployment: Deployment, found: Iterable[Standing]) -> bool:
    """End each pass of which a condition is over while its item is open; return whether there was one."""
    today, ended = timezone.localdate(), False
    for one in found:
        over = next((each for each in one.conditions if each.is_over(today)), None)
        if over:
            why = f"its condition {over.item} ended on {over.expires_on:%-d %b %Y} and is open"
            end_pass(deployment.pk, one.key, why, GATES, one.gate["title"])
            reopen_row(deployment.pk, one.key, GATES, f"{one.key} opened again: {why}.")
            ended = True
    return ended


def _follow(deployment: Deployment, standing: Standing) -> Standing:
    gate, held = standing.gate, standing.held
    if standing.outcome.holds and held is None:
        held = GatePass(deployment=deployment, gate=standing.key)
        held.save(force_insert=True)
        record(audit.GATE_PASSED, by=GATES, subject=deployment, gate=standing.key, title=gate["title"])
        _tell_of_pass(deployment, standing.key)
    elif held and not standing.outcome.holds:
        end_pass(deployment.pk, standing.key, standing.why, GATES, gate["title"])
        held = None
    return replace(standing, held=held)


def _tell_of_pass(deployment: Deployment, gate: str) -> None:
    for follow in AFTER_GATE:
        follow(deployment, gate)


def _written(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


def _tell_of_lapses(deployment: Deployment, found: Iterable[Standing]) -> None:
    """Say that a signed gate holds no more, or again: nobody did anything to it, so no other event tells."""
    for one in found:
        was = deployment.gates.get(one.key, {}).get("state")
        about = {"gate": one.key, "title": one.gate["title"]}
        if one.state == "lapsed" and was != "lapsed":
            record(audit.GATE_LAPSED, by=GATES, subject=deployment, why=one.why, **about)
        elif one.state == "passed" and was == "lapsed":
            record(audit.GATE_HOLDS_AGAIN, by=GATES, subject=deployment, **about)
