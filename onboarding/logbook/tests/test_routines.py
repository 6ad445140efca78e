"""Work that comes round again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from onboarding.deployments.models import Deployment, Item
from onboarding.logbook.actions.grow import grow
from onboarding.logbook.models import Routine
from onboarding.logbook.models.routine import RoutineRefused, months_later
from tenancy.scope import scope
from tenancy.working_days import WorkingCalendar
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
LIVE = date(2027, 3, 2)
BY = Actor.system("routines")


def begin(scene: Scene, title: str = "Huddle", during: str = "daily", after: str = "") -> Routine:
    routine = Routine.begin(scene.deployment, title=title, owner="IM", during=during, after=after, by=scene.manager)
    Routine.objects.filter(pk=routine.pk).update(begun_at="2027-03-01T12:00:00Z")
    return routine


def live(scene: Scene) -> None:
    Deployment.objects.filter(pk=scene.deployment.pk).update(state="live", went_live_at="2027-03-02T12:00:00Z")


def added() -> list[date]:
    return list(Item.objects.filter(key__startswith="routine-").order_by("due_on").values_list("due_on", flat=True))


def test_nothing_comes_round_before_the_site_is_live(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        begin(scene)
        assert grow(LIVE, by=BY) == 0
        assert added() == []


def test_a_daily_routine_comes_round_on_every_working_day_a_week_ahead_and_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        begin(scene)
        live(scene)
        assert grow(date(2027, 3, 3), by=BY) == 6
        assert added() == [date(2027, 3, day) for day in (3, 4, 5, 8, 9, 10)]
        events = Event.objects.count()
        assert grow(date(2027, 3, 3), by=BY) == 0
        assert Event.objects.count() == events
        assert grow(date(2027, 3, 4), by=BY) == 1
        item = Item.objects.get(key__startswith="routine-", due_on=date(2027, 3, 3))
        assert (item.title, item.stage, item.gate_class) == ("Huddle, 3 Mar", 8, "informs")
        assert item.number > 101


def test_it_turns_monthly_after_hypercare(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        routine = begin(scene, during="weekly", after="monthly")
        found = list(routine.occurrences(LIVE, date(2027, 7, 1), WorkingCalendar("US", "NY")))
    assert found == [
        date(2027, 3, 9), date(2027, 3, 16), date(2027, 3, 23), date(2027, 3, 30),
        date(2027, 4, 2), date(2027, 4, 30), date(2027, 6, 2),
    ]  # fmt: skip


def test_an_ended_routine_comes_round_no_more_and_its_items_stay(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        routine = begin(scene)
        live(scene)
        grow(date(2027, 3, 3), by=BY)
        routine.end(by=scene.manager)
        assert grow(date(2027, 3, 10), by=BY) == 0
        assert len(added()) == 6


def test_a_routine_without_a_rhythm_or_a_role_is_refused(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(RoutineRefused):
            Routine.begin(scene.deployment, title="X", owner="IM", by=scene.manager)
        with pytest.raises(RoutineRefused):
            Routine.begin(scene.deployment, title="X", owner="ZZ", during="daily", by=scene.manager)
        assert not Routine.objects.exists()


@given(
    st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.sampled_from(["", "daily", "weekly"]),
    st.sampled_from(["", "monthly", "quarterly"]), st.integers(1, 90),
)  # fmt: skip
def test_every_occurrence_is_a_working_day_after_go_live_in_order_and_none_twice(
    start: date, during: str, after: str, days: int
) -> None:
    calendar = WorkingCalendar("US", "NY")
    routine = Routine(during=during, after=after, hypercare_days=days)
    until = start + timedelta(days=400)
    found = list(routine.occurrences(start, until, calendar))
    assert found == sorted(set(found))
    assert all(start < day <= until and calendar.is_working(day) for day in found)
    if after:
        assert any(not routine.in_hypercare(day, start) for day in found)


def test_the_last_of_a_short_month_stands_for_a_day_it_lacks() -> None:
    assert months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_later(date(2027, 11, 30), 3) == date(2028, 2, 29)


def test_the_usual_ones_are_begun_by_who_plans(scene: Scene, client_of: ClientOf) -> None:
    place = f"/o/host/deployments/{scene.deployment.pk}/routines/"
    assert client_of(scene.world.contributor).post(f"{place}usual").status_code == 403
    client = client_of(scene.world.manager)
    client.post(f"{place}usual")
    client.post(f"{place}usual")
    text = client.get(place).content.decode()
    assert "Every three months" in text
    with scope(scene.world.host.pk):
        assert Routine.objects.count() == 4
        routine = Routine.objects.first()
    assert routine
    client.post(f"{place}{routine.pk}/end")
    assert client.post(place, {"title": "Walk", "owner": "IM", "hypercare_days": "30"}).status_code == 422
    assert client_of(scene.world.vendor_manager).get(place).status_code == 404
