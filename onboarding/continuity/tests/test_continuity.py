"""Champions who leave, and money that runs out."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import Event
from facts.models import Fact
from notices.models import Reminder
from onboarding.continuity import jobs, tasks
from onboarding.continuity.models import ChampionHandOver, FundingSource, MonthlyCost
from onboarding.continuity.models.funding import FundingRefused
from onboarding.continuity.models.hand_over import STEPS, HandOverRefused
from onboarding.continuity.runway import LONGEST, Source, runway
from onboarding.continuity.standing import state_runway
from onboarding.deployments.models import TeamRole
from onboarding.hypercare.tests.sites import live, noon
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
TODAY = date(2027, 1, 20)


def source(left: int, begins: date = date(2026, 1, 1), ends: date | None = None) -> Source:
    return Source(Decimal(left), begins, ends)


@pytest.mark.parametrize(
    ("sources", "cost", "months"),
    [
        ([], 100, 0.0),
        ([source(1000)], 100, 10.0),
        ([source(1050)], 100, 10.5),
        ([source(1000, ends=date(2027, 3, 31))], 100, 3.0),
        ([source(1000, begins=date(2027, 3, 1))], 100, 0.0),
        ([source(300, ends=date(2027, 2, 28)), source(300)], 100, 5.0),
        ([source(100000)], 100, float(LONGEST)),
    ],
)
def test_months_of_runway(sources: list[Source], cost: int, months: float) -> None:
    assert runway(sources, Decimal(cost), TODAY) == months


def test_what_costs_nothing_has_no_runway() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        runway([source(100)], Decimal(0), TODAY)


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(-6, 24), st.integers(0, 36)), max_size=5),
    st.integers(50, 900),
    st.integers(0, 2000),
)
def test_more_money_never_shortens_the_runway_and_a_higher_cost_never_lengthens_it(
    drawn: list[tuple[int, int, int]], cost: int, more: int
) -> None:
    sources = [
        Source(Decimal(left), TODAY + timedelta(days=30 * begins), TODAY + timedelta(days=30 * (begins + length)))
        for left, begins, length in drawn
    ]
    months = runway(sources, Decimal(cost), TODAY)
    assert 0 <= months <= LONGEST
    assert runway([*sources, source(more)], Decimal(cost), TODAY) >= months
    assert runway(sources, Decimal(cost + 10), TODAY) <= months


def runway_fact(scene: Scene) -> Any:
    facts = Fact.objects.about(scene.program.pk).filter(kind="funding.runway_months").current()
    return facts.values_list("value", flat=True).first()


def test_the_runway_is_a_fact_that_no_partner_reads(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        assert state_runway(scene.program) is None
        common = {"begins_on": date(2026, 1, 1), "ends_on": None, "by": scene.manager}
        FundingSource.note(scene.program, title="Start-up grant", kind="grant", left=Decimal(9000), **common)
        assert runway_fact(scene) is None
        MonthlyCost.note(scene.program, amount=Decimal(3000), by=scene.manager)
        state_runway(scene.program)
        assert runway_fact(scene) == 3.0
    for partner in (scene.world.vendor_manager, scene.world.hub_manager, scene.world.funder_manager):
        said = client_of(partner).get("/o/host/api/v1/facts?kind=funding.runway_months").json()
        assert said["results"] == []


@pytest.mark.parametrize(
    "values", [{"left": Decimal(-1)}, {"ends_on": date(2025, 1, 1)}, {"title": " "}, {"kind": "lottery"}]
)
def test_money_that_makes_no_sense_is_not_noted(scene: Scene, values: dict[str, Any]) -> None:
    said = {"title": "Grant", "kind": "grant", "left": Decimal(1), "begins_on": date(2026, 1, 1), "ends_on": None}
    with scope(scene.world.host.pk):
        with pytest.raises(FundingRefused):
            FundingSource.note(scene.program, by=scene.manager, **{**said, **values})
        assert not FundingSource.objects.exists()


def test_below_six_months_sponsor_finance_and_manager_hear_of_it_once_a_month(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        common = {"begins_on": date(2026, 1, 1), "ends_on": None, "by": scene.manager}
        FundingSource.note(scene.program, title="Grant", kind="grant", left=Decimal(9000), **common)
        MonthlyCost.note(scene.program, amount=Decimal(3000), by=scene.manager)
        for day in (date(2027, 5, 3), date(2027, 5, 3), date(2027, 5, 3)):
            with time_machine.travel(noon(day)):
                jobs.continuity(scene.world.host)
        assert Reminder.objects.filter(kind="funding.runway_short").count() == 1


def test_days_without_a_champion_are_counted_from_the_first(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        role = TeamRole.objects.get(deployment=scene.deployment, code="CHM")
        role.vacate(by=scene.manager)
        role.refresh_from_db()
        assert role.person == scene.world.manager  # the deputy steps in
        role.vacate(by=scene.manager)
        event = Event.objects.filter(action="team.role_vacated").latest("at")
        tasks.follow_team.run(str(scene.world.host.pk), str(event.pk))
        assert days(scene) == 1
        with time_machine.travel(timezone.now() + timedelta(days=20)):
            jobs.continuity(scene.world.host)
            assert days(scene) == 21
            role.fill(scene.world.contributor, by=scene.manager)
            event = Event.objects.filter(action="team.role_filled").latest("at")
            tasks.follow_team.run(str(scene.world.host.pk), str(event.pk))
            assert days(scene) == 0


def days(scene: Scene) -> Any:
    facts = Fact.objects.about(scene.deployment.pk).filter(kind="champion.days_vacant").current()
    return facts.values_list("value", flat=True).first()


def test_the_role_is_handed_over_when_every_step_is_done(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        made = ChampionHandOver.begin(scene.deployment, last_day=timezone.localdate(), by=scene.manager)
        assert ChampionHandOver.begin(scene.deployment, last_day=timezone.localdate(), by=scene.manager) == made
        with pytest.raises(HandOverRefused, match="Still open"):
            made.finish(scene.world.approver, by=scene.manager)
        with pytest.raises(HandOverRefused, match="no such step"):
            made.tick("anything", by=scene.manager)
        for step in STEPS:
            made.tick(step, by=scene.manager)
        with pytest.raises(HandOverRefused, match="somebody else"):
            made.finish(scene.world.contributor, by=scene.manager)
        role = TeamRole.objects.get(deployment=scene.deployment, code="CHM")
        assert role.person == scene.world.contributor
        made.finish(scene.world.manager, by=scene.manager)
        role.refresh_from_db()
        assert (role.person, role.deputy) == (scene.world.manager, None)
        assert Event.objects.filter(action="champion.handed_over").count() == 1


def test_nobody_hands_over_a_vacant_role(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(HandOverRefused, match="no champion"):
            ChampionHandOver.begin(scene.deployment, last_day=timezone.localdate(), by=scene.manager)
        assert not ChampionHandOver.objects.exists()


def test_money_is_shown_to_those_who_may_see_it_alone(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        live(scene)
    at = f"/o/host/deployments/{scene.deployment.pk}/continuity/"
    owner, contributor = client_of(scene.world.owner), client_of(scene.world.contributor)
    grant = {"title": "Start-up grant", "kind": "grant", "left": "9000", "begins_on": "2026-01-01"}
    assert contributor.post(f"{at}funding", grant).status_code == 403
    assert owner.post(f"{at}funding", {**grant, "left": "-4"}).status_code == 422
    assert owner.post(f"{at}funding", grant).status_code == 302
    assert owner.post(f"{at}cost", {"amount": "3000"}).status_code == 302
    shown = owner.get(at).content.decode()
    assert "3 months" in shown
    assert "Start-up grant" in shown
    hidden = contributor.get(at).content.decode()
    assert "Start-up grant" not in hidden
    assert contributor.get(f"{at}?as=csv").headers["Content-Type"].startswith("text/html")


def test_a_hand_over_on_the_page(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        live(scene)
    at = f"/o/host/deployments/{scene.deployment.pk}/continuity/"
    client = client_of(scene.world.manager)
    assert client.post(f"{at}hand-over", {"last_day": "2020-01-01"}).status_code == 422
    assert client.post(f"{at}hand-over", {"last_day": "2099-01-01"}).status_code == 302
    for step in STEPS:
        assert client.post(f"{at}hand-over/steps/{step}").status_code == 302
    assert client.post(f"{at}hand-over/finish", {"successor": "x"}).status_code == 422
    assert client.post(f"{at}hand-over/finish", {"successor": str(scene.world.approver.pk)}).status_code == 302
    with scope(scene.world.host.pk):
        assert TeamRole.objects.get(deployment=scene.deployment, code="CHM").person == scene.world.approver
    assert client.post(f"{at}hand-over/withdraw").status_code == 404
