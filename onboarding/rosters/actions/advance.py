"""Do the next batch of a dry run or an import. One batch is one transaction: killed in the middle, it is done again whole."""

import logging
from typing import Any
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from audit.models.event import record, record_many
from onboarding.rosters import audit
from onboarding.rosters.mapping import UnusableMappingError
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.models.roster_import import State, ring
from onboarding.rosters.models.roster_row import digest
from onboarding.rosters.planning import Plan, plan_rows
from onboarding.rosters.snapshots import content, snapshot
from tenancy.models import Site

log = logging.getLogger(__name__)

BATCH = 500
MOST_KINDS = 30
Outcome = RosterRow.Outcome
PLANNED = [
    "outcome", "values", "county_match", "repaired", "site", "messages", "key", "loose_key", "before", "after", "applied",
]  # fmt: skip


def advance_import(import_id: UUID, *, batch: int = BATCH) -> None:
    """Do the next batch and ask for the one after it; an error stops the import and says so on it."""
    roster = RosterImport.objects.filter(pk=import_id).first()
    if roster is None:
        return
    try:
        with transaction.atomic():
            advance_once(roster, batch=batch)
    except (Error, UnusableMappingError, ValueError) as error:
        log.exception("import %s stopped", import_id)
        roster.refresh_from_db()
        roster.fail(f"{type(error).__name__}: {error}", by=roster.actor)


@transaction.atomic
def advance_once(roster: RosterImport, *, batch: int = BATCH) -> None:
    """Do the next batch under the import's lock; nothing happens where nothing runs."""
    roster = RosterImport.locked(roster.pk)
    if not roster.running:
        return
    rows = list(RosterRow.objects.in_roster(roster).filter(number__gt=roster.cursor)[:batch])
    plans = plan_rows(roster, rows)
    importing = roster.state == State.IMPORTING
    for plan in plans:
        plan.write()
        plan.row.applied = False
    if importing:
        _create(roster, [plan for plan in plans if plan.outcome == Outcome.CREATED])
        _update(roster, [plan for plan in plans if plan.outcome == Outcome.UPDATED])
        for plan in plans:
            plan.row.applied = True
    # ON CONFLICT and not bulk_update, whose CASE over eleven columns costs ten times as much.
    RosterRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=PLANNED)
    roster.cursor = rows[-1].number if rows else roster.cursor
    roster.done_rows += len(rows)
    roster.moved_at = timezone.now()
    changed = ["cursor", "done_rows", "moved_at"]
    if roster.done_rows >= roster.row_count or not rows:
        changed += _finish(roster)
    roster.save(update_fields=changed)
    if roster.running:
        ring(roster)


def _create(roster: RosterImport, plans: list[Plan]) -> None:
    today = timezone.localdate()
    for plan in plans:
        assert plan.profile is not None
        closed = today if plan.repaired.get("status") == "inactive" else None
        plan.site = plan.row.site = Site(**plan.profile.values, closed_on=closed)
    sites = Site.objects.bulk_create([plan.site for plan in plans if plan.site])
    for plan, site in zip(plans, sites, strict=True):
        plan.row.site, plan.row.after = site, digest(content(snapshot(site)))
    record_many(
        audit.SITE_IMPORTED,
        by=roster.actor,
        subjects=[(site, _where(roster, plan)) for plan, site in zip(plans, sites, strict=True)],
    )


def _update(roster: RosterImport, plans: list[Plan]) -> None:
    ids = [plan.site.pk for plan in plans if plan.site]
    locked = {
        site.pk: site
        for site in Site.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
    }
    now = timezone.now()
    names: set[str] = set()
    for plan in plans:
        assert plan.site is not None
        site = locked[plan.site.pk]
        plan.row.before = snapshot(site)
        for name, value in plan.changes.items():
            setattr(site, name, value)
        names.update(plan.changes)
        site.updated_at = now
        plan.row.after = digest(content(snapshot(site)))
    if locked:
        Site.objects.bulk_update(locked.values(), [*sorted(names), "updated_at"], batch_size=BATCH)
    record_many(
        audit.SITE_UPDATED,
        by=roster.actor,
        subjects=[
            (locked[plan.site.pk], _where(roster, plan, fields=", ".join(sorted(plan.changes))))
            for plan in plans
            if plan.site
        ],
    )


def _where(roster: RosterImport, plan: Plan, **more: Any) -> dict[str, Any]:
    return {"roster_import": str(roster.pk), "row": plan.row.number, **more}


def _finish(roster: RosterImport) -> list[str]:
    roster.counts = count(roster)
    if roster.state == State.CHECKING:
        roster.move("finish_preview")
        return ["counts", "state"]
    roster.move("finish")
    roster.finished_at = timezone.now()
    record(
        audit.IMPORT_FINISHED,
        by=roster.actor,
        subject=roster,
        file=roster.file_name,
        **{name: roster.counts[name] for name in ("created", "updated", "unchanged", "repeated", "refused")},
    )
    return ["counts", "state", "finished_at"]


def count(roster: RosterImport) -> dict[str, Any]:
    """Count the rows by outcome, those with repairs, how counties were matched, and how kinds of site were read."""
    rows = RosterRow.objects.filter(roster_import=roster)
    found = dict(rows.values_list("outcome").annotate(n=Count("pk")).order_by())
    matches = dict(rows.exclude(county_match="").values_list("county_match").annotate(n=Count("pk")).order_by())
    return {
        **{outcome.value: found.get(outcome.value, 0) for outcome in Outcome if outcome != Outcome.PENDING},
        "repaired": rows.filter(repaired=True).count(),
        "county_written": matches.get("written", 0),
        "county_normalized": matches.get("normalized", 0),
        "county_fips": matches.get("fips", 0),
        "county_none": matches.get("none", 0),
        "kinds": _kinds(roster, rows),
    }


def _kinds(roster: RosterImport, rows: QuerySet[RosterRow]) -> list[list[Any]]:
    """Return [word of the file, what it was read as, number of rows], the most frequent first."""
    column = roster.mapping.get("kind")
    if column not in roster.columns:
        return []
    word = f"raw__cells__{roster.columns.index(column)}"
    found = (
        rows.exclude(outcome=Outcome.REFUSED)
        .values_list(word, "values__kind")
        .annotate(n=Count("pk"))
        .order_by("-n", word)[:MOST_KINDS]
    )
    return [[written or "", read or "", n] for written, read, n in found]
