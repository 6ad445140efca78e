"""What adaptations put into an audit pack."""

from assurance.packs.sections import Folder, Wanted, section
from onboarding.adaptations.models import Adaptation

FIELDS = (
    "id", "deployment_id", "item_id", "key", "kind", "fields", "reason", "goal", "fidelity", "phase", "planned", "what",
    "level", "nature", "duration", "decided_by", "note", "by_id", "at", "state",
)  # fmt: skip


def adaptations(wanted: Wanted, folder: Folder) -> int:
    """Each recorded difference from the playbook, with its FRAME fields."""
    found = Adaptation.objects.filter(**wanted.of_deployment(), **wanted.within("at")).order_by("at", "pk")
    return folder.rows("adaptations.json", found.values(*FIELDS))


section("adaptations", "Adaptations", order=60, collect=adaptations)
