"""The rosters that the tests run on."""

import csv
import gzip
import io
from functools import cache
from pathlib import Path

from onboarding.rosters.places import County, CountyIndex

DATA = Path(__file__).parent / "data"
REFERENCE = Path(__file__).parents[1] / "reference"


@cache
def facilities() -> bytes:
    """The full roster of 11,375 facilities."""
    return gzip.decompress((DATA / "mental_health_facilities.csv.gz").read_bytes())


def health_centers() -> bytes:
    """Ten health-center sites; the header ends in a comma."""
    return (DATA / "health_center_sites.csv").read_bytes()


@cache
def counties() -> CountyIndex:
    """The counties of the index."""
    with gzip.open(REFERENCE / "svi_county_2022.csv.gz", "rt", newline="") as lines:
        return CountyIndex(County(row["fips"], row["state"], row["county"]) for row in csv.DictReader(lines))


def workbook(rows: list[list[object]], *, title: str = "Sites", extra_sheet: str = "") -> bytes:
    """A workbook with these rows."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if extra_sheet:
        book.create_sheet(extra_sheet).append(["Other", "Table"])
        book[extra_sheet].append(["a", "b"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
