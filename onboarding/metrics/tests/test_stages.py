"""Stage metrics from dates: the vectors of domain.md 9.1, and what leaves the denominator or stops the clock."""

from datetime import UTC, date, datetime, timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding.decommission.models import Decommission
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Item
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.metrics.reading import sites_of
from onboarding.metrics.stages import SiteDates, StageDates, together
from onboarding.metrics.survival import Observation
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

TODAY = date(2026, 6, 1)


def test_vector_stage_duration() -> None:
    """Entry 2026-01-05; other dates 01-20, 02-03: 29 days."""
    stage = StageDates(3, 3, date(2026, 1, 5), date(2026, 2, 3))
    assert SiteDates({3: stage}).duration(3, TODAY) == Observation(29, True)
    assert stage.days == 29


def test_vector_stage_proportion() -> None:
    """8 items, 1 not applicable, 5 done: 5/7 = .714."""
    assert round(StageDates(7, 5).proportion or 0, 3) == 0.714


def test_nothing_applicable_has_no_proportion_and_no_duration() -> None:
    site = SiteDates({4: StageDates(0, 0)})
    assert StageDates(0, 0).proportion is None
    assert site.duration(4, TODAY) is None
    assert site.time_to(4, TODAY) is None
    assert together([site], TODAY)[3].sites == 0


def test_a_running_stage_is_censored_and_a_discontinued_one_stops() -> None:
    stage = StageDates(5, 2, date(2026, 5, 2), date(2026, 5, 20))
    assert SiteDates({2: stage}).duration(2, TODAY) == Observation(30, False)
    assert SiteDates({2: stage}, discontinued_on=date(2026, 5, 22)).duration(2, TODAY) == Observation(20, False)


def test_how_far_a_site_got_is_its_highest_stage_with_something_done_in_any_order() -> None:
    site = SiteDates(
        {
            1: StageDates(2, 1, date(2026, 1, 1), date(2026, 1, 1)),
            5: StageDates(4, 1, date(2026, 1, 9), date(2026, 1, 9)),
            6: StageDates(3, 0),
        }
    )
    assert site.furthest == 5
    assert site.began_on == date(2026, 1, 1)
    assert site.time_to(5, TODAY) == Observation(8, True)
    assert site.time_to(6, TODAY) == Observation(151, False)
    assert SiteDates({}).furthest is None


def test_a_phase_runs_from_its_first_activity_to_its_last() -> None:
    site = SiteDates(
        {
            1: StageDates(2, 2, date(2026, 1, 1), date(2026, 1, 5)),
            3: StageDates(2, 1, date(2026, 1, 3), date(2026, 2, 9)),
        }
    )
    assert site.phase_days(range(1, 4)) == 39
    assert site.phase_days(range(4, 8)) is None


def finish(scene: Scene, stage: int, *days: date) -> None:
    found = Item.objects.filter(deployment=scene.deployment, playbook_item__stage_metric=stage).order_by("number")
    for item, day in zip(found, days, strict=False):
        at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        Item.objects.filter(pk=item.pk).update(state="accepted", done_at=at)


