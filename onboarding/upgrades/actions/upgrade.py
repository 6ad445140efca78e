"""Move running deployments to another playbook version; and take it back."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices.models import Reminder
from onboarding.deployments import audit as deployments_audit
from onboarding.deployments.models import Deployment, Item, Program, TeamRole
from onboarding.deployments.models.progress import progressed
from onboarding.deployments.notices import ITEM_DUE
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades import audit
from onboarding.upgrades.gates import opened_again
from onboarding.upgrades.merge import RETIRED, Change, Conflict, Merge, Overtaken, Standing, apply, resolve, revert
from onboarding.upgrades.models import DeploymentUpgrade, Upgrade
from onboarding.upgrades.situation import Situation, situations
from onboarding.upgrades.writing import Held, Rewrite, write
from tenancy.scope import current

Decisions = Mapping[UUID, Mapping[tuple[str, str], str]]
"""By deployment and conflict: "ours" or "theirs"."""


class CannotUpgrade(Exception):
    """The upgrade, or its undoing, is refused; the message says what would change that."""


class Undecided(CannotUpgrade):
    """Conflicts are left that nobody decided."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} conflict{'' if count == 1 else 's'} not decided: somebody changed the checklist since, look again."
        )


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an upgrade would do to one deployment."""

    situation: Situation
    merge: Merge
    opens_again: tuple[str, ...] = ()
    """The gates that are passed now and would not hold afterwards, while the site's own stays in each conflict."""

    @property
    def deployment(self) -> Deployment:
        """The deployment that would move."""
        return self.situation.deployment

    @property
    def counts(self) -> dict[str, int]:
        """Items changed, added, retired, and conflicts to decide."""
        return _counts(self.situation.settled(self.merge.changes), self.situation.ours, self.merge.conflicts)

    def conflict_of(self, name: tuple[str, str]) -> Conflict | None:
        """Return the conflict of this item and field, if there is one here."""
        return next((one for one in self.merge.conflicts if one.name == name), None)


def movable(program: Program, to: PlaybookVersion) -> Any:
    """Return the program's running deployments that are on another version."""
    return Deployment.objects.running().filter(program=program).exclude(playbook_version=to).order_by("pk")


def dry_run(program: Program, to: PlaybookVersion, deployment_ids: Collection[UUID] | None = None) -> list[DryRun]:
    """Return what the upgrade would do to each deployment (None: all of the program's), and write nothing."""
    _refuse_draft(to)
    deployments = movable(program, to).for_page()
    if deployment_ids is not None:
        deployments = deployments.filter(pk__in=deployment_ids)
    merged = [(one, one.merge()) for one in situations(list(deployments), to)]
    opening = opened_again([(one, one.settled(outcome.changes)) for one, outcome in merged], to)
    return [DryRun(one, outcome, tuple(opening.get(one.deployment.pk, ()))) for one, outcome in merged]


