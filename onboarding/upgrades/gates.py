"""Which gates would open again: a newer version may bring work that a passed gate waits for, or ask more of the gate itself."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from facts.criteria import evaluate
from facts.kinds import private_names
from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import OVER, carried_by, conditions_of
from onboarding.golive.models import GatePass
from onboarding.golive.readings import DeploymentReadings
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.merge import Change, Standing, apply
from onboarding.upgrades.situation import Situation


class _Item(NamedTuple):
    """An item as the criteria of gates read it."""

    id: UUID | None
    number: int
    title: str
    stage: int
    gate_class: str
    state: str
    completed_by_gate: bool
    waived_until: Any


def opened_again(settled: Sequence[tuple[Situation, tuple[Change, ...]]], to: PlaybookVersion) -> dict[UUID, list[str]]:
    """Return, by deployment, the keys of the gates that stand passed now and would not hold after these changes.

    Three statements, however many deployments there are; none where no gate is passed.
    """
    asked = {one.deployment.pk: keys for one, _ in settled if (keys := _passed(one.deployment))}
    if not asked:
        return {}
    held: dict[UUID, dict[str, GatePass]] = defaultdict(dict)
    for one in GatePass.objects.in_force().filter(deployment_id__in=asked):
        held[one.deployment_id][one.gate] = one
    conditions = conditions_of(one for passes in held.values() for one in passes.values())
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(subject_id__in=asked).exclude(kind__in=private_names()).current():
        facts[fact.subject_id].append(fact)
    now = timezone.now()

    def opens(gate: Mapping[str, Any], pk: UUID, readings: DeploymentReadings) -> bool:
        carried = carried_by(conditions[held[pk][gate["key"]].review_id])
        return not evaluate(gate["criteria"], readings.covering(carried), now).holds

    found = {}
    for situation, changes in settled:
        pk = situation.deployment.pk
        known = asked.get(pk, set()) & held[pk].keys()
        readings = _readings_after(situation, changes, facts[pk], to)
        if opening := [gate["key"] for gate in to.gates if gate["key"] in known and opens(gate, pk, readings)]:
            found[pk] = opening
    return found


def _passed(deployment: Deployment) -> set[str]:
    """The gates that stand passed and that something still rests on: what a signature allowed has happened once a site is live."""
    over = deployment.state in OVER
    kinds = {gate["key"]: gate["kind"] for gate in deployment.playbook_version.gates}
    return {
        key
        for key, gate in deployment.gates.items()
        if gate.get("state") == "passed" and not (over and kinds.get(key) != "automatic")
    }


def _readings_after(
    situation: Situation, changes: tuple[Change, ...], facts: list[Fact], to: PlaybookVersion
) -> DeploymentReadings:
    roles = {role["code"]: role["title"] for role in to.roles if role["code"] not in situation.roles}
    vacant = {role.code: role.title for role in situation.roles.values() if role.person_id is None} | roles
    items = [_item(situation, key, standing) for key, standing in apply(situation.ours, changes).items()]
    return DeploymentReadings.as_they_stood(items, vacant, facts, covered={}, today=timezone.localdate())


def _item(situation: Situation, key: str, standing: Standing) -> _Item:
    fields, row = standing.fields, situation.rows.get(key)
    return _Item(
        row.pk if row else None, fields["number"], fields["title"], fields["stage"], fields["gate_class"], standing.state,
        fields["completed_by_gate"], row.waived_until if row else None,
    )  # fmt: skip
