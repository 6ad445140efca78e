"""Do it differently at a site, and record why, in one transaction."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from audit.actor import Actor
from audit.models.event import record
from onboarding.adaptations import audit
from onboarding.adaptations.frame import Duration, Kind, Level, Nature, Phase, Reason, What, lacking
from onboarding.adaptations.models import Adaptation
from onboarding.deployments import audit as deployments_audit
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.models.progress import progressed
from onboarding.playbooks.models import PlaybookItem

Frame = Mapping[str, Any]
"""What the person said of the adaptation: all that `frame.ASKED` names, in FRAME's own words, else ItemRefused."""
CHANGEABLE = ("title", "guidance", "owner", "gate_class")
STRICTNESS = {"informs": 0, "conditional": 1, "blocks": 2}
NEVER_LIGHTER = frozenset({"safety", "privacy"})
OWN_NUMBERS = 900
"""A site's own items are numbered above this, out of the way of every playbook."""


@transaction.atomic
def change_item(item: Item, values: Mapping[str, Any], *, frame: Frame | None, by: Actor) -> Adaptation | None:
    """Change how an item is done here: title, guidance, owner role, what it does to its gate.

    A core item needs the record (`frame`); any other may have one. Returns None where nothing differs or nothing is
    recorded. Raises ItemRefused for a finished item, without the record a core item needs, and where a safety or
    privacy item would hold its gate less.
    """
    item = Item.objects.select_related("playbook_item").get(pk=Item.locked(item.pk).pk)
    changes = [
        {"field": name, "before": getattr(item, name), "after": values[name]}
        for name in CHANGEABLE
        if name in values and values[name] != getattr(item, name)
    ]
    if not changes:
        return None
    if not item.is_open:
        raise ItemRefused(f"{item} is {item.get_state_display().lower()}: reopen it before you change it.")
    _refuse_lighter(item, values.get("gate_class", item.gate_class))
    if frame is None and item.is_core:
        raise ItemRefused(f"{item} is a core item: say why it is done differently here.")
    made = _record(item, Kind.CHANGED, changes, _checked(frame), by) if frame is not None else None
    item.adapt({one["field"]: one["after"] for one in changes}, by=by)
    return made


@transaction.atomic
def drop_item(item: Item, *, frame: Frame, by: Actor) -> Adaptation:
    """Leave an item out here. Raises ItemRefused for a safety or privacy item that holds its gate, and as the verb does."""
    item = Item.objects.select_related("playbook_item").get(pk=Item.locked(item.pk).pk)
    checked = _checked(frame)
    _refuse_lighter(item, "informs")
    words = checked.get("note") or str(Reason(checked["reason"]).label)
    made = _record(item, Kind.DROPPED, [], checked, by)
    item.mark_not_applicable(by=by, reason=words, recorded=True)
    return made


@transaction.atomic
def add_item(
    deployment: Deployment,
    *,
    title: str,
    stage: int,
    owner: str,
    due_on: date,
    gate_class: str,
    frame: Frame,
    by: Actor,
    guidance: str = "",
) -> Adaptation:
    """Add an item of the site's own, numbered above 900; the same title again returns what stands."""
    deployment = Deployment.locked(deployment.pk)
    key = f"own-{slugify(title)[:70]}"
    standing = Adaptation.objects.filter(deployment=deployment, key=key, kind=Kind.ADDED).first()
    if standing:
        return standing  # type: ignore[no-any-return]
    checked = _checked(frame)
    numbers = Item.objects.filter(deployment=deployment, number__gt=OWN_NUMBERS).values_list("number", flat=True)
    gate = next((one["gate"] for one in deployment.playbook_version.stages if one["number"] == stage), "")
    item = Item(
        deployment=deployment,
        number=max(numbers, default=OWN_NUMBERS) + 1,
        key=key,
        stage=stage,
        title=title,
        owner=owner,
        gate_class=gate_class,
        gate=gate,
        due_on=due_on,
        baseline_due_on=due_on,
        offset_days=(due_on - deployment.go_live_on).days,
        guidance_here=guidance,
    )
    item.save(force_insert=True)
    record(deployments_audit.ITEM_ADDED, by=by, subject=item, number=item.number, title=item.title)
    made = _record(item, Kind.ADDED, [], checked, by)
    progressed(deployment.pk, by)
    return made


def _checked(frame: Frame | None) -> dict[str, Any]:
    found = dict(frame or {})
    if missing := lacking(found):
        raise ItemRefused(f"Nothing was recorded. Say also: {', '.join(missing)}.")
    return found


def _refuse_lighter(item: Item, gate_class: str) -> None:
    origin: PlaybookItem | None = item.playbook_item
    if origin is None or not NEVER_LIGHTER.intersection(origin.tags):
        return
    if STRICTNESS[gate_class] < STRICTNESS[item.gate_class]:
        raise ItemRefused(
            f"{item} protects safety or privacy: it may be made stricter, never lighter. Ask for a waiver."
        )


def _record(item: Item, kind: str, changes: list[dict[str, Any]], frame: Frame, by: Actor) -> Adaptation:
    made = Adaptation(
        deployment_id=item.deployment_id,
        item=item,
        key=item.key,
        kind=kind,
        fields=changes,
        by_id=by.person_id,
        **{**derived(item, kind, changes), **{name: value for name, value in frame.items() if value}},
    )
    made.save(force_insert=True)
    record(audit.ADAPTATION_RECORDED, by=by, subject=made, number=item.number, title=item.title, kind=kind)
    return made


def derived(item: Item, kind: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the FRAME fields that follow from what was done; the page lets people say otherwise."""
    fields = {one["field"]: one for one in changes}
    live = item.deployment.state == Deployment.State.LIVE
    nature = {
        Kind.DROPPED: Nature.REMOVING,
        Kind.ADDED: Nature.ADDING,
    }.get(Kind(kind), Nature.TAILORING)
    if "gate_class" in fields:
        lighter = STRICTNESS[fields["gate_class"]["after"]] < STRICTNESS[fields["gate_class"]["before"]]
        nature = Nature.LOOSENING if lighter else Nature.TIGHTENING
    elif "owner" in fields:
        nature = Nature.SUBSTITUTING
    what = What.TRAINING if item.stage == 5 else What.IMPLEMENTATION
    return {
        "phase": Phase.IMPLEMENTATION if live else Phase.PRE_IMPLEMENTATION,
        "what": What.CONTEXT if "owner" in fields else what,
        "level": Level.CLINIC,
        "nature": nature,
        "duration": Duration.LASTING,
    }
