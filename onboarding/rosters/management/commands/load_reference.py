"""Load the reference data that ships with the product."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from onboarding.rosters.models import RuralCode, VulnerabilityIndex

REFERENCE = Path(__file__).parents[2] / "reference"


class Command(BaseCommand):
    """Rurality by ZIP and social vulnerability by county; loaded again, nothing changes."""

    help = "Load rurality codes by ZIP and social vulnerability by county."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load both tables."""
        with transaction.atomic():
            codes = load_rural_codes()
            counties = load_vulnerability()
        self.stdout.write(f"{codes:,} ZIPs with rurality codes, {counties:,} counties with a vulnerability percentile")


def load_rural_codes() -> int:
    """Load RUCA codes by ZIP."""
    rows = [
        RuralCode(zip_code=row["zip"], state=row["state"], ruca1=int(row["ruca1"]), ruca2=Decimal(row["ruca2"]))
        for row in _rows("ruca_zip_2010.csv.gz")
    ]
    RuralCode.objects.bulk_create(
        rows,
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["zip_code"],
        update_fields=["state", "ruca1", "ruca2"],
    )
    return len(rows)


def load_vulnerability() -> int:
    """Load percentiles by county; -999 means that there is none."""
    rows = [
        VulnerabilityIndex(
            fips=row["fips"],
            state=row["state"],
            county=row["county"],
            percentile=None if row["rpl_themes"] == "-999" else Decimal(row["rpl_themes"]),
        )
        for row in _rows("svi_county_2022.csv.gz")
    ]
    VulnerabilityIndex.objects.bulk_create(
        rows,
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["fips"],
        update_fields=["state", "county", "percentile"],
    )
    return len(rows)


def _rows(name: str) -> list[dict[str, str]]:
    with gzip.open(REFERENCE / name, "rt", newline="") as lines:
        return list(csv.DictReader(lines))
