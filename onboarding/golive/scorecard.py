"""The go/no-go scorecard (domain.md, 3.4): seven weighted domains, each item green 1, amber or waived one half, red 0."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from onboarding.deployments.models import Deployment, Item

GREEN, AMBER, RED, WAIVED = "green", "amber", "red", "waived"
WORTH = {GREEN: 1.0, AMBER: 0.5, WAIVED: 0.5, RED: 0.0}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one item counts, and why."""

    item_id: UUID
    number: int
    title: str
    owner: str
    domain: str
    blocks: bool
    color: str


@dataclass(frozen=True, slots=True)
class DomainScore:
    """A domain's points out of its weight."""

    key: str
    title: str
    weight: int
    points: float
    marks: tuple[Mark, ...]

    def count(self, color: str) -> int:
        """Return how many items have the color."""
        return sum(mark.color == color for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Score:
    """The score out of 100 and the marks it was made of."""

    total: float
    go_from: int
    conditional_from: int
    domains: tuple[DomainScore, ...]

    @property
    def marks(self) -> list[Mark]:
        """Every item that counts."""
        return [mark for domain in self.domains for mark in domain.marks]

    @property
    def red_blocking(self) -> list[Mark]:
        """Open blocking items: any of them is a no-go, irrespective of the score."""
        return [mark for mark in self.marks if mark.blocks and mark.color == RED]

    @property
    def ambers(self) -> list[Mark]:
        """Items that need an owner, a workaround and an expiry for a conditional go."""
        return [mark for mark in self.marks if mark.color == AMBER]

    @property
    def band(self) -> str:
        """go, conditional_go or no_go."""
        if self.red_blocking or self.total < self.conditional_from:
            return "no_go"
        return "go" if self.total >= self.go_from else "conditional_go"

    def as_data(self) -> dict[str, Any]:
        """Return the score as JSON for the record."""
        domains = [
            {**asdict(domain), "marks": [{**asdict(mark), "item_id": str(mark.item_id)} for mark in domain.marks]}
            for domain in self.domains
        ]
        return {
            "total": self.total,
            "go_from": self.go_from,
            "conditional_from": self.conditional_from,
            "band": self.band,
            "domains": domains,
        }


def score(deployment: Deployment, today: date) -> Score:
    """Compute the score of a deployment as its items stand.

    A domain of which nothing applies here leaves the total's denominator: its weight is neither given nor lost.
    """
    card = deployment.playbook_version.content["scorecard"]
    items = (
        Item.objects.of_deployment(deployment.pk)
        .exclude(domain="")
        .exclude(state__in=[Item.State.NOT_APPLICABLE, Item.State.RETIRED])
    )
    marks = [_mark(item, today) for item in items if not item.completed_by_gate]
    domains = tuple(
        _domain(domain, tuple(mark for mark in marks if mark.domain == domain["key"])) for domain in card["domains"]
    )
    counted = sum(domain.weight for domain in domains if domain.marks)
    total = 100 * sum(domain.points for domain in domains) / counted if counted else 0.0
    return Score(round(total, 1), card["go"], card["conditional_go"], domains)


def _domain(domain: dict[str, Any], marks: tuple[Mark, ...]) -> DomainScore:
    share = sum(WORTH[mark.color] for mark in marks) / len(marks) if marks else 0.0
    return DomainScore(domain["key"], domain["title"], domain["weight"], round(domain["weight"] * share, 2), marks)


def _mark(item: Item, today: date) -> Mark:
    blocks = item.gate_class == "blocks"
    if item.state == Item.State.ACCEPTED:
        color = GREEN
    elif item.state == Item.State.WAIVED and item.waived_until and item.waived_until >= today:
        color = WAIVED
    else:
        color = RED if blocks else AMBER
    return Mark(item.pk, item.number, item.title, item.owner, item.domain, blocks, color)