@transaction.atomic
def upgrade(
    program: Program,
    to: PlaybookVersion,
    deployment_ids: Collection[UUID],
    *,
    by: Actor,
    decisions: Decisions,
    for_new_sites: bool = False,
) -> Upgrade | None:
    """Move these deployments of the program to the version, all or none; those that are there already stay as they are.

    Returns None where nothing was left to do. Raises CannotUpgrade for a draft, Undecided while a conflict is open.
    `for_new_sites`: sites planned from now on get the version too.
    """
    _refuse_draft(to)
    if for_new_sites and current().sites is not None:
        raise CannotUpgrade("What new sites get is decided by somebody who reaches every site.")
    program = Program.locked(program.pk)
    found = list(movable(program, to).filter(pk__in=deployment_ids).select_for_update(no_key=True, of=("self",)))
    moves_program = for_new_sites and program.playbook_version_id != to.pk
    if not found and not moves_program:
        return None
    _lock_items(found)
    situated = situations(
        list(Deployment.objects.for_page().filter(pk__in=[one.pk for one in found]).order_by("pk")), to
    )
    merged = [(one, one.merge()) for one in situated]
    _refuse_undecided(merged, decisions)
    ledger = Upgrade(
        program=program,
        to_version=to,
        program_from_id=program.playbook_version_id if moves_program else None,
        by_id=by.person_id,
    )
    entries, rewrites = [], []
    for one, outcome in merged:
        decided = decisions.get(one.deployment.pk, {})
        changes = one.settled(resolve(outcome, one.ours, decided))
        rewrites.append(Rewrite(one, apply(one.ours, changes)))
        entries.append(_entry(ledger, one, outcome, changes, decided, to))
    write(rewrites)
    ledger.counts = {"sites": len(entries)}
    for entry in entries:
        for name, count in entry.counts.items():
            ledger.counts[name] = ledger.counts.get(name, 0) + count
    _add_roles(entries, to)
    Deployment.objects.filter(pk__in=[one.pk for one in found]).update(playbook_version=to)
    after = {one.deployment.pk: one.fingerprint for one in _again(entries)}
    for entry in entries:
        entry.after_sha256 = after[entry.deployment_id]
    ledger.save(force_insert=True)
    DeploymentUpgrade.objects.bulk_create(entries)
    if moves_program:
        _use(program, to)
    for entry in entries:
        record(deployments_audit.UPGRADED, by=by, subject=entry.deployment, to=str(to), **_told(entry.counts))
        progressed(entry.deployment_id, by)
    record(audit.UPGRADE_APPLIED, by=by, subject=ledger, program=program.title, to=str(to), sites=len(entries))
    return ledger


