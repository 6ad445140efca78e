"""How a deployment stands: the word on its page, and what the portfolio counts as slipping."""

from datetime import date, timedelta
from itertools import product

import pytest

from onboarding.deployments.health import health, health_of_row, slipping
from onboarding.deployments.models import Deployment, PortfolioRow
from onboarding.deployments.portfolio import project
from tenancy.scope import scope
from testing.scenes import Scene

TODAY = date(2027, 1, 11)
DAY = timedelta(days=1)
SAID = [
    ("onboarding", 0, TODAY, TODAY, None, ("on_track", "On track")),
    ("onboarding", 2, TODAY, TODAY, None, ("at_risk", "At risk, 2 blocked")),
    ("onboarding", 0, TODAY - DAY, TODAY, None, ("at_risk", "Oldest item 1 day late")),
    ("onboarding", 0, TODAY, TODAY + 9 * DAY, TODAY + 9 * DAY, ("on_track", "On track")),
    ("onboarding", 0, TODAY, TODAY + 9 * DAY, TODAY + 36 * DAY, ("at_risk", "Forecast 27 days late")),
    ("onboarding", 1, TODAY - 3 * DAY, TODAY, TODAY + DAY, ("at_risk", "Oldest item 3 days late, 1 blocked")),
    ("onboarding", 0, TODAY, TODAY - 2 * DAY, TODAY + DAY, ("overdue", "Go-live 2 days late")),
    ("live", 1, TODAY - DAY, TODAY - DAY, TODAY, ("live", "Live")),
    ("rolled_back", 0, None, TODAY, None, ("refused", "Rolled back")),
]


@pytest.mark.parametrize(("state", "blocked", "due", "go_live", "p50", "said"), SAID)
def test_what_is_late_today_is_named_before_what_is_forecast(
    state: str, blocked: int, due: date | None, go_live: date, p50: date | None, said: tuple[str, str]
) -> None:
    assert health(state, blocked, due, go_live, p50, TODAY) == said


def test_the_portfolio_counts_as_slipping_what_the_page_calls_late_or_at_risk(scene: Scene) -> None:
    days = (TODAY - DAY, TODAY, TODAY + DAY)
    with scope(scene.world.host.pk):
        project(scene.deployment.pk)
        row = PortfolioRow.objects.get()
        row.state = Deployment.State.ONBOARDING
        for blocked, due, go_live, p50 in product((0, 1), (None, *days), days, (None, *days)):
            row.blocked, row.next_due_on, row.go_live_on, row.forecast_p50 = blocked, due, go_live, p50
            row.save()
            worse = health_of_row(row, TODAY)[0] in ("at_risk", "overdue")
            assert PortfolioRow.objects.filter(slipping(TODAY)).exists() is worse
