"""Where a playbook's content comes from: the library's, the organization's own, a program's; level by level."""

from dataclasses import dataclass
from typing import Any

from onboarding.playbooks.diff import Difference, differences
from onboarding.playbooks.models import PlaybookVersion


@dataclass(frozen=True, slots=True)
class Level:
    """A version of one playbook in the chain, and what it changes against the level above."""

    version: PlaybookVersion
    changes: tuple[Difference, ...]


def levels(version: PlaybookVersion) -> list[Level]:
    """Return the chain from the topmost playbook down to this version; a playbook that inherits nothing is alone."""
    chain = [version]
    at: Any = version
    while at.parent_id:
        at = PlaybookVersion.objects.select_related("playbook").get(pk=at.parent_id)
        if at.playbook_id != chain[-1].playbook_id:
            chain.append(at)
    chain.reverse()
    plains = [one.plain() for one in chain]
    return [
        Level(one, tuple(differences(plains[place - 1], plains[place])) if place else ())
        for place, one in enumerate(chain)
    ]