@transaction.atomic
def undo_upgrade(ledger: Upgrade, *, by: Actor) -> None:
    """Bring every deployment of the upgrade back to where it was; what was done since on other things stays.

    Raises CannotUpgrade where somebody has worked on what the upgrade brought, or a later upgrade stands on it.
    """
    ledger = Upgrade.locked(ledger.pk)
    if ledger.undone_at:
        return
    entries = list(
        DeploymentUpgrade.objects.filter(upgrade=ledger)
        .select_related("from_version__playbook")
        .order_by("deployment_id")
    )
    if len(entries) < ledger.counts.get("sites", 0):
        raise CannotUpgrade("The upgrade reached sites that you do not see: ask somebody who reaches all of them.")
    ids = [entry.deployment_id for entry in entries]
    list(Deployment.objects.filter(pk__in=ids).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    later = DeploymentUpgrade.objects.filter(deployment_id__in=ids, id__gt=entries[-1].pk if entries else ledger.pk)
    if later.filter(upgrade__undone_at=None).exclude(upgrade=ledger).exists():
        raise CannotUpgrade("A later upgrade stands on this one: undo that first.")
    _lock_items(ids)
    situated = {one.deployment.pk: one for one in _again(entries)}
    rewrites = [_taken_back(situated[entry.deployment_id], entry) for entry in entries]
    gone = [row.pk for one in rewrites for key, row in one.situation.rows.items() if key not in one.after]
    try:
        write(rewrites)
    except Held as held:
        raise CannotUpgrade(f"The upgrade cannot be undone: {held}") from held
    if gone:
        Reminder.cancel(gone, by=by, reason="The upgrade that brought it was undone.", kind=ITEM_DUE)
    for entry in entries:
        TeamRole.objects.filter(deployment_id=entry.deployment_id, code__in=entry.roles_added).delete()
        Deployment.objects.filter(pk=entry.deployment_id).update(playbook_version=entry.from_version_id)
    if ledger.program_from_id:
        program = Program.locked(ledger.program_id)
        if program.playbook_version_id == ledger.to_version_id:
            _use(program, ledger.program_from)
    ledger.undone_at, ledger.undone_by_id = timezone.now(), by.person_id
    ledger.save(update_fields=["undone_at", "undone_by"])
    for entry in entries:
        deployment = situated[entry.deployment_id].deployment
        record(deployments_audit.UPGRADE_UNDONE, by=by, subject=deployment, to=str(entry.from_version))
        progressed(entry.deployment_id, by)
    record(audit.UPGRADE_UNDONE, by=by, subject=ledger, program=ledger.program.title, to=str(ledger.to_version))


def _refuse_draft(to: PlaybookVersion) -> None:
    if to.published_at is None:
        raise CannotUpgrade(f"{to} is a draft: publish it first.")


def _refuse_undecided(merged: list[tuple[Situation, Merge]], decisions: Decisions) -> None:
    open_ = sum(
        conflict.name not in decisions.get(one.deployment.pk, {})
        for one, merge in merged
        for conflict in merge.conflicts
    )
    if open_:
        raise Undecided(open_)


def _lock_items(deployments: Collection[Any]) -> None:
    list(
        Item.objects.filter(deployment__in=deployments)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
        .values_list("pk")
    )


def _again(entries: list[DeploymentUpgrade]) -> list[Situation]:
    deployments = Deployment.objects.for_page().filter(pk__in=[entry.deployment_id for entry in entries])
    return situations(list(deployments.order_by("pk")))


def _use(program: Program, version: PlaybookVersion) -> None:
    program.playbook_version = version
    program.save(update_fields=["playbook_version"])


def _entry(
    ledger: Upgrade,
    one: Situation,
    merged: Merge,
    changes: tuple[Change, ...],
    decided: Mapping[tuple[str, str], str],
    to: PlaybookVersion,
) -> DeploymentUpgrade:
    return DeploymentUpgrade(
        upgrade=ledger,
        deployment=one.deployment,
        from_version_id=one.deployment.playbook_version_id,
        changes=[asdict(change) for change in changes],
        decisions=[{**asdict(conflict), "decision": decided[conflict.name]} for conflict in merged.conflicts],
        counts=_counts(changes, one.ours, merged.conflicts),
        roles_added=[role["code"] for role in to.roles if role["code"] not in one.roles],
        before_sha256=one.fingerprint,
    )


def _counts(
    changes: Collection[Change], ours: Mapping[str, Standing], conflicts: Collection[Conflict]
) -> dict[str, int]:
    added = {change.key for change in changes if change.added}
    retired = {change.key for change in changes if change.field == "state" and change.after == RETIRED}
    touched = {change.key for change in changes if change.field not in ("origin", "")}
    return {
        "changed": len(touched - added - retired),
        "added": len(added),
        "retired": len(retired),
        "conflicts": len(conflicts),
        "untouched": len(set(ours) - touched),
    }


def _told(counts: Mapping[str, int]) -> dict[str, Any]:
    return {name: counts[name] for name in ("changed", "added", "retired")}


def _add_roles(entries: list[DeploymentUpgrade], to: PlaybookVersion) -> None:
    titles = {role["code"]: role for role in to.roles}
    TeamRole.objects.bulk_create(
        TeamRole(
            deployment_id=entry.deployment_id,
            code=code,
            title=titles[code]["title"],
            side=titles[code]["side"],
            vacant_since=timezone.localdate(),
        )
        for entry in entries
        for code in entry.roles_added
    )


def _taken_back(one: Situation, entry: DeploymentUpgrade) -> Rewrite:
    filled = [code for code in entry.roles_added if code in one.roles and one.roles[code].person_id]
    if filled:
        raise CannotUpgrade(
            f"{one.deployment.site.name}: {', '.join(filled)} has a person since: vacate the role first."
        )
    changes = [
        Change(**{**change, "added": Standing(**change["added"]) if change["added"] else None})
        for change in entry.changes
    ]
    try:
        return Rewrite(one, revert(one.ours, changes))
    except Overtaken as overtaken:
        named = ", ".join(f"#{one.rows[key].number} {one.rows[key].title}" for key in overtaken.keys if key in one.rows)
        raise CannotUpgrade(
            f"{one.deployment.site.name}: work has been done since on {named or 'items of the upgrade'}. "
            "Undo would lose it: move the sites to their former version instead, which keeps what was done."
        ) from overtaken
