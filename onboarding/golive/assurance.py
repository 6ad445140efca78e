"""What audits look at in gates and in the facts behind them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from assurance.registry import Extent, Seen, check
from facts import kinds
from facts.criteria import MalformedCriterion, Reading, evaluate, leaves
from facts.models import Fact
from onboarding.deployments import papers
from onboarding.deployments.assurance import running
from onboarding.deployments.models import Deployment
from onboarding.golive import pack_sections  # noqa: F401  # its parts of an audit pack
from onboarding.golive.gates import Standing, standings
from onboarding.golive.models import EvidencePack, GatePass
from onboarding.golive.readings import COUNTED, OWN_WORDS, VACANT, DeploymentReadings
from onboarding.golive.verification import verified
from onboarding.playbooks.expressions import COMPARED, COUNTED_FACTS, check_value
from web.addresses import reverse
from web.formats import day


def passes(extent: Extent) -> list[UUID]:
    """Return the passes in force of running deployments."""
    found = GatePass.objects.in_force().filter(deployment_id__in=running(extent))
    return list(found.values_list("pk", flat=True))


def look_at_passes(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each gate whether it would still pass, whether its evidence is whole, and whether its signatures stand."""
    rows = GatePass.objects.filter(pk__in=ids).select_related("review").order_by("deployment_id", "gate")
    by_deployment: dict[UUID, list[GatePass]] = {}
    for one in rows:
        by_deployment.setdefault(one.deployment_id, []).append(one)
    found = {}
    for deployment in Deployment.objects.for_page().filter(pk__in=by_deployment):
        standing = {one.key: one for one in standings(deployment)}
        for one in by_deployment[deployment.pk]:
            found[one.pk] = _gate(one, deployment, standing.get(one.gate), extent)
    return found


def _gate(held: GatePass, deployment: Deployment, standing: Standing | None, extent: Extent) -> Seen:
    title = standing.gate["title"] if standing else "no gate of this playbook version"
    if held.ended_at:
        wrong = f"It was reopened: {held.ended_because}"
    elif standing is None:
        wrong = "The playbook no longer has this gate."
    elif standing.state == "lapsed":
        wrong = f"It was signed and holds no more: {standing.why}"
    elif standing.state != "passed":
        wrong = f"It stands open: {standing.why}"
    else:
        wrong = _signed(held)
    return Seen(
        title=f"{held.gate} {title}",
        holds=not wrong,
        says=wrong or f"Passed {day(held.passed_at)}; it would pass today.",
        detail=str(deployment),
        path=reverse("org:golive:gate", kwargs={"org": extent.slug, "deployment": deployment.pk, "gate": held.gate}),
    )


def _signed(held: GatePass) -> str:
    if held.review is None:
        return ""
    if not all(stands for _, stands in verified(held.review)):
        return "A signature on its record does not stand."
    if not all(pack.is_whole for pack in EvidencePack.objects.filter(review=held.review)):
        return "Its frozen evidence is not what was frozen."
    return ""


GATE_INTEGRITY = check(
    "gate_integrity",
    "Gate integrity",
    must_hold="Each gate that was passed would still pass, with its evidence whole and its signatures standing.",
    reads=("the criteria of each gate", "frozen evidence packs", "signatures and the event log"),
    subject_type="golive.gatepass",
    population=passes,
    look=look_at_passes,
)


