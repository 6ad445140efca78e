"""What deployments put into an audit pack: their checklist, and the evidence itself."""

from collections.abc import Collection
from uuid import UUID

from assurance.packs.sections import Folder, Wanted, offers, section
from audit.actor import Actor
from onboarding.deployments.models import Deployment, Evidence, EvidenceVersion, Item
from onboarding.vault.files import clean_name
from web.uploads.kept import path_of


def titles() -> list[tuple[UUID, str]]:
    """Return every deployment in scope with its title."""
    return [(one.pk, str(one)) for one in Deployment.objects.for_page()]


def items(wanted: Wanted, folder: Folder) -> int:
    """The checklist as it stands: who did what, and when."""
    found = Item.objects.filter(**wanted.of_deployment()).order_by("deployment_id", "number")
    fields = (
        "deployment_id", "number", "key", "title", "stage", "owner", "assignee_id", "gate_class", "gate", "state", "due_on",
        "done_at", "done_by_id", "waived_until", "note",
    )  # fmt: skip
    return folder.rows("items.json", found.values(*fields).iterator(chunk_size=1000))


def evidence(wanted: Wanted, folder: Folder) -> int:
    """Each version given up to the end of the period, with its file: what a gate rested on may be older than the period."""
    found = EvidenceVersion.objects.filter(**wanted.of_deployment(), at__lt=wanted.until).select_related(
        "evidence__item"
    )
    rows, copied = [], set()
    for one in found.order_by("at", "pk"):
        name = f"files/{one.sha256[:16]}-{clean_name(one.name)}"
        path = path_of(wanted.organization_id, one.sha256)
        if path.exists() and name not in copied:
            folder.copy(name, path)
            copied.add(name)
        rows.append(
            {
                "evidence": one.evidence_id, "deployment": one.deployment_id, "item": str(one.evidence.item),
                "title": one.evidence.title, "state": one.evidence.state, "valid_until": one.evidence.valid_until,
                "version": one.number, "given_by": one.by_id, "at": one.at, "size": one.size, "sha256": one.sha256,
                "file": name if name in copied else None,
            }
        )  # fmt: skip
    return folder.rows("evidence.json", rows)


def read(wanted: Wanted, hashes: Collection[str], by: Actor, how: str) -> None:
    """Each version that lay in the pack was read."""
    found = EvidenceVersion.objects.filter(**wanted.of_deployment(), at__lt=wanted.until, sha256__in=hashes)
    Evidence.opened_many(found.select_related("evidence__item").order_by("at", "pk"), by=by, how=how)


offers(titles)
section("items", "Checklists", order=5, collect=items)
section("evidence", "Evidence", order=30, collect=evidence, read=read)
