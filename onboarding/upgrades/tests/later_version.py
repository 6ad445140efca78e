"""A newer version of the starter playbook, published at the host."""

from dataclasses import replace
from typing import Any

from audit.actor import Actor
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import PlaybookVersion
from onboarding.playbooks.shape import Item


def later(document: PlaybookDocument, version: str = "1.1", **changes: Any) -> PlaybookDocument:
    """The document as another version: `changes` maps an item's key, with _ for -, to fields, or to None: left out.

    A key that is not there becomes a new item in stage 3, with the next free number.
    """
    items = {item.key: item for item in document.items}
    for name, fields in changes.items():
        key = name.replace("_", "-")
        if fields is None:
            del items[key]
            items = {
                other: replace(one, depends_on=tuple(wait for wait in one.depends_on if wait.item != key))
                for other, one in items.items()
            }
        else:
            number = max(item.number for item in items.values()) + 1
            blank = replace(items["risk-register"], key=key, number=number, depends_on=(), core=False)
            items[key] = replace(items.get(key, blank), **fields)
    return replace(document, version=version, items=tuple(sorted(items.values(), key=_number)))


def _number(item: Item) -> int:
    return item.number


def publish(document: PlaybookDocument, *, by: Actor) -> PlaybookVersion:
    """Publish it in the organization in scope."""
    return PlaybookVersion.adopt(document, by=by, source="organization")
