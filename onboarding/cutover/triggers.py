"""Rollback triggers: a threshold on a fact, and for how long it must have held without a break."""

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facts.models import Fact
from onboarding.cutover.facts import CUTOVER
from onboarding.deployments.models import Deployment

HOLDS: dict[str, Callable[[float, float], bool]] = {"ge": operator.ge, "gt": operator.gt}
Seen = tuple[datetime, float]
"""When a figure was observed, and its value."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """How one trigger stands."""

    key: str
    title: str
    fact: str
    limit: float
    for_minutes: int
    value: float | None
    """The newest figure; None where none was reported within the hour."""
    since: datetime | None
    """Since when it is beyond its limit without a break; None where it is not."""
    fired: bool


def look(deployment: Deployment, now: datetime) -> list[Trigger]:
    """Return every trigger of the deployment's playbook as it stands, with one statement."""
    rules = deployment.playbook_version.content["runbook"]["triggers"]
    history: dict[str, list[Seen]] = defaultdict(list)
    facts = Fact.objects.about(deployment.pk).filter(kind__startswith="cutover.", observed_at__lte=now)
    for kind, at, value in facts.order_by("observed_at", "id").values_list("kind", "observed_at", "value"):
        history[kind].append((at, value))
    return [judge(rule, history[rule["when"]["fact"]], now) for rule in rules]


def judge(rule: Mapping[str, Any], seen: Sequence[Seen], now: datetime) -> Trigger:
    """Return how a trigger stands after these figures, oldest first.

    It fires when every figure from some moment on is beyond the limit, and that moment is `for_minutes` ago or longer. A
    figure that is no longer fresh says nothing: the trigger is unknown, and one that had fired stays fired.
    """
    when, minutes = rule["when"], rule["for_minutes"]
    beyond = HOLDS[when["op"]]
    since: datetime | None = None
    for at, value in seen:
        since = (since or at) if beyond(value, when["value"]) else None
    fresh_for = CUTOVER[when["fact"].removeprefix("cutover.")].fresh_for or timedelta.max
    fresh = bool(seen) and now - seen[-1][0] <= fresh_for
    return Trigger(
        key=rule["key"],
        title=rule["title"],
        fact=when["fact"],
        limit=when["value"],
        for_minutes=minutes,
        value=seen[-1][1] if fresh else None,
        since=since,
        fired=since is not None and now - since >= timedelta(minutes=minutes),
    )
