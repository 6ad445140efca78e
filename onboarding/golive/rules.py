"""What a review may decide: criteria, score, votes and conditions, weighed by the rules of the playbook (domain.md, 3.4)."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from facts.criteria import Outcome, evaluate
from onboarding.golive.models import Condition, GateReview, Vote
from onboarding.golive.readings import DeploymentReadings
from onboarding.golive.scorecard import Score, score

GO_NO_GO = "G6"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything a decision stands on, as it is now."""

    review: GateReview
    outcome: Outcome
    score: Score | None
    votes: tuple[Vote, ...]
    conditions: tuple[Condition, ...]
    quorum: int
    readings: DeploymentReadings
    """What the criteria read, with the items that the conditions carry."""

    @classmethod
    def of(cls, review: GateReview) -> "Assessment":
        """Assess a review."""
        conditions = tuple(Condition.objects.of_review(review))
        covered = {one.item_id: one.expires_on for one in conditions if one.item_id}
        readings = DeploymentReadings(review.deployment_id, covered=covered)
        definition = review.definition
        return cls(
            review=review,
            outcome=evaluate(definition["criteria"], readings, timezone.now()),
            score=score(review.deployment, readings.today) if review.gate == GO_NO_GO else None,
            votes=tuple(Vote.objects.filter(review=review).select_related("by").order_by("id")),
            conditions=conditions,
            quorum=definition["quorum"],
            readings=readings,
        )

    @property
    def cast(self) -> int:
        """How many of the panel have spoken; an abstention counts as present."""
        return sum(bool(vote.choice) for vote in self.votes)

    @property
    def uncovered(self) -> list[Any]:
        """Amber items that no condition carries."""
        covered = {condition.item_id for condition in self.conditions}
        return [mark for mark in self.score.ambers if mark.item_id not in covered] if self.score else []

    @property
    def verdict(self) -> str:
        """What the figures come to: the band of the score, but no clean go while something amber goes along."""
        if self.score is None:
            return GateReview.Decision.GO if self.outcome.holds else GateReview.Decision.NO_GO
        if self.score.band == GateReview.Decision.GO and self.score.ambers:
            return GateReview.Decision.CONDITIONAL_GO
        return self.score.band

    def excludes(self, decision: str) -> str:
        """Return why the rules exclude a decision, or an empty string where it is open."""
        if decision not in GateReview.Decision.values:
            return f"{decision!r} is no decision."
        if decision == GateReview.Decision.NO_GO:
            return ""
        if self.cast < self.quorum:
            return f"{self.cast} of the panel have voted, the quorum is {self.quorum}."
        if self.score is None:
            if decision == GateReview.Decision.CONDITIONAL_GO:
                return "only the go/no-go knows conditions: ask for a waiver of the item instead."
            return self._criteria()
        if self.score.red_blocking:
            first = self.score.red_blocking[0]
            return f"#{first.number} {first.title} blocks and is open."
        if self.score.total < self.score.conditional_from:
            return f"the score is {self.score.total:g}, below {self.score.conditional_from}."
        if decision == GateReview.Decision.GO:
            if self.score.total < self.score.go_from:
                return f"the score is {self.score.total:g}, below {self.score.go_from}."
            if self.conditions:
                return "conditions are set: decide a conditional go, or wait until they are met."
        elif self.uncovered:
            first = self.uncovered[0]
            return f"#{first.number} {first.title} is amber without owner, workaround and expiry."
        return self._criteria()

    def dissent(self, decision: str) -> list[Vote]:
        """Return the voices against a decision."""
        return [vote for vote in self.votes if vote.dissents_from(decision)]

    def as_data(self, decision: str) -> dict[str, Any]:
        """Return it as JSON for the record that is signed."""
        return {
            "criteria": self.outcome.as_data(),
            "score": self.score.as_data() if self.score else None,
            "votes": [_voice(vote) for vote in self.votes],
            "dissent": [_voice(vote) for vote in self.dissent(decision)],
            "conditions": [
                {
                    "item": one.item.number if one.item else None,
                    "title": one.title,
                    "owner": one.owner,
                    "workaround": one.workaround,
                    "until": one.expires_on.isoformat(),
                }
                for one in Condition.objects.of_review(self.review)
            ],
            "quorum": self.quorum,
            "present": self.cast,
        }

    def _criteria(self) -> str:
        failing = self.outcome.failing()
        return failing[0].says if failing else ""


def _voice(vote: Vote) -> dict[str, Any]:
    return {
        "role": vote.role,
        "choice": vote.choice,
        "reason": vote.reason,
        "by": str(vote.by_id) if vote.by_id else None,
    }
