"""Coverage after go-live, from what was stated day by day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import time_machine
from django.test import Client

from accounts.models import User
from facts.models import state
from tenancy.models import Site
from tenancy.scope import scope
from training.learning.coverage import Figure
from training.learning.decay import decays
from training.learning.facts import COVERAGE_BY_ROLE
from training.learning.models import Rollout
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]
LIVE = date(2027, 3, 2)
TODAY = LIVE + timedelta(days=100)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def say(rollout: Rollout, day: int, passed: int, required: int) -> None:
    at = noon(LIVE + timedelta(days=day))
    with time_machine.travel(at, tick=False):
        state(COVERAGE_BY_ROLE, {"prescriber": [passed, required]}, subject=rollout, deployment_id=rollout.pk)


def lived(classroom: Classroom) -> Rollout:
    rollout = Rollout.objects.for_page().get(pk=classroom.rollout.pk)
    rollout.went_live(LIVE)
    for day, passed in ((-20, 5), (-1, 9), (0, 10), (40, 9), (90, 6)):
        say(rollout, day, passed, 10)
    return Rollout.objects.for_page().get(pk=rollout.pk)


def test_a_site_is_compared_with_the_day_it_went_live(classroom: Classroom) -> None:
    with time_machine.travel(noon(date(2026, 12, 1)), tick=False), scope(classroom.world.host.pk):
        [tool], [site] = decays([lived(classroom)], TODAY)
        assert (site.at_go_live, site.now) == (Figure(10, 10), Figure(6, 10))
        assert (site.change, site.lowest, site.days) == (-40, 60, 100)
        assert site.path == "M0.0 2.0H80.0V5.6H180.0V16.4H200"
        assert (tool.title, tool.change) == ("Stillwater CBT", -40)


def test_what_held_before_go_live_counts_where_nothing_was_stated_on_the_day(classroom: Classroom) -> None:
    with time_machine.travel(noon(date(2026, 12, 1)), tick=False), scope(classroom.world.host.pk):
        rollout = Rollout.objects.for_page().get(pk=classroom.rollout.pk)
        rollout.went_live(LIVE)
        say(rollout, -3, 7, 8)
        _, [site] = decays([Rollout.objects.for_page().get(pk=rollout.pk)], TODAY)
        assert (site.at_go_live, site.change) == (Figure(7, 8), 0)


def test_sites_of_a_tool_are_added_up_by_days_since_go_live(classroom: Classroom) -> None:
    with time_machine.travel(noon(date(2026, 12, 1)), tick=False), scope(classroom.world.host.pk):
        first = lived(classroom)
        other = Rollout.introduce(
            classroom.assignment.pk, title="Stillwater CBT", tool_version="4.2",
            site=Site.objects.create(name="Quay Street"), go_live_on=LIVE, by=classroom.manager,
        )  # fmt: skip
        other.went_live(LIVE + timedelta(days=60))
        say(other, 60, 10, 10)
        rows = list(Rollout.objects.for_page())
        [tool], sites = decays(rows, TODAY)
        assert len(sites) == 2
        assert tool.at_go_live == Figure(20, 20)
        # After 40 days both count; the second has been live for 40 only, so day 90 is the first one's alone.
        assert (tool.series[40], tool.now) == (Figure(19, 20), Figure(6, 10))
        assert first.pk in {row.pk for row in rows}


def test_a_deployment_that_is_not_live_has_no_curve(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        assert decays(list(Rollout.objects.for_page()), TODAY) == ([], [])


def test_the_page_draws_it_and_gives_it_as_a_file(classroom: Classroom, client_of: ClientOf) -> None:
    with time_machine.travel(noon(date(2026, 12, 1)), tick=False), scope(classroom.world.host.pk):
        lived(classroom)
    with time_machine.travel(noon(TODAY), tick=False):
        client = client_of(classroom.world.manager)
        shown = client.get("/o/host/training/after-go-live/").content.decode()
        assert 'aria-label="From 100 % at go-live to 60 % after 100 days"' in shown
        assert "/o/host/training/after-go-live/" in client.get("/o/host/training/").content.decode()
        file = b"".join(client.get("/o/host/training/after-go-live/?as=csv").streaming_content).decode("utf-8-sig")
    assert "Stillwater CBT,Main Street,2027-03-02,100,60,-40,60,6,10" in file
