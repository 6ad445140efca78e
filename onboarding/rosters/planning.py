"""Says what each row of a batch would do to the sites there are. The dry run stops here; the import goes on and does it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models.functions import Lower

from onboarding.rosters.mapping import pick
from onboarding.rosters.models.roster_import import RosterImport, check_mapping
from onboarding.rosters.models.roster_row import RosterRow, digest
from onboarding.rosters.profiles import Profile, Reference, profile
from onboarding.rosters.reading import SourceRow
from onboarding.rosters.repair import Message, Repaired, loose_key, repair, repeat_key
from tenancy.models import Site

Outcome = RosterRow.Outcome
Key = tuple[str, str, str]


@dataclass
class Plan:
    """What one row does."""

    row: RosterRow
    repaired: Repaired
    outcome: RosterRow.Outcome = Outcome.PENDING
    profile: Profile | None = None
    site: Site | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def write(self) -> RosterRow:
        """Put the plan on the row, not saved."""
        row = self.row
        row.outcome = self.outcome
        row.values = {key: plain(value) for key, value in self.profile.values.items()} if self.profile else {}
        row.county_match = self.profile.county_match if self.profile else ""
        row.repaired = bool(self.repaired.repairs)
        row.site = self.site
        row.messages = [
            {"level": level, **message.as_json()}
            for level, messages in (
                ("error", self.repaired.errors),
                ("repair", self.repaired.repairs),
                ("notice", self.repaired.notices),
            )
            for message in messages
        ]
        if self.changes:
            row.messages += [
                {
                    "level": "change",
                    "field": name,
                    "before": plain(getattr(self.site, name)),
                    "after": plain(value),
                    "reason": "",
                }
                for name, value in self.changes.items()
            ]
        return row


def plan_rows(roster: RosterImport, rows: list[RosterRow]) -> list[Plan]:
    """Plan a batch of an import; the rows before it in the file are known, those after it are not needed."""
    columns = check_mapping(roster, roster.mapping)
    plans = [_read(roster, row, columns) for row in rows]
    reference = Reference.for_rows([plan.repaired for plan in plans])
    for plan in plans:
        if not plan.repaired.errors:
            plan.profile = profile(plan.repaired, reference)
    _set_keys(plans)
    standing = _standing(plans)
    earlier = _Earlier(roster, plans)
    for plan in plans:
        _decide(plan, standing, earlier)
    return plans


def _read(roster: RosterImport, row: RosterRow, columns: dict[str, int]) -> Plan:
    picked = pick(SourceRow(row.number, tuple(row.raw["cells"])), columns)
    if told := roster.kinds.get(picked.get("kind", "").strip()):
        picked["kind"] = told
    repaired = repair(picked, country=roster.country)
    if row.raw.get("problem"):
        repaired.errors.append(Message("", "", None, row.raw["problem"]))
    return Plan(row, repaired)


def _set_keys(plans: Iterable[Plan]) -> None:
    for plan in plans:
        key = None if plan.repaired.errors else repeat_key(plan.repaired.values)
        plan.row.key = digest(key) if key else ""
        loose = None if plan.repaired.errors else loose_key(plan.repaired.values)
        plan.row.loose_key = digest(loose) if loose else ""


@dataclass
class _Standing:
    """Sites that rows of the batch may be about."""

    by_key: dict[Key, list[Site]]
    by_source: dict[str, list[Site]]


def _standing(plans: list[Plan]) -> _Standing:
    names = {plan.repaired.get("name").lower() for plan in plans if not plan.repaired.errors}
    sources = {plan.repaired.get("source_id") for plan in plans} - {""}
    by_key: dict[Key, list[Site]] = defaultdict(list)
    by_source: dict[str, list[Site]] = defaultdict(list)
    for site in Site.objects.alias(lower_name=Lower("name")).filter(lower_name__in=names).order_by("pk"):
        by_key[site.name, site.street, site.postal_code].append(site)
    if sources:
        for site in Site.objects.filter(source_id__in=sources).order_by("pk"):
            by_source[site.source_id].append(site)
    return _Standing(by_key, by_source)


class _Earlier:
    """Rows above in the same file: what is a site already, and which site a row is about."""

    def __init__(self, roster: RosterImport, plans: list[Plan]) -> None:
        first = plans[0].row.number if plans else 0
        above = RosterRow.objects.in_roster(roster).filter(number__lt=first).exclude(outcome=Outcome.REPEATED)
        keys = {plan.row.key for plan in plans} - {""}
        loose = {plan.row.loose_key for plan in plans} - {""}
        self.keys: dict[str, int] = {}
        self.loose: dict[str, int] = {}
        self.sites: dict[UUID, int] = {}
        for number, key in above.filter(key__in=keys).values_list("number", "key"):
            self.keys.setdefault(key, number)
        for number, key in above.filter(loose_key__in=loose).values_list("number", "loose_key"):
            self.loose.setdefault(key, number)
        for number, site_id in above.exclude(site=None).values_list("number", "site_id"):
            self.sites.setdefault(site_id, number)

    def add(self, plan: Plan) -> None:
        """Take a row of the batch as one above."""
        if plan.row.key:
            self.keys.setdefault(plan.row.key, plan.row.number)
        if plan.row.loose_key:
            self.loose.setdefault(plan.row.loose_key, plan.row.number)
        if plan.site is not None:
            self.sites.setdefault(plan.site.pk, plan.row.number)


def _decide(plan: Plan, standing: _Standing, earlier: _Earlier) -> None:
    row = plan.repaired
    if row.errors:
        plan.outcome = Outcome.REFUSED
        return
    twin = earlier.keys.get(plan.row.key)
    if twin is not None:
        plan.outcome = Outcome.REPEATED
        row.notice("name", f"the same name, street and postal code as row {twin}")
        return
    lookalike = earlier.loose.get(plan.row.loose_key)
    if lookalike is not None:
        row.notice("name", f"like row {lookalike} but for capitals or punctuation")
    site = _site_of(plan, standing)
    if row.errors:
        plan.outcome = Outcome.REFUSED
        return
    if site is not None and site.pk in earlier.sites:
        plan.outcome = Outcome.REPEATED
        row.notice("name", f"row {earlier.sites[site.pk]} is about the same site")
        return
    if site is None:
        plan.outcome = Outcome.CREATED
        if row.get("status") == "inactive":
            row.notice("status", "the source says closed: it comes in as closed")
    else:
        plan.site = site
        plan.changes = _changes(site, plan)
        plan.outcome = Outcome.UPDATED if plan.changes else Outcome.UNCHANGED
        if row.get("status") == "inactive" and site.closed_on is None:
            row.notice("status", "the source says closed; the site stays open until somebody closes it")
    earlier.add(plan)


def _site_of(plan: Plan, standing: _Standing) -> Site | None:
    row = plan.repaired
    key = repeat_key(row.values)
    candidates = standing.by_key.get(key, []) if key else []
    if not candidates and row.get("source_id"):
        candidates = standing.by_source.get(row.get("source_id"), [])
        if len(candidates) > 1:
            row.notice("source_id", "several sites have this identifier; it was not used to find one")
            return None
    if len(candidates) > 1:
        row.refuse(
            "name", f"{len(candidates)} sites have this name, street and postal code; which is meant cannot be told"
        )
        return None
    return candidates[0] if candidates else None


def _changes(site: Site, plan: Plan) -> dict[str, Any]:
    assert plan.profile is not None
    changes = {
        name: value
        for name, value in plan.profile.values.items()
        if getattr(site, name) != value and not (name == "time_zone" and not site.time_zone_guessed)
    }
    if site.county_chosen:
        if {"county", "region", "country"} & changes.keys():
            changes["county_chosen"] = False  # it was said of another county
        else:
            for name in ("county_fips", "svi_percentile", "place_match"):
                changes.pop(name, None)
    if site.county_fips and "county" in changes and "county_fips" not in plan.profile.values:
        # The old county's code and percentile do not hold for a county that cannot be matched.
        changes |= {"county_fips": "", "svi_percentile": None}
    if site.ruca1 is not None and "postal_code" in changes and "ruca1" not in plan.profile.values:
        changes |= {"ruca1": None, "ruca2": None}
    return changes


def plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    return str(value) if isinstance(value, Decimal) else value
