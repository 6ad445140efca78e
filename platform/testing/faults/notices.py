"""What the reminders of a fault run are about: nothing but a number that can be found again in the mail."""

from collections.abc import Collection
from uuid import UUID

from notices.kinds import Description, kind


def describe(subjects: Collection[UUID]) -> dict[UUID, Description]:
    """Name each by its id."""
    return {pk: Description(f"Item {pk.hex}", "fault run", f"/o/faults/{pk}") for pk in subjects}


ALONE = kind("fault_alone", "Fault run", describe=describe, apart=True)
DIGEST = kind("fault_digest", "Fault run", describe=describe)
