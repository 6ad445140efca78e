"""Where a playbook's content comes from: the library's, the organization's own, a program's; level by level."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from onboarding.playbooks.diff import Difference, differences
from onboarding.playbooks.library import LIBRARY
from onboarding.playbooks.models import PlaybookVersion
from tenancy.models import Organization


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
    """Return the version of another playbook, of the library or of a giver that this one rests on; None where it rests on none."""
    return next(_above(version), None)


def newer(version: PlaybookVersion) -> list[PlaybookVersion]:
    """Return the published versions onto which this one can be brought, newest first."""
    below = upstream(version)
    if below is None:
        return []
    found = PlaybookVersion.objects.published().select_related("playbook").filter(playbook_id=below.playbook_id)
    found = found.filter(published_at__gt=below.published_at).exclude(pk=version.pk)
    if below.playbook_id == version.playbook_id:
        found = found.filter(giver=below.giver_id) if below.giver_id else found.filter(source=LIBRARY)
    return list(found)


def given(version: PlaybookVersion) -> PlaybookVersion | None:
    """Return the copy of another organization's version that this one is, or rests on; None where it is nobody else's."""
    at: PlaybookVersion | None = version
    while at is not None and not at.giver_id:
        pk = at.onto_id or at.parent_id
        at = PlaybookVersion.objects.select_related("playbook", "giver").get(pk=pk) if pk else None
    return at


def givers() -> dict[UUID, Organization]:
    """Return, for each version that is or rests on a copy, the organization that wrote it; one read of all versions."""
    rows = {row[0]: row[1:] for row in PlaybookVersion.objects.values_list("pk", "giver_id", "onto_id", "parent_id")}
    organizations = Organization.objects.in_bulk({giver for giver, _, _ in rows.values() if giver})
    found = {}
    for pk in rows:
        at = pk
        while at and rows[at][0] is None:
            at = rows[at][1] or rows[at][2]
        if at:
            found[pk] = organizations[rows[at][0]]
    return found


def _above(version: PlaybookVersion) -> Iterator[PlaybookVersion]:
    """Walk up: an own playbook's version rests on what it was last brought onto, else on what it was made from."""
    at = level = version
    while (pk := at.onto_id or at.parent_id) is not None:
        at = PlaybookVersion.objects.select_related("playbook").get(pk=pk)
        if at.playbook_id != level.playbook_id or (_from_elsewhere(at) and not _from_elsewhere(level)):
            yield at
            level = at


def _from_elsewhere(version: PlaybookVersion) -> bool:
    return version.source == LIBRARY or version.giver_id is not None
