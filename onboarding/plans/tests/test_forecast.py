"""Forecasts of go-live: from past durations where there are enough, and the playbook's effort where not."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item, PortfolioRow
from onboarding.deployments.portfolio import rebuild
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.actions.keep_durations import keep_durations
from onboarding.plans.models import GoLiveForecast, PastDuration
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene


def test_without_a_past_the_playbook_is_used_and_it_says_so(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        kept = compute_forecast(scene.deployment.pk)
        deployment = Deployment.objects.get(pk=scene.deployment.pk)
        row = PortfolioRow.objects.get(deployment_id=scene.deployment.pk)
    assert kept is not None
    assert (kept.from_history, kept.from_playbook > 60) == (0, True)
    assert GO_LIVE <= kept.p50 <= kept.p80
    assert (deployment.forecast_p50, deployment.forecast_p80) == (kept.p50, kept.p80)
    assert (row.forecast_p50, row.forecast_p80) == (kept.p50, kept.p80)
    assert len(kept.drivers) == 3


def test_the_same_version_of_a_deployment_is_computed_once_a_day(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = compute_forecast(scene.deployment.pk)
        again = compute_forecast(scene.deployment.pk)
        anew = compute_forecast(scene.deployment.pk, again=True)
    assert first is not None
    assert again is not None
    assert anew is not None
    assert first.at == again.at < anew.at
    assert (first.p50, first.p80, first.drivers) == (anew.p50, anew.p80, anew.drivers)


def test_a_slow_past_of_an_item_moves_the_forecast_and_makes_it_the_driver(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before = compute_forecast(scene.deployment.pk)
        item = scene.item("user-acceptance")
        for number in range(5):
            site = Site.objects.create(name=f"Clinic {number}", region="NY", time_zone="America/New_York")
            other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager)
            theirs = Item.objects.get(deployment=other, key=item.key)
            PastDuration(deployment=other, item=theirs, key=item.key, days=120, done_on=date(2026, 10, 1)).save()
        after = compute_forecast(scene.deployment.pk, again=True)
    assert before is not None
    assert after is not None
    assert after.from_history == 1
    assert after.p50 > before.p50 + timedelta(days=60)
    assert item.title in [driver[2] for driver in after.drivers]


def test_a_duration_counts_from_the_start_or_from_what_was_waited_for(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        zone = timezone.get_current_timezone()
        done = datetime(2026, 11, 20, 18, tzinfo=zone)
        scene.settle("interest-recorded", "problem-statement", "sponsor-named")
        Item.objects.filter(key="interest-recorded").update(done_at=done - timedelta(days=7))
        Item.objects.filter(key="problem-statement").update(done_at=done, started_at=done - timedelta(days=2))
        Item.objects.filter(key="sponsor-named").update(done_at=done)
        keep_durations(scene.deployment.pk)
        days = dict(PastDuration.objects.values_list("key", "days"))
        # Started Wednesday 18, done Friday 20 November: three days. The other could begin on Friday 13: six days.
        assert (days["problem-statement"], days["sponsor-named"]) == (3, 6)
        scene.item("sponsor-named").reopen(by=scene.manager, reason="She left.")
        keep_durations(scene.deployment.pk, [scene.item("sponsor-named").pk])
        assert not PastDuration.objects.filter(key="sponsor-named").exists()
        assert PastDuration.objects.filter(key="problem-statement").exists()


def test_a_live_deployment_has_no_forecast(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        compute_forecast(scene.deployment.pk)
        Deployment.objects.get(pk=scene.deployment.pk).record_go_live(by=scene.manager)
        assert compute_forecast(scene.deployment.pk) is None
        assert not GoLiveForecast.objects.exists()
        assert Deployment.objects.get(pk=scene.deployment.pk).forecast_p50 is None


@pytest.mark.parametrize("others", [0, 3])
def test_a_forecast_takes_a_fixed_number_of_statements(
    scene: Scene, others: int, django_assert_max_num_queries: object
) -> None:
    with scope(scene.world.host.pk):
        for number in range(others):
            site = Site.objects.create(name=f"Clinic {number}", region="NY")
            plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager)
        rebuild()
        with django_assert_max_num_queries(30):  # type: ignore[operator]
            compute_forecast(scene.deployment.pk, again=True)
