"""A file that was offered as evidence and is malware."""

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import Item
from web.uploads.scanning import Quarantined


def hold_back(item: Item, held: Quarantined, *, by: Actor) -> None:
    """Write down that the file was put into quarantine; nothing of the item changes."""
    record(
        audit.EVIDENCE_HELD_BACK,
        by=by,
        subject=item,
        name=held.name,
        number=item.number,
        title=item.title,
        found=held.found[:120],
        sha256=held.sha256,
    )
