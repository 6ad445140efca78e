"""The register: what is reported, what becomes of it, and what the figures say."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit.models import Event
from facts.models import Fact
from onboarding.hypercare.models import Article, SupportTerms, Ticket
from onboarding.hypercare.models.terms import TermsRefused
from onboarding.hypercare.models.ticket import TicketRefused
from onboarding.hypercare.register import falling_days, tier1_share, without_article
from onboarding.hypercare.severity import TARGETS, Severity, Target
from onboarding.hypercare.tests.sites import defect
from onboarding.plans.halts import reasons
from tenancy.scope import scope
from tenancy.working_days import WorkingCalendar
from testing.scenes import Scene


def fact(scene: Scene, name: str) -> Any:
    return (
        Fact.objects.about(scene.deployment.pk)
        .filter(kind=f"hypercare.{name}")
        .current()
        .values_list("value", flat=True)
        .first()
    )


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_an_open_severity_one_is_a_fact_that_halts_waves_until_somebody_else_confirms_the_fix(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene)
        assert fact(scene, "sev1_open") == 1
        assert "1 severity-1 defect is open at Main Street." in [says for _, says in reasons([scene.deployment])]
        fixer = scene.by(scene.world.contributor)
        found.move("fixed", by=fixer, resolution="The route was rebuilt.", tier=2)
        assert fact(scene, "sev1_open") == 1
        with pytest.raises(TicketRefused, match="somebody else"):
            found.move("closed", by=fixer)
        assert again(found).state == "fixed"
        found.move("closed", by=scene.manager)
        assert fact(scene, "sev1_open") == 0
        assert reasons([scene.deployment]) == []


def test_requests_and_questions_never_count_as_defects(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        for kind in ("request", "question"):
            Ticket.report(scene.deployment, kind=kind, title="Bigger letters", by=scene.manager)
        assert (fact(scene, "sev1_open"), fact(scene, "sev2_open")) == (0, 0)
        assert Ticket.objects.defects().count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "defect"},
        {"kind": "defect", "severity": 5},
        {"kind": "request", "severity": 1},
        {"kind": "question", "safety": True},
        {"kind": "wish"},
        {"kind": "defect", "severity": 2, "title": " "},
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(scene: Scene, values: dict[str, Any]) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(TicketRefused):
            Ticket.report(scene.deployment, by=scene.manager, **{"title": "Late", **values})
        assert not Ticket.objects.exists()
        assert not Event.objects.filter(action="ticket.reported").exists()


def test_the_database_knows_that_only_a_defect_has_a_severity(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene)
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=found.pk).update(kind="request")


def test_every_move_that_the_table_does_not_have_is_refused(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        for before, allowed in Ticket.MOVES.items():
            for after in set(Ticket.State.values) - {str(one) for one in allowed} - {str(before)}:
                found = defect(scene, 3)
                fields = {"state": before, "fixed_at": found.reported_at if before in ("fixed", "closed") else None}
                Ticket.objects.filter(pk=found.pk).update(**fields)
                with pytest.raises(TicketRefused):
                    found.move(after, by=scene.manager, resolution="So")
                assert again(found).state == before


def test_a_fix_says_what_was_done_and_twice_is_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene, 3)
        with pytest.raises(TicketRefused, match="what was done"):
            found.move("fixed", by=scene.manager)
        for _ in range(2):
            found.move("fixed", by=scene.manager, resolution="A setting", tier=1)
        assert Event.objects.filter(action="ticket.moved").count() == 1
        assert again(found).taken_up_at == again(found).fixed_at


def test_a_lower_grade_needs_its_reason_and_moves_the_target(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene, 1)
        first = found.due_at
        with pytest.raises(TicketRefused, match="why the grade"):
            found.grade(by=scene.manager, kind="defect", severity=3, reason="")
        assert fact(scene, "sev1_open") == 1
        found.grade(by=scene.manager, kind="defect", severity=3, reason="There is another way.")
        assert fact(scene, "sev1_open") == 0
        assert again(found).due_at > first
        found.grade(by=scene.manager, kind="request", severity=3, reason="It does what was agreed.")
        assert (again(found).severity, again(found).due_at) == (None, None)


def test_a_severity_two_without_plan_is_counted_until_it_has_one(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene, 2)
        assert (fact(scene, "sev2_open"), fact(scene, "sev2_without_plan")) == (1, 1)
        found.change(by=scene.manager, plan="In release 4.2.1, on the 12th.")
        assert (fact(scene, "sev2_open"), fact(scene, "sev2_without_plan")) == (1, 0)


def test_a_safety_event_waits_for_its_review_even_when_it_is_closed(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        found = defect(scene, 1, safety=True)
        found.move("fixed", by=scene.manager, resolution="The route was rebuilt.")
        found.move("closed", by=scene.by(scene.world.contributor))
        assert fact(scene, "safety_events_unreviewed") == 1
        with pytest.raises(TicketRefused, match="what was found"):
            found.review_safety(by=scene.manager, finding=" ")
        found.review_safety(by=scene.manager, finding="Nobody was harmed; the on-call list is checked daily.")
        assert fact(scene, "safety_events_unreviewed") == 0


def test_nothing_is_reported_on_a_deployment_that_has_ended(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        scene.deployment.state = "discontinued"
        with pytest.raises(TicketRefused, match="has ended"):
            defect(scene)
        assert not Ticket.objects.exists()


def test_targets_count_hours_for_a_severity_one_and_working_days_for_the_others() -> None:
    zone, calendar = ZoneInfo("America/New_York"), WorkingCalendar("US")
    friday = datetime(2027, 3, 5, 20, tzinfo=UTC)  # 15:00 in New York
    assert TARGETS[1].due_at(friday, zone, calendar) == datetime(2027, 3, 6, 0, tzinfo=UTC)
    assert TARGETS[2].due_at(friday, zone, calendar) == datetime(2027, 3, 8, 17, tzinfo=zone)
    saturday = datetime(2027, 3, 6, 15, tzinfo=UTC)
    assert TARGETS[2].due_at(saturday, zone, calendar) == datetime(2027, 3, 9, 17, tzinfo=zone)


def test_a_deployment_agrees_on_its_own_targets_but_never_on_a_later_one_for_a_graver_defect(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        wrong = {**TARGETS, 1: Target(15, fix_hours=72)}
        with pytest.raises(TermsRefused, match="sooner"):
            SupportTerms.agree(scene.deployment, targets=wrong, desk_elsewhere=False, by=scene.manager)
        assert not SupportTerms.objects.exists()
        stricter = {**TARGETS, Severity.CRITICAL: Target(5, fix_hours=1)}
        SupportTerms.agree(scene.deployment, targets=stricter, desk_elsewhere=False, by=scene.manager)
        found = defect(scene)
        assert (found.due_at - found.reported_at).total_seconds() == 3600


def test_numbers_run_through_all_kinds_and_the_code_tells_them_apart(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = defect(scene)
        second = Ticket.report(scene.deployment, kind="request", title="Bigger letters", by=scene.manager)
        assert (first.code, second.code) == ("D1", "R2")


def test_shares_are_unknown_where_nothing_was_solved() -> None:
    assert tier1_share([]) is None
    assert tier1_share([1, 1, 1, 2, 3]) == 0.6


@pytest.mark.parametrize(
    ("rates", "days"), [([], 0), ([0.4], 0), ([0.4, 0.3, 0.2, 0.1], 3), ([0.1, 0.3, 0.2], 1), ([0.3, 0.3], 0)]
)
def test_days_with_a_falling_rate_are_counted_from_the_last(rates: list[float], days: int) -> None:
    assert falling_days(rates) == days


def test_only_the_ten_most_frequent_topics_need_an_article(scene: Scene) -> None:
    topics = [f"topic {number:02}" for number in range(12) for _ in range(20 - number)]
    assert without_article(topics, set()) == 10
    assert without_article(topics, {"topic 00", "topic 11"}) == 9
    with scope(scene.world.host.pk):
        Ticket.report(scene.deployment, kind="question", title="Where?", topic="queue", by=scene.manager)
        assert fact(scene, "top_issues_without_article") == 1
        Article.write(scene.deployment, topic="queue", title="The queue, in one minute", by=scene.manager)
        assert fact(scene, "top_issues_without_article") == 0


def test_the_ticket_rate_is_of_the_last_seven_days_for_each_active_user(scene: Scene) -> None:
    from onboarding.hypercare.actions.report_figures import report_figures

    with scope(scene.world.host.pk):
        for day, asked in ((8, 6), (15, 3), (16, 0)):
            with time_machine.travel(datetime(2027, 3, day, 15, tzinfo=UTC)):
                for number in range(asked):
                    Ticket.report(scene.deployment, kind="question", title=f"How {number}?", by=scene.manager)
                report_figures(scene.deployment, {"active_users": 60}, by=scene.manager)
        assert fact(scene, "tickets_per_active_user_week") == 0.05
        assert date(2027, 3, 16).isoweekday() == 2
