"""What a meeting looks at: every item, paper, fact, role and waiver behind a gate, each in a sentence that can be compared.

A sentence says what matters for the decision and leaves out when it was observed: a figure that is stated anew every
night and stays the same has not changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from facts.kinds import UnknownKind, find
from onboarding.deployments.models import Deployment, Evidence, EvidenceVersion, Item, TeamRole
from onboarding.golive.readings import DeploymentReadings
from onboarding.golive.scorecard import score
from web.formats import percent

Entry = dict[str, Any]
KINDS = {
    "criterion": "Criteria",
    "score": "Score",
    "item": "Checklist",
    "evidence": "Evidence",
    "fact": "Facts",
    "role": "Team",
    "waiver": "Waivers",
}
"""The kinds of entries, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is not as it was when the pack was frozen; empty where it was not there, or is gone."""

    key: str
    title: str
    before: str
    now: str


def look(review: Any) -> dict[str, Any]:
    """Return what the meeting over a gate looks at, as it stands now, as JSON."""
    deployment = Deployment.objects.for_page().get(pk=review.deployment_id)
    gate = review.definition
    readings = DeploymentReadings(deployment.pk)
    entries = [
        *_criteria(gate, readings),
        *_score(deployment, gate, readings),
        *_items(deployment, gate),
        *_papers(deployment, gate),
        *_facts(readings),
        *_roles(deployment),
        *_waivers(deployment),
    ]
    return {
        "gate": {name: gate[name] for name in ("key", "title", "criteria", "panel", "quorum", "meaning")},
        "deployment": str(deployment.pk),
        "about": str(deployment),
        "go_live_on": deployment.go_live_on.isoformat(),
        "playbook_version": str(deployment.playbook_version),
        "playbook_sha256": deployment.playbook_version.sha256,
        "entries": entries,
    }


def changes(frozen: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """Return what differs between a frozen pack's content and another look, in the order of the entries."""
    before = {one["key"]: one for one in frozen["entries"]}
    after = {one["key"]: one for one in now["entries"]}
    found = []
    if frozen["go_live_on"] != now["go_live_on"]:
        found.append(Change("go-live", "Go-live", frozen["go_live_on"], now["go_live_on"]))
    for key in [*before, *(key for key in after if key not in before)]:
        was, is_ = before.get(key), after.get(key)
        one, other = (was["says"] if was else ""), (is_["says"] if is_ else "")
        if one != other:
            found.append(Change(key, (is_ or was or {})["title"], one, other))
    return found


def _criteria(gate: dict[str, Any], readings: DeploymentReadings) -> Iterator[Entry]:
    from facts.criteria import evaluate

    outcome = evaluate(gate["criteria"], readings, timezone.now())
    for place, part in enumerate(outcome.parts or (outcome,), start=1):
        yield _entry("criterion", str(place), f"Criterion {place}", f"{part.word}. {part.says}")


def _score(deployment: Deployment, gate: dict[str, Any], readings: DeploymentReadings) -> Iterator[Entry]:
    from onboarding.golive.rules import GO_NO_GO

    if gate["key"] != GO_NO_GO:
        return
    card = score(deployment, readings.today)
    yield _entry("score", "total", "Score", f"{card.total:g} of 100")
    for domain in card.domains:
        yield _entry("score", domain.key, domain.title, f"{domain.points:g} of {domain.weight}")


def _items(deployment: Deployment, gate: dict[str, Any]) -> Iterator[Entry]:
    for item in _behind(deployment, gate):
        until = f" until {item.waived_until.isoformat()}" if item.state == "waived" and item.waived_until else ""
        yield _entry(
            "item",
            str(item.number),
            str(item),
            f"{item.get_state_display()}{until}",
            item=str(item.pk),
            owner=item.owner,
            gate_class=item.gate_class,
            done_by=str(item.done_by_id) if item.done_by_id else None,
            done_at=item.done_at.isoformat() if item.done_at else None,
        )


def _papers(deployment: Deployment, gate: dict[str, Any]) -> Iterator[Entry]:
    papers = list(
        Evidence.objects.filter(item__in=_behind(deployment, gate))
        .select_related("item")
        .order_by("item__number", "pk")
    )
    newest: dict[Any, EvidenceVersion] = {
        one.evidence_id: one for one in EvidenceVersion.objects.filter(evidence__in=papers).order_by("number")
    }
    for paper in papers:
        version = newest.get(paper.pk)
        until = f", valid until {paper.valid_until.isoformat()}" if paper.valid_until else ""
        number = f", version {version.number}" if version else ""
        yield _entry(
            "evidence",
            str(paper.pk),
            f"{paper.title} on #{paper.item.number}",
            f"{paper.get_state_display()}{number}{until}",
            evidence=str(paper.pk),
            version=version.number if version else None,
            name=version.name if version else None,
            sha256=version.sha256 if version else None,
        )


def _in_words(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _facts(readings: DeploymentReadings) -> Iterator[Entry]:
    for fact in readings.facts():
        try:
            kind = find(fact.kind)
        except UnknownKind:
            continue
        share = kind.unit == "share" and isinstance(fact.value, (int, float))
        says = percent(100 * fact.value) if share else _in_words(fact.value)
        yield _entry(
            "fact",
            fact.kind,
            kind.says,
            says,
            fact=str(fact.pk),
            observed_at=fact.observed_at.isoformat(),
            source=fact.source,
        )


def _roles(deployment: Deployment) -> Iterator[Entry]:
    for role in TeamRole.objects.filter(deployment=deployment).order_by("title"):
        person = str(role.person_id) if role.person_id else None
        deputy = str(role.deputy_id) if role.deputy_id else None
        says = ("Filled" if person else "Vacant") + (", with a deputy" if deputy else ", without a deputy")
        yield _entry("role", role.code, role.title, says, person=person, deputy=deputy)


def _waivers(deployment: Deployment) -> Iterator[Entry]:
    from onboarding.golive.models.waiver import Waiver

    for waiver in Waiver.objects.filter(deployment=deployment).select_related("item").order_by("asked_at"):
        yield _entry(
            "waiver",
            str(waiver.pk),
            f"Waiver of {waiver.item}",
            f"{waiver.get_state_display()}, ends {waiver.expires_on.isoformat()}",
            reason=waiver.reason,
            compensating_control=waiver.compensating_control,
        )


def _behind(deployment: Deployment, gate: dict[str, Any]) -> Any:
    """The items that count towards the gate: of its stage and those before it, in order."""
    items = Item.objects.of_deployment(deployment.pk).filter(stage__lte=gate["stage"], completed_by_gate=False)
    return items.exclude(state=Item.State.RETIRED)


def _entry(kind: str, key: str, title: str, says: str, **data: Any) -> Entry:
    return {"kind": kind, "key": f"{kind}/{key}", "title": title, "says": says, **data}
