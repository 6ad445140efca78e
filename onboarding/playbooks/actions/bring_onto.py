"""Bring a playbook of one's own onto a newer version of what it rests on: compared, decided, kept as a draft."""

from collections.abc import Mapping

from django.db import transaction

from audit.actor import Actor
from onboarding.playbooks.inheritance import newer, upstream
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.playbooks.models.draft import DraftRefused, next_number
from onboarding.playbooks.rebase import OURS, THEIRS, Rebase, rebase


class Undecided(DraftRefused):
    """Conflicts are left that nobody decided."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        one = len(names) == 1
        super().__init__(
            f"{len(names)} conflict{'' if one else 's'} {'is' if one else 'are'} not decided: {', '.join(names)}."
        )


def comparison(version: PlaybookVersion, onto: PlaybookVersion) -> Rebase:
    """Return what the newer version brings and what has to be decided; write nothing.

    Raises DraftRefused where the version does not rest on an older one of that playbook.
    """
    below = upstream(version)
    if below is None or onto not in newer(version):
        raise DraftRefused(f"{version} does not rest on an earlier version of {onto}.")
    return rebase(below.plain(), version.plain(), onto.plain())


@transaction.atomic
def bring_onto(
    version: PlaybookVersion, onto: PlaybookVersion, decisions: Mapping[str, str], *, by: Actor
) -> PlaybookDraft:
    """Start a draft of the next version with the newer one brought in; `decisions`: "ours" or "theirs" by conflict.

    Raises Undecided while a conflict is open, DraftRefused as `comparison` does.
    """
    merged = comparison(version, onto)
    open_ = [one.name for one in merged.conflicts if decisions.get(one.name) not in (OURS, THEIRS)]
    if open_:
        raise Undecided(open_)
    plain = {**merged.resolved(decisions), "version": next_number(version)}
    return PlaybookDraft.begin(plain, by=by, made_from=f"{version} on {onto}", base=version, onto=onto)
