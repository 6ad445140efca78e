"""How papers stand behind a deployment, as a criterion of an audit asks: given, approved, in force, and for how long.

A leaf `{"fact": "paper.state", "control": key, "for_days": n?, "op": …, "value": …}` names a control of the control sets. Papers of
the vault that answer it count, and evidence of the kinds that answer it on the deployment's own items; the best of them says
how it stands.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from facts.criteria import MalformedCriterion, Reading
from onboarding.deployments.models import Evidence
from onboarding.vault import controls
from onboarding.vault.models import Paper

FACT = "paper.state"
STATES = ("in force", "expiring", "expired", "not approved", "missing")
"""From the best to the worst. Expiring: in force today, but not so many days from now as the leaf asks for."""
KEYS = {"fact", "op", "value", "says", "control", "for_days"}
Standing = tuple[bool, date | None]
"""Whether a paper was approved, and its last day."""


class Papers:
    """The vault of the organization in scope, read once, and the evidence of these deployments."""

    def __init__(self, deployments: list[UUID]) -> None:
        self.today = timezone.localdate()
        self._vault: list[tuple[list[str], Standing]] = [
            (answers, (approved is not None, until))
            for answers, approved, until in Paper.objects.exclude(state=Paper.State.REVOKED).values_list(
                "controls", "approved_version", "valid_until"
            )
        ]
        self._evidence: dict[UUID, list[tuple[str, Standing]]] = {}
        given = Evidence.objects.filter(deployment_id__in=deployments).exclude(wanted_key="")
        for pk, item, wanted, state, until in given.values_list(
            "deployment_id", "item__key", "wanted_key", "state", "valid_until"
        ):
            accepted = state == Evidence.State.ACCEPTED
            self._evidence.setdefault(pk, []).append((f"{item}/{wanted}", (accepted, until)))

    def read(self, leaf: Mapping[str, Any], deployment_id: UUID) -> Reading:
        """Return how the papers stand that answer the leaf's control."""
        control = controls.every()[leaf["control"]]
        found = [standing for answers, standing in self._vault if control.key in answers]
        found += [standing for kind, standing in self._evidence.get(deployment_id, []) if kind in control.evidence]
        until = self.today + timedelta(days=int(leaf.get("for_days", 0)))
        states = [self._state(approved, last, until) for approved, last in found]
        return Reading(min(states, key=STATES.index, default="missing"))

    def _state(self, approved: bool, last: date | None, until: date) -> str:
        if not approved:
            return "not approved"
        if last is None or last >= until:
            return "in force"
        return "expiring" if last >= self.today else "expired"


def known() -> list[tuple[str, str]]:
    """Return the controls that a criterion may name, by key, with the words of a page."""
    return [(one.key, f"{group.title}: {one.title}") for group in controls.sets() for one in group.controls]


def demand_sound(leaf: Mapping[str, Any]) -> None:
    """Raise MalformedCriterion for a leaf over papers that names no control, or compares with no state of a paper."""
    if extra := set(leaf) - KEYS:
        raise MalformedCriterion(f"{FACT}: {', '.join(sorted(extra))} means nothing here.")
    control = leaf.get("control")
    if not isinstance(control, str) or control not in controls.every():
        raise MalformedCriterion(f"{FACT}: {control!r} is no control of the control sets.")
    days = leaf.get("for_days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 3650:
        raise MalformedCriterion(f"{FACT}: for_days is a number of days up to 3650.")
    if leaf["op"] not in {"eq", "ne", "in"}:
        raise MalformedCriterion(f"{FACT}: a state is compared by eq, ne or in.")
    values = leaf["value"] if leaf["op"] == "in" else [leaf["value"]]
    if not isinstance(values, list) or not values or any(value not in STATES for value in values):
        raise MalformedCriterion(f"{FACT}: the states of a paper are {', '.join(STATES)}.")
