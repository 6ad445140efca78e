"""The playbooks that ship with the product."""

from functools import cache
from pathlib import Path

from onboarding.playbooks.document import PlaybookDocument, load

CONTENT = Path(__file__).parent / "content"


@cache
def library() -> tuple[PlaybookDocument, ...]:
    """Return every shipped playbook, the largest first; read and checked once in a process."""
    found = [load(folder) for folder in sorted(CONTENT.iterdir()) if (folder / "playbook.yaml").exists()]
    return tuple(sorted(found, key=lambda one: -len(one.items)))
