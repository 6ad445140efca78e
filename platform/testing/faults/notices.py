"""What the reminders of a fault run are about: nothing but a number that can be found again in the mail."""

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.conf import settings

from notices.kinds import Description, kind


def describe(subjects: Collection[UUID]) -> dict[UUID, Description]:
    """Name each by its id; what the run says is done needs no message any more."""
    done = _done()
    return {pk: Description(f"Item {pk.hex}", "fault run", f"/o/faults/{pk}") for pk in subjects if pk.hex not in done}


def poison(subjects: Collection[UUID]) -> dict[UUID, Description]:
    """Fail, as a subject does whose data nobody expected."""
    raise ValueError(f"{len(subjects)} subjects that cannot be described")


def done_list() -> Path:
    """Return the file with the subjects that are done, one hexadecimal id a line."""
    return Path(settings.FAULT_POINTS).with_name("done")


def _done() -> frozenset[str]:
    try:
        return frozenset(done_list().read_text().split())
    except FileNotFoundError:
        return frozenset()


ALONE = kind("fault_alone", "Fault run", describe=describe, apart=True)
DIGEST = kind("fault_digest", "Fault run", describe=describe)
POISON = kind("fault_poison", "Fault run", describe=poison, apart=True)
