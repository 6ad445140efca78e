"""What the isolation suite needs to know about imports and sites."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.models import RosterImport, RosterRow, VulnerabilityIndex
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, api, builds, operation


@builds(order=30)
def rosters(home: Home, lane: Lane) -> None:
    """One roster mapped and checked, one not yet mapped, one brought in."""
    VulnerabilityIndex.objects.get_or_create(fips="36047", state="NY", county="Kings County", percentile="0.9")
    by = home.actor("implementation_manager")
    kept = {}
    for name in ("checked", "fresh", "done"):
        content = f"Name,Street,ZIP,State\nNorth {name} {lane.token},1 Main St,06708,CT\n".encode()
        roster = upload_roster(content, f"Sites {home.closed_token}.csv", by=by)
        kept[name] = roster
        if name != "fresh":
            roster.map_columns(roster.mapping, by=by)
            roster.preview(by=by)
            _finish(roster)
        if name == "done":
            roster.start(by=by)
            _finish(roster)
            home.untouched |= set(RosterRow.objects.in_roster(roster).values_list("site_id", flat=True)) - {None}
    lane.things |= {f"roster_{name}": roster.pk for name, roster in kept.items()}
    lane.things["mapping"] = kept["fresh"].mapping


def _finish(roster: RosterImport) -> None:
    roster.refresh_from_db()
    while roster.running:
        advance_once(roster)
        roster.refresh_from_db()


def roster(name: str) -> Any:
    """The path of an import."""
    return lambda lane: {"roster": lane[f"roster_{name}"]}


def columns(lane: Values) -> dict[str, str]:
    """The suggested columns, as the form sends them."""
    return dict(lane["mapping"])


def site(lane: Values) -> dict[str, Any]:
    """The path of a site."""
    return {"site": lane["site"]}


def site_key(lane: Values) -> dict[str, Any]:
    """The path of a site in the API."""
    return {"pk": lane["site"]}


operation("org:imports:list")
operation(
    "org:imports:upload", get=False,
    body=lambda lane: {"file": SimpleUploadedFile("sites.csv", b"Name,ZIP\nNorth,06708\n"), "country": "US"},
)  # fmt: skip
operation("org:imports:show", roster("checked"))
operation("org:imports:columns", roster("fresh"), body=columns)
operation("org:imports:kinds", roster("checked"), get=False, body=lambda lane: {"word": "Clinic", "kind": "clinic"})
operation("org:imports:start", roster("checked"), get=False, body=lambda lane: {})
operation("org:imports:undo", roster("done"), get=False, body=lambda lane: {})
operation("org:imports:rows", roster("checked"))
operation("org:sites:list", query=lambda lane: {"q": "Clinic"})
operation("org:sites:show", site)
operation("org:sites:add", body=lambda lane: {"name": "Ferry Road", "kind": "clinic", "country": "US"})
operation("org:sites:edit", site, body=lambda lane: {"name": "Ferry Road", "kind": "clinic", "country": "US"})
operation("org:sites:close", site, body=lambda lane: {"on": "2026-01-05", "reason": "The lease ended."})
operation("org:sites:reopen", site, get=False, body=lambda lane: {})
operation("org:sites:county", site, get=False, body=lambda lane: {"other": "36047"})
operation("org:sites:time_zone", site, get=False, body=lambda lane: {"time_zone": "America/New_York"})
api("sites", body=lambda lane: {"name": "North"})
api("sites/<uuid:pk>", site_key)
api("sites/<uuid:pk>/edit", site_key, get=False, body=lambda lane: {"phone": "212-555-0100"})
api("sites/<uuid:pk>/close", site_key, get=False, body=lambda lane: {"on": "2026-01-05", "reason": "The lease ended."})
api("sites/<uuid:pk>/reopen", site_key, get=False, body=lambda lane: {})
api("sites/<uuid:pk>/counties", site_key)
api("sites/<uuid:pk>/choose-county", site_key, get=False, body=lambda lane: {"county_fips": "36047"})
api("sites/<uuid:pk>/set-time-zone", site_key, get=False, body=lambda lane: {"time_zone": "America/New_York"})
