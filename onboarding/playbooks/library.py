"""The playbooks that ship with the product."""

from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path

from onboarding.playbooks.document import PlaybookDocument, load

LIBRARY = "library"
"""The source of a version that ships with the product."""
CONTENT = Path(__file__).parent / "content"


@cache
def library() -> tuple[PlaybookDocument, ...]:
    """Return every shipped playbook, the largest first; read and checked once in a process."""
    found = [load(folder) for folder in sorted(CONTENT.iterdir()) if (folder / "playbook.yaml").exists()]
    return tuple(sorted(found, key=lambda one: -len(one.items)))


def not_adopted(fingerprints: Collection[str]) -> list[PlaybookDocument]:
    """Return the playbooks of the library of which an organization that has these fingerprints has no copy."""
    return [one for one in library() if not {one.sha256, beside_own(one).sha256} & set(fingerprints)]


def beside_own(document: PlaybookDocument, origin: str = LIBRARY) -> PlaybookDocument:
    """Return a document under the number it gets where an organization has given its own number to other content."""
    return replace(document, version=f"{document.version}-{origin}"[:20])
