"""Where a playbook's content comes from: the library's, the organization's own, a program's; level by level."""

from collections.abc import Iterator
from dataclasses import dataclass

from onboarding.playbooks.diff import Difference, differences
from onboarding.playbooks.library import LIBRARY
from onboarding.playbooks.models import PlaybookVersion


@dataclass(frozen=True, slots=True)
class Level:
    """A version of one playbook in the chain, and what it changes against the level above."""

    version: PlaybookVersion
    changes: tuple[Difference, ...]


def levels(version: PlaybookVersion) -> list[Level]:
    """Return the chain from the topmost playbook down to this version; a playbook that inherits nothing is alone."""
    chain = [version, *_above(version)]
    chain.reverse()
    plains = [one.plain() for one in chain]
    return [
        Level(one, tuple(differences(plains[place - 1], plains[place])) if place else ())
        for place, one in enumerate(chain)
    ]


def upstream(version: PlaybookVersion) -> PlaybookVersion | None:
    """Return the version of another playbook, or of the library, that this one rests on; None where it rests on none."""
    return next(_above(version), None)


def newer(version: PlaybookVersion) -> list[PlaybookVersion]:
    """Return the published versions onto which this one can be brought, newest first."""
    below = upstream(version)
    if below is None:
        return []
    found = PlaybookVersion.objects.published().select_related("playbook").filter(playbook_id=below.playbook_id)
    found = found.filter(published_at__gt=below.published_at).exclude(pk=version.pk)
    if below.playbook_id == version.playbook_id:
        found = found.filter(source=LIBRARY)
    return list(found)


def _above(version: PlaybookVersion) -> Iterator[PlaybookVersion]:
    """Walk up: an own playbook's version rests on what it was last brought onto, else on what it was made from."""
    at = level = version
    while (pk := at.onto_id or at.parent_id) is not None:
        at = PlaybookVersion.objects.select_related("playbook").get(pk=pk)
        if at.playbook_id != level.playbook_id or (at.source == LIBRARY and level.source != LIBRARY):
            yield at
            level = at
