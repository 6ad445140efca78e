"""Take an import back: remove what it created, restore what it changed, or say why that cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from audit.actor import Actor
from audit.models.event import record, record_many
from onboarding.rosters import audit
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.models.roster_import import State
from onboarding.rosters.models.roster_row import digest
from onboarding.rosters.snapshots import content, content_fields, put_back, snapshot
from tenancy.fields import TenantForeignKey
from tenancy.models import Site

Outcome = RosterRow.Outcome


@dataclass(frozen=True)
class Hold:
    """A site that stands in the way, and why."""

    site_id: UUID
    name: str
    reason: str


class UndoRefusedError(Exception):
    """Sites are in use or were edited since; `holds` names them. Nothing was undone."""

    def __init__(self, holds: list[Hold]) -> None:
        self.holds = holds
        shown = "; ".join(f"{hold.name} {hold.reason}" for hold in holds[:5])
        more = f"; and {len(holds) - 5:,} more" if len(holds) > 5 else ""
        super().__init__(f"The import cannot be undone: {shown}{more}.")


@transaction.atomic
def undo_import(roster: RosterImport, *, by: Actor) -> None:
    """Undo an import whole or not at all; raise UndoRefusedError naming the sites in the way."""
    locked = RosterImport.locked(roster.pk)
    if locked.state == State.UNDONE:
        return
    locked.move("undo")
    rows = list(
        RosterRow.objects.in_roster(locked)
        .filter(applied=True, outcome__in=[Outcome.CREATED, Outcome.UPDATED])
        .exclude(site=None)
    )
    by_site = {row.site_id: row for row in rows if row.site_id}
    # The locks conflict with the key-share lock of a new reference: nobody can begin to use a site meanwhile.
    sites = list(Site.objects.filter(pk__in=by_site).order_by("pk").select_for_update(of=("self",)))
    created = [site for site in sites if by_site[site.pk].outcome == Outcome.CREATED]
    changed = [site for site in sites if by_site[site.pk].outcome == Outcome.UPDATED]
    holds = [
        Hold(site.pk, site.name, "was edited since")
        for site in sites
        if digest(content(snapshot(site))) != by_site[site.pk].after
    ]
    in_use = dict(_uses({site.pk for site in created}))
    holds += [Hold(site.pk, site.name, f"is in use by {in_use[site.pk]}") for site in created if site.pk in in_use]
    if holds:
        raise UndoRefusedError(holds)
    record_many(audit.SITE_REMOVED, by=by, subjects=[(site, _where(locked)) for site in created])
    record_many(audit.SITE_RESTORED, by=by, subjects=[(site, _where(locked)) for site in changed])
    Site.objects.filter(pk__in=[site.pk for site in created]).delete()
    for site in changed:
        before = by_site[site.pk].before
        assert before is not None, "an update keeps what was there"
        put_back(site, before)
    if changed:
        names = [field.attname for field in content_fields()]
        Site.objects.bulk_update(changed, [*names, "updated_at"], batch_size=500)
    locked.counts = {**locked.counts, "removed": len(created), "restored": len(changed)}
    locked.save(update_fields=["state", "counts"])
    record(
        audit.IMPORT_UNDONE, by=by, subject=locked, file=locked.file_name, removed=len(created), restored=len(changed)
    )
    roster.refresh_from_db()


def _where(roster: RosterImport) -> dict[str, Any]:
    return {"roster_import": str(roster.pk)}


def _uses(ids: set[UUID]) -> Iterator[tuple[UUID, str]]:
    """Yield (site, what uses it) over every model that refers to sites, whichever app it is in."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey) and field.related_model is Site and model is not RosterRow:
                using = model._default_manager.filter(**{f"{field.name}__in": ids})
                for site_id in using.values_list(field.attname, flat=True):
                    yield site_id, f"a {model._meta.verbose_name}"
