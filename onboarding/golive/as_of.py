"""A gate as it stood at a moment: its criteria over what was known then, the pass in force, waivers and conditions.

Rows come from the row history and facts from the statements made by then; the criteria are those of the playbook version of
that moment. What is computed here is what was computed then (the tests replay it).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.as_of import rows_at
from facts.criteria import Outcome, evaluate
from facts.models import Fact
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.golive.models import Condition, GatePass, Waiver
from onboarding.golive.readings import DeploymentReadings
from onboarding.playbooks.models import PlaybookVersion

Image = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stood:
    """A gate at a moment."""

    gate: dict[str, Any]
    outcome: Outcome
    passed_at: datetime | None
    review_id: UUID | None
    relied_on: bool
    waivers: tuple[Image, ...]
    conditions: tuple[Image, ...]

    @property
    def state(self) -> str:
        """passed, lapsed, ready or open, as `gates.Standing` says it."""
        if self.passed_at:
            return "passed" if self.outcome.holds or not self.relied_on else "lapsed"
        return "ready" if self.outcome.holds else "open"


def gate_at(deployment: Deployment, key: str, at: datetime) -> Stood | None:
    """Return the gate as it stood; None before the deployment was planned, or where it had no such gate then."""
    stood = rows_at(Deployment, [deployment.pk], at).get(deployment.pk)
    if stood is None:
        return None
    version = PlaybookVersion.objects.get(pk=stood["playbook_version_id"])
    gate = next((one for one in version.gates if one["key"] == key), None)
    if gate is None:
        return None
    held = next((one for one in _images(GatePass, at, deployment, gate=key) if _is_in_force(one)), None)
    review = UUID(held["review_id"]) if held and held["review_id"] else None
    conditions = tuple(_images(Condition, at, deployment, review_id=review)) if review else ()
    readings = _readings(deployment, at, conditions)
    items = {
        str(pk)
        for pk in Item.objects.filter(deployment=deployment, stage__lte=gate["stage"]).values_list("pk", flat=True)
    }
    return Stood(
        gate=gate,
        outcome=evaluate(gate["criteria"], readings, at),
        passed_at=datetime.fromisoformat(held["passed_at"]) if held else None,
        review_id=review,
        relied_on=gate["kind"] == "automatic" or stood["state"] != Deployment.State.LIVE,
        waivers=tuple(one for one in _images(Waiver, at, deployment) if one["item_id"] in items),
        conditions=conditions,
    )


def _readings(deployment: Deployment, at: datetime, conditions: Iterable[Image]) -> DeploymentReadings:
    items = sorted(_images(Item, at, deployment), key=lambda one: one["number"])
    roles = sorted(_images(TeamRole, at, deployment), key=lambda one: one["title"])
    facts = Fact.objects.about(deployment.pk).filter(observed_at__lte=at).current()
    return DeploymentReadings.as_they_stood(
        [_item(one) for one in items],
        {one["code"]: one["title"] for one in roles if _is_vacant(one)},
        facts,
        covered={UUID(one["item_id"]): date.fromisoformat(one["expires_on"]) for one in conditions if one["item_id"]},
        today=timezone.localdate(at),
    )


def _images(model: Any, at: datetime, deployment: Deployment, **only: Any) -> list[Image]:
    ids = list(model.objects.filter(deployment=deployment, **only).values_list("pk", flat=True))
    return [{**image, "id": str(pk)} for pk, image in rows_at(model, ids, at).items()]


def _item(image: Image) -> SimpleNamespace:
    until = image["waived_until"]
    return SimpleNamespace(
        id=UUID(image["id"]),
        number=image["number"],
        title=image["title"],
        stage=image["stage"],
        gate_class=image["gate_class"],
        state=image["state"],
        completed_by_gate=image["completed_by_gate"],
        waived_until=date.fromisoformat(until) if until else None,
    )


def _is_in_force(image: Image) -> bool:
    return image["ended_at"] is None


def _is_vacant(image: Image) -> bool:
    return image["person_id"] is None
