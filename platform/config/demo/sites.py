"""Real places under neutral names, brought in through the importer as anybody would."""

import csv
import io
from pathlib import Path

from audit.actor import Actor
from onboarding import rosters
from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from tenancy.models import Site

ROSTER = Path(rosters.__file__).parent / "reference" / "demo_roster.csv"
PRIVATE = ("name2", "street1", "street2", "phone", "website")


def import_sites(by: Actor) -> dict[str, Site]:
    """Import the demo roster and return the sites by city."""
    roster = upload_roster(neutral_roster(), "riverbend-sites.csv", by=by)
    roster.map_columns(roster.mapping, by=by)
    for verb in (roster.preview, roster.start):
        verb(by=by)
        while roster.running:
            advance_once(roster)
            roster.refresh_from_db()
    sites: dict[str, Site] = {}
    for site in Site.objects.order_by("name"):
        sites.setdefault(site.city, site)
    return sites


def neutral_roster() -> bytes:
    """Return the roster without names, streets and numbers: the places are real, the demo's history is not theirs."""
    with ROSTER.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    seen: dict[str, int] = {}
    for row in rows:
        word = _word(row)
        seen[row["city"]] = seen.get(row["city"], 0) + 1
        row["name1"] = f"{row['city']} {word}" + (f" {seen[row['city']]}" if seen[row["city"]] > 1 else "")
        for column in PRIVATE:
            row[column] = ""
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def _word(row: dict[str, str]) -> str:
    text = f"{row['name1']} {row['name2']}".lower()
    for needle, word in (
        ("school", "school clinic"),
        ("hospital", "hospital clinic"),
        ("shelter", "shelter clinic"),
        ("mobile", "mobile clinic"),
    ):
        if needle in text:
            return word
    return "health center" if "hrsa" in row["source"].lower() else "behavioral health clinic"
