"""What audits look at in adaptations: that what is done differently is what was recorded."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from assurance.registry import Extent, Seen, check
from onboarding.adaptations import pack_sections  # noqa: F401  # its parts of an audit pack
from onboarding.adaptations.actions.adapt import CHANGEABLE
from onboarding.adaptations.frame import Fidelity
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.assurance import running
from onboarding.deployments.models import Deployment, Item
from web.addresses import reverse


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each deployment whether core items differ without a record, and whether recorded changes touch the core."""
    recorded: dict[UUID, list[Adaptation]] = defaultdict(list)
    for one in Adaptation.objects.filter(deployment_id__in=ids):
        recorded[one.deployment_id].append(one)
    silent: dict[UUID, list[Item]] = defaultdict(list)
    core = Item.objects.filter(deployment_id__in=ids, playbook_item__core=True).select_related("playbook_item")
    for item in core.order_by("number"):
        known = any(one.item_id == item.pk for one in recorded[item.deployment_id])
        if not known and _differs(item):
            silent[item.deployment_id].append(item)
    found = {}
    for deployment in Deployment.objects.for_page().filter(pk__in=ids):
        path = reverse("org:adaptations:list", kwargs={"org": extent.slug})
        found[deployment.pk] = _seen(deployment, silent[deployment.pk], recorded[deployment.pk], path)
    return found


def _seen(deployment: Deployment, silent: list[Item], recorded: list[Adaptation], path: str) -> Seen:
    broken = [one for one in recorded if one.fidelity == Fidelity.INCONSISTENT and one.state == one.State.RECORDED]
    if silent:
        says = f"{len(silent)} core items differ from the playbook without a record, {silent[0]} among them."
    elif broken:
        says = f"{len(broken)} recorded changes touch the core and nobody has looked at them."
    else:
        says = f"{len(recorded)} recorded changes; no core item differs without one."
    return Seen(str(deployment), not silent and not broken, says, path=path)


def _differs(item: Item) -> bool:
    if item.state == Item.State.NOT_APPLICABLE and not item.left_out_by_plan:
        return True
    return any(
        item.guidance_here if name == "guidance" else getattr(item, name) != getattr(item.playbook_item, name)
        for name in CHANGEABLE
    )


ADAPTATION_DRIFT = check(
    "adaptation_drift",
    "Adaptation drift",
    must_hold="Core items are done as the playbook says, or the difference was recorded and looked at.",
    reads=("checklists beside their playbook version", "recorded adaptations"),
    subject_type="deployments.deployment",
    population=running,
    look=look,
)
