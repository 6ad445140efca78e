"""Builds the shipped reference data from the files of their sources.

    python onboarding/rosters/reference/build.py --ruca ruca2010zip.xlsx --svi SVI_2022_US_county.csv \\
        --facilities mental_health_facilities.csv --health-centers health_center_sites.csv

The excerpts need both rosters. The output lands beside this file and is byte for byte the same for the same input.
"""

import argparse
import csv
import gzip
import io
import sys
from pathlib import Path

HERE = Path(__file__).parent


def write_gzip(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write a compressed CSV without a timestamp, so that the same rows give the same bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{path.name}: {len(rows):,} rows, {path.stat().st_size:,} bytes\n")


def build_ruca(source: Path) -> None:
    """RUCA codes by ZIP, 2010."""
    import openpyxl

    sheet = openpyxl.load_workbook(source, read_only=True, data_only=True)["Data"]
    cells = sheet.iter_rows(values_only=True)
    header = [str(cell) for cell in next(cells)]
    zip_code, state, one, two = (header.index(name) for name in ("ZIP_CODE", "STATE", "RUCA1", "RUCA2"))
    rows = [
        [str(row[zip_code]).zfill(5), str(row[state]), f"{row[one]:g}", f"{row[two]:g}"]
        for row in cells
        if row[zip_code]
    ]
    write_gzip(HERE / "ruca_zip_2010.csv.gz", ["zip", "state", "ruca1", "ruca2"], sorted(rows))


def build_svi(source: Path) -> None:
    """Overall percentile of social vulnerability by county, 2022; county codes get their leading zero back."""
    with source.open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            [
                row["FIPS"].zfill(5),
                row["ST_ABBR"],
                row["COUNTY"],
                "-999" if float(row["RPL_THEMES"]) < 0 else row["RPL_THEMES"],
            ]
            for row in csv.DictReader(lines)
        ]
    write_gzip(HERE / "svi_county_2022.csv.gz", ["fips", "state", "county", "rpl_themes"], sorted(rows))


ROSTER = [
    "name1",
    "name2",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "zip4",
    "county",
    "phone",
    "website",
    "latitude",
    "longitude",
    "type_facility",
]
EXCERPT_STATES = ("GA", "MN", "MT", "NC", "NM", "TX", "VT", "WA")
HEALTH_CENTER = {
    "name1": "Site Name",
    "street1": "Site Address",
    "city": "Site City",
    "state": "Site State Abbreviation",
    "zip": "Site Postal Code",
    "county": "Complete County Name",
    "phone": "Site Telephone Number",
    "website": "Site Web Address",
    "latitude": "Geocoding Artifact Address Primary Y Coordinate",
    "longitude": "Geocoding Artifact Address Primary X Coordinate",
    "type_facility": "Health Center Type",
}


def read_rows(path: Path) -> list[dict[str, str]]:
    """All rows of a CSV file, as written."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def build_full_roster(facilities: Path) -> None:
    """The whole roster of facilities, in the columns that are imported, for the tests."""
    rows = [[row[column] for column in ROSTER] for row in read_rows(facilities)]
    write_gzip(HERE.parent / "tests" / "data" / "mental_health_facilities.csv.gz", ROSTER, rows)


def build_health_centers(health_centers: Path) -> None:
    """The health-center sites with the comma that ends their header, without the columns that name elected persons."""
    with health_centers.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = csv.reader(lines)
    kept = [index for index, name in enumerate(header) if "Representative" not in name and "Senator" not in name]
    with (HERE.parent / "tests" / "data" / "health_center_sites.csv").open("w", newline="") as out:
        out.write(",".join(header[index] for index in kept if header[index]) + ",\n")
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([row[index] for index in kept if index < len(row)] for row in rows)


def build_excerpt(facilities: Path, health_centers: Path) -> None:
    """Up to two urban and two rural facilities of each of eight states, and the health-center sites, as written."""
    with gzip.open(HERE / "ruca_zip_2010.csv.gz", "rt", newline="") as lines:
        ruca = {row["zip"]: float(row["ruca1"]) for row in csv.DictReader(lines)}
    rows = read_rows(facilities)
    excerpt: list[list[str]] = []
    for state in EXCERPT_STATES:
        for rural in (False, True):
            seen: set[str] = set()
            for row in rows:
                code = ruca.get(row["zip"].zfill(5), 99.0)
                fits = row["state"] == state and row["county"] and (7 <= code <= 10 if rural else code == 1)
                if fits and row["county"] not in seen and len(seen) < 2:
                    seen.add(row["county"])
                    excerpt.append([row[column] for column in ROSTER] + ["SAMHSA treatment locator"])
    for row in read_rows(health_centers):
        cells = [row[HEALTH_CENTER[column]] if column in HEALTH_CENTER else "" for column in ROSTER]
        excerpt.append([*cells, "HRSA health center sites"])
    with (HERE / "demo_roster.csv").open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*ROSTER, "source"])
        writer.writerows(excerpt)
    sys.stdout.write(f"demo_roster.csv: {len(excerpt)} rows\n")


def main() -> None:
    """Build what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ruca", type=Path, help="ERS workbook of the 2010 codes by ZIP")
    parser.add_argument("--svi", type=Path, help="CDC/ATSDR file of 2022 by county")
    parser.add_argument("--facilities", type=Path, help="SAMHSA roster of mental-health facilities")
    parser.add_argument("--health-centers", type=Path, help="HRSA roster of health-center sites")
    arguments = parser.parse_args()
    if arguments.ruca:
        build_ruca(arguments.ruca)
    if arguments.svi:
        build_svi(arguments.svi)
    if arguments.facilities and arguments.health_centers:
        build_full_roster(arguments.facilities)
        build_health_centers(arguments.health_centers)
        build_excerpt(arguments.facilities, arguments.health_centers)


if __name__ == "__main__":
    main()
