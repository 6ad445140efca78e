"""What must stay the same from version to version: an item's key and its number."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from onboarding.playbooks.plain import Plain
from onboarding.playbooks.reading import Problem

if TYPE_CHECKING:
    from onboarding.playbooks.models.playbook import PlaybookVersion


def breaks(base: "PlaybookVersion | None", plain: Plain) -> Iterator[Problem]:
    """Give every item that took another number than it had in the base, or the number of an item that the base has."""
    if base is None:
        return
    numbers = dict(base.items.values_list("key", "number"))
    keys = {number: key for key, number in numbers.items()}
    for item in plain.get("items") or []:
        key, number = item.get("key"), item.get("number")
        subject = f"item '{key}'"
        if key in numbers and numbers[key] != number:
            yield Problem("", subject, "number", f"is {numbers[key]} in {base} and never changes")
        elif key not in numbers and number in keys:
            yield Problem("", subject, "number", f"{number} was the number of '{keys[number]}': take the next free one")
