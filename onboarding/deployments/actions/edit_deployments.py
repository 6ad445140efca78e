"""One thing done to many deployments of the organization: a person put in a team role. Moving go-live is the plan's."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record_many
from onboarding.deployments import audit
from onboarding.deployments.actions.edit_items import PreviewIsOld, write
from onboarding.deployments.actions.undo_change import UNDO, as_left, restore
from onboarding.deployments.models import Change, Deployment, TeamRole
from onboarding.deployments.models.progress import progressed


@dataclass(frozen=True, slots=True)
class DeploymentEdit:
    """Who is put in which team role of every deployment."""

    code: str
    person: Any


@dataclass(slots=True)
class DeploymentLine:
    """What the edit means for one deployment: what changes, or why it is left as it is."""

    deployment: Deployment
    role: TeamRole | None = None
    now: str = ""
    then: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    refused: str = ""


def look(ids: Iterable[UUID], edit: DeploymentEdit) -> list[DeploymentLine]:
    """Return a line for each of the organization's own deployments, writing nothing; two statements."""
    deployments = list(Deployment.objects.for_page().filter(pk__in=list(ids)).order_by("go_live_on", "pk"))
    roles = TeamRole.objects.filter(deployment_id__in=[one.pk for one in deployments], code=edit.code)
    held = {role.deployment_id: role for role in roles.select_related("person")}
    return [_team(one, held.get(one.pk), edit) for one in deployments]


def digest(lines: list[DeploymentLine]) -> str:
    """Return a mark of what would change: another preview has another one."""
    said = [[str(line.deployment.pk), line.now, line.then, line.refused] for line in lines]
    return hashlib.sha256(json.dumps(sorted(said)).encode()).hexdigest()[:32]


@transaction.atomic
def edit_deployments(
    ids: Iterable[UUID], edit: DeploymentEdit, *, by: Actor, said: str, expected: str
) -> Change | None:
    """Do what a preview showed, in one transaction; return its entry in the ledger.

    Raises PreviewIsOld where something has changed since the preview whose digest is `expected`.
    """
    wanted = sorted(ids)
    list(Deployment.objects.filter(pk__in=wanted).select_for_update(no_key=True).order_by("pk"))
    lines = look(wanted, edit)
    if digest(lines) != expected:
        raise PreviewIsOld
    changing = [line for line in lines if not line.refused]
    if not changing:
        return None
    rows = _fill(changing, edit, by)
    count = f"{len(changing)} deployment{'' if len(changing) == 1 else 's'}"
    reached = {line.deployment.pk for line in changing}
    return Change.keep(Change.Kind.DEPLOYMENTS, f"{count}: {said}", rows, by=by, deployment_ids=reached)


def _team(deployment: Deployment, role: TeamRole | None, edit: DeploymentEdit) -> DeploymentLine:
    line = DeploymentLine(deployment, role, now=str(role.person or "vacant") if role else "", then=str(edit.person))
    if role is None:
        line.refused = "Its team has no such role."
    elif role.person_id == edit.person.pk:
        line.refused = f"{edit.person} has the role already."
    elif role.deputy_id == edit.person.pk:
        line.refused = f"{edit.person} is the deputy: the deputy is somebody else than the person."
    line.values = {"person_id": edit.person.pk, "since": timezone.localdate(), "vacant_since": None}
    return line


def _fill(lines: list[DeploymentLine], edit: DeploymentEdit, by: Actor) -> list[dict[str, Any]]:
    rows, roles = [], []
    for line in lines:
        role = line.role
        assert role is not None
        before = write({name: getattr(role, name) for name in line.values})
        for name, value in line.values.items():
            setattr(role, name, value)
        label = f"{role.title}, {line.deployment}"
        rows.append({"id": str(role.pk), "label": label, "before": before, "after": write(line.values)})
        roles.append(role)
    TeamRole.objects.bulk_update(roles, ["person", "since", "vacant_since"])
    record_many(
        audit.TEAM_ROLE_FILLED,
        by=by,
        subjects=[(role, {"role": role.title, "person": str(edit.person.pk)}) for role in roles],
    )
    for role in roles:
        progressed(role.deployment_id, by)
    return rows


def undo_deployments(change: Change, by: Actor) -> list[str]:
    """Give team roles back to whom they had."""
    rows = {row["id"]: row for row in change.rows}
    back, left = [], []
    for role in TeamRole.objects.filter(pk__in=list(rows)).select_for_update(no_key=True, of=("self",)).order_by("pk"):
        row = rows[str(role.pk)]
        if as_left(role, row["after"]):
            restore(role, row["before"])
            back.append(role)
        else:
            left.append(row["label"])
    TeamRole.objects.bulk_update(back, ["person", "since", "vacant_since"])
    filled = [role for role in back if role.person_id]
    vacated = [role for role in back if not role.person_id]
    record_many(
        audit.TEAM_ROLE_FILLED,
        by=by,
        subjects=[(role, {"role": role.title, "person": str(role.person_id)}) for role in filled],
    )
    record_many(audit.TEAM_ROLE_VACATED, by=by, subjects=[(role, {"role": role.title}) for role in vacated])
    for role in back:
        progressed(role.deployment_id, by)
    return left


UNDO[Change.Kind.DEPLOYMENTS] = undo_deployments