def test_it_is_read_from_the_checklist(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        finish(scene, 1, date(2026, 4, 6), date(2026, 4, 21), date(2026, 5, 5))
        here = sites_of([scene.deployment])[scene.deployment.pk].stages[1]
        applicable = Item.objects.filter(deployment=scene.deployment, playbook_item__stage_metric=1)
        total = applicable.exclude(state="not_applicable").count()
        assert (here.applicable, here.done, here.days) == (total, 3, 29)
        last = applicable.filter(state="todo").first()
        assert last is not None
        Item.objects.filter(pk=last.pk).update(state="not_applicable")
        assert sites_of([scene.deployment])[scene.deployment.pk].stages[1].applicable == total - 1
        other = applicable.filter(state="todo").first()
        assert other is not None
        Item.objects.filter(pk=other.pk).update(state="waived", waived_until=date(2027, 1, 1))
        again = sites_of([scene.deployment])[scene.deployment.pk].stages[1]
        assert (again.applicable, again.done) == (total - 1, 3)


def test_a_day_is_the_sites_own(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = Item.objects.filter(deployment=scene.deployment, playbook_item__stage_metric=1)[0]
        Item.objects.filter(pk=item.pk).update(state="accepted", done_at=datetime(2026, 4, 7, 2, tzinfo=UTC))
        assert sites_of([scene.deployment])[scene.deployment.pk].stages[1].first == date(2026, 4, 6)


def test_an_item_of_the_organizations_own_belongs_to_no_stage_of_the_measure(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before = sites_of([scene.deployment])[scene.deployment.pk].stages
        Item.objects.create(
            deployment=scene.deployment, number=900, key="own", stage=1, title="Own", owner="IM", gate_class="informs",
            due_on=GO_LIVE, baseline_due_on=GO_LIVE, offset_days=0, state="accepted", done_at=timezone.now(),
        )  # fmt: skip
        assert sites_of([scene.deployment])[scene.deployment.pk].stages == before


def test_a_completed_decommission_stops_the_clock(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        finish(scene, 1, date(2026, 4, 6))
        with time_machine.travel(datetime(2026, 5, 6, 17, tzinfo=UTC)):
            made = Decommission.begin(
                scene.deployment, cause="other", reason="Not used", last_day=date(2026, 5, 7), by=scene.manager
            )
            made.steps.update(done_at=timezone.now(), done_by=scene.world.manager)
            made.complete(by=scene.by(scene.world.owner))
        site = sites_of([scene.deployment])[scene.deployment.pk]
        assert site.discontinued_on == date(2026, 5, 6)
        assert site.duration(1, date(2027, 1, 1)) == Observation(30, False)


def test_thirty_sites_take_as_many_statements_as_two(scene: Scene, client_of) -> None:
    seen = []
    client = client_of(scene.world.manager)
    for count in (1, 6):
        with scope(scene.world.host.pk):
            for number in range(count):
                site = Site.objects.create(name=f"Site {count} {number}", region="NY", time_zone="America/New_York")
                plan_deployment(scene.program, site, go_live_on=GO_LIVE + timedelta(days=7), by=scene.manager, wave=1)
        took = []
        places = (
            "stage-metrics/",
            f"programs/{scene.program.pk}/stage-metrics/",
            f"deployments/{scene.deployment.pk}/stage-metrics/",
        )
        for place in places:
            client.get(f"/o/host/{place}")
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/o/host/{place}").status_code == 200
            took.append(len(counted(captured)))
        seen.append(took)
    assert seen[0] == seen[1]
    assert max(seen[0]) <= 12


def test_page_csv_and_api_say_the_same_and_a_partner_sees_its_shared_deployment_alone(scene: Scene, client_of) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        finish(scene, 1, date(2026, 4, 6), date(2026, 4, 21), date(2026, 5, 5))
    at = f"deployments/{scene.deployment.pk}/stage-metrics"
    manager, funder = client_of(scene.world.manager), client_of(scene.world.funder_manager)
    row = manager.get(f"/o/host/api/v1/{at}").json()["results"][0]
    assert (row["done"], row["first_on"], row["last_on"], row["censored"]) == (3, "2026-04-06", "2026-05-05", True)
    assert "3 of" in manager.get(f"/o/host/{at}/").content.decode()
    sent = b"".join(manager.get(f"/o/host/{at}/?as=csv").streaming_content).decode()
    assert "Engagement" in sent
    shown = funder.get(f"/o/host/{at}/")
    assert shown.status_code == 200
    assert "Peers" not in shown.content.decode()
    assert funder.get("/o/host/stage-metrics/").status_code == 403
    assert funder.get("/o/host/api/v1/stage-metrics").status_code == 403
    assert manager.get("/o/host/api/v1/stage-metrics").json()["results"][0]["sites"] == 1
