"""What the isolation suite needs to know about imports and sites."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.models import RosterImport
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, api, builds, operation


@builds(order=30)
def rosters(home: Home, lane: Lane) -> None:
    """One roster mapped and checked, one not yet mapped, one brought in."""
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
operation("org:sites:show", lambda lane: {"site": lane["site"]})
api("sites", body=lambda lane: {"name": "North"})
api("sites/<uuid:pk>", lambda lane: {"pk": lane["site"]})
