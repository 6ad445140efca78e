"""What keeps a tool going at a site, as facts: the champion, and the money."""

from datetime import timedelta

from facts.kinds import kind

CHAMPION_DAYS_VACANT = kind(
    "champion.days_vacant",
    "Days without a named clinical champion, 0 where there is one",
    subject="deployment",
    value_type=int,
    source="team",
    fresh_for=timedelta(days=2),
    unit="days",
    page="deployments:team",
)
CHAMPION_HAS_DEPUTY = kind(
    "champion.has_deputy",
    "Whether the clinical champion has a deputy",
    subject="deployment",
    value_type=bool,
    source="team",
    fresh_for=timedelta(days=2),
    page="deployments:team",
)
RUNWAY_MONTHS = kind(
    "funding.runway_months",
    "Months until the program's money no longer covers its monthly cost, at most 60",
    subject="program",
    value_type=float,
    source="funding ledger",
    fresh_for=timedelta(days=2),
    unit="months",
)