class FactsAndPapers:
    """What an audit's criteria read of one deployment."""

    def __init__(self, deployment_id: UUID, shelf: papers.Papers) -> None:
        self._deployment_id, self._shelf = deployment_id, shelf
        self._readings = DeploymentReadings(deployment_id)

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return how its papers stand, or what is known of the fact."""
        if leaf["fact"] == papers.FACT:
            return self._shelf.read(leaf, self._deployment_id)
        return self._readings.read(leaf)


def demand_sound(criteria: Mapping[str, Any]) -> None:
    """Raise MalformedCriterion for a fact that nobody states, a value of another kind, a count without stages, an unknown paper."""
    values = {one.name: one.value_type for one in kinds.every()} | COUNTED_FACTS
    for leaf in leaves(criteria):
        name = leaf["fact"]
        if name == papers.FACT:
            papers.demand_sound(leaf)
            continue
        if name not in values:
            raise MalformedCriterion(f"{name} is no fact that anything states.")
        if name in COUNTED and not _listed(leaf.get("stages"), int):
            raise MalformedCriterion(f"{name}: say of which stages, as a list of numbers.")
        if name == VACANT and not _listed(leaf.get("roles", []), str):
            raise MalformedCriterion(f"{name}: say of which roles, as a list of keys.")
        _demand_value(leaf, values[name])


def _listed(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(one) is kind for one in value)


def _demand_value(leaf: Mapping[str, Any], wanted: type) -> None:
    name, wrong = leaf["fact"], list[str]()
    if wanted not in COMPARED:
        raise MalformedCriterion(f"{name} holds several figures: it compares with no value.")
    check_value(leaf["value"], leaf["op"], wanted, wrong.append)
    if wrong:
        raise MalformedCriterion(f"{name}: {wrong[0]}.")


def names() -> dict[str, str]:
    """Return the words for counts and papers."""
    return OWN_WORDS | dict(papers.known())


def look_at_facts(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each deployment whether the facts and papers that the audit names hold."""
    found, shelf = {}, papers.Papers(list(ids))
    for deployment in Deployment.objects.for_page().filter(pk__in=ids):
        outcome = evaluate(extent.criteria, FactsAndPapers(deployment.pk, shelf), timezone.now())
        why = outcome.failing()
        path = reverse("org:deployments:overview", kwargs={"org": extent.slug, "deployment": deployment.pk})
        says = why[0].says if why else "All of them hold."
        found[deployment.pk] = Seen(str(deployment), outcome.holds, says, path=path)
    return found


FACTS = check(
    "facts",
    "Facts and papers of deployments",
    must_hold="The facts and papers named here hold for each deployment.",
    reads=(
        "the facts that the audit names, item and team counts among them",
        "papers of the vault and evidence of items",
    ),
    subject_type="deployments.deployment",
    population=running,
    look=look_at_facts,
    composed=True,
    sound=demand_sound,
    papers=papers.known,
    names=names,
)


def look_at_feeds(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each deployment whether everything that has to be heard of regularly was heard of in time."""
    lasting = {one.name: one for one in kinds.every() if one.fresh_for and one.subject == "deployment"}
    heard: dict[UUID, list[Fact]] = {}
    for fact in Fact.objects.filter(subject_id__in=ids, kind__in=lasting).current():
        heard.setdefault(fact.subject_id, []).append(fact)
    now, found = timezone.now(), {}
    for deployment in Deployment.objects.for_page().filter(pk__in=ids):
        facts = heard.get(deployment.pk, [])
        stale = [one for one in facts if now - one.observed_at > lasting[one.kind].fresh_for]  # type: ignore[operator]
        path = reverse("org:golive:gates", kwargs={"org": extent.slug, "deployment": deployment.pk})
        if stale:
            oldest = min(stale, key=lambda one: one.observed_at)
            says = f"{lasting[oldest.kind].says}: last heard from {oldest.source} on {day(oldest.observed_at)}."
        else:
            says = f"{len(facts)} feeds were heard from in time." if facts else "Nothing feeds it yet."
        found[deployment.pk] = Seen(str(deployment), not stale if facts else None, says, path=path)
    return found


def fed(extent: Extent) -> list[UUID]:
    """Return the running deployments about which something was heard."""
    lasting = [one.name for one in kinds.every() if one.fresh_for]
    known = Fact.objects.filter(subject_id__in=running(extent), kind__in=lasting)
    return sorted(set(known.values_list("subject_id", flat=True)))


INTEGRATION_FRESHNESS = check(
    "integration_freshness",
    "Integration freshness",
    must_hold="Whatever feeds a deployment was heard from as recently as its kind of fact asks for.",
    reads=("every fact that goes stale, with its source",),
    subject_type="deployments.deployment",
    population=fed,
    look=look_at_feeds,
    rhythm="monthly",
)
