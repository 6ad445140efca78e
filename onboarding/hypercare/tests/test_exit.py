"""Hypercare from go-live to its signed exit: days that held, extensions, and what breaks it off."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import outcome_of
from onboarding.golive.models import GatePass
from onboarding.golive.models.signature import Proof, SignatureRefused
from onboarding.golive.tests.proving import TAMPERED
from onboarding.golive.tests.readiness import fresh
from onboarding.hypercare import tasks
from onboarding.hypercare.actions.report_figures import UnknownFigure, report_figures
from onboarding.hypercare.exit import close_days, days_in_a_row, exit_gate, held_on
from onboarding.hypercare.models import CareDay, Extension, ExtensionApproval, Hypercare, SupportTerms
from onboarding.hypercare.models.period import HypercareRefused
from onboarding.hypercare.register import state_register
from onboarding.hypercare.severity import TARGETS
from onboarding.hypercare.tests.sites import WENT_LIVE, defect, live, noon, steady
from tenancy.scope import scope
from testing.scenes import Scene

DAY = timedelta(days=1)


def a_steady_week(scene: Scene, first: date, days: int) -> None:
    for number in range(days):
        with time_machine.travel(noon(first + number * DAY)):
            steady(scene)


def test_five_working_days_in_a_row_are_counted_from_the_facts_as_they_stood(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene, WENT_LIVE)
        a_steady_week(scene, WENT_LIVE + DAY, 7)  # Wed 3 to Tue 9 March
        with time_machine.travel(noon(WENT_LIVE + 8 * DAY)):
            assert close_days(period, by=scene.manager) == 5
            assert close_days(period, by=scene.manager) == 0
            assert days_in_a_row(period) == 5
            days = list(CareDay.objects.order_by("day").values_list("day", "held"))
            assert [day.isoweekday() for day, _ in days] == [3, 4, 5, 1, 2]
            assert all(held for _, held in days)
            gate = exit_gate(scene.deployment)
            assert gate is not None
            failing = [one.fact for one in outcome_of(scene.deployment, gate).failing()]
            assert failing == ["items.blocking_open"]


def test_a_severity_one_that_was_fixed_by_the_evening_still_starts_the_count_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene, WENT_LIVE)
        a_steady_week(scene, WENT_LIVE + DAY, 3)
        thursday = WENT_LIVE + 2 * DAY
        with time_machine.travel(noon(thursday) + timedelta(minutes=5)):
            found = defect(scene)
        with time_machine.travel(noon(thursday) + timedelta(minutes=65)):
            found.move("fixed", by=scene.by(scene.world.contributor), resolution="Route rebuilt", tier=1)
            found.move("closed", by=scene.manager)
        held, why = held_on(scene.deployment, thursday)
        assert (held, why) == (False, ["A severity-1 defect was open during the day: the count starts again."])
        with time_machine.travel(noon(WENT_LIVE + 4 * DAY)):
            close_days(period, by=scene.manager)
            assert days_in_a_row(period) == 1


def test_a_day_without_figures_does_not_hold(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene, WENT_LIVE)
        with time_machine.travel(noon(WENT_LIVE + DAY)):
            state_register(scene.deployment.pk, scene.manager)
        held, why = held_on(scene.deployment, WENT_LIVE + DAY)
        assert held is False
        assert any("messages" in text.lower() and "nothing is known" in text for text in why)


def test_figures_that_grew_stale_do_not_hold(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene, WENT_LIVE)
        a_steady_week(scene, WENT_LIVE + DAY, 1)
        assert held_on(scene.deployment, WENT_LIVE + 3 * DAY)[0] is True
        assert held_on(scene.deployment, WENT_LIVE + 8 * DAY)[0] is False


def test_a_day_is_closed_once_and_what_is_learned_later_does_not_change_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene, WENT_LIVE)
        a_steady_week(scene, WENT_LIVE + DAY, 1)
        with time_machine.travel(noon(WENT_LIVE + 2 * DAY)):
            close_days(period, by=scene.manager)
            Fact.objects.create(
                kind="hypercare.sev1_open", value=3, source="register", subject_type="deployments.deployment",
                subject_id=scene.deployment.pk, deployment_id=scene.deployment.pk, observed_at=noon(WENT_LIVE + DAY),
            )  # fmt: skip
            close_days(period, by=scene.manager)
        assert list(CareDay.objects.values_list("held", flat=True)) == [True]


def test_hypercare_begins_with_go_live_and_only_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(HypercareRefused, match="begins with go-live"):
            Hypercare.begin(scene.deployment, by=scene.manager)
        first = live(scene, WENT_LIVE)
        assert Hypercare.begin(scene.deployment, by=scene.manager) == first
        assert (first.began_on, first.until) == (WENT_LIVE, WENT_LIVE + 30 * DAY)
        assert Event.objects.filter(action="hypercare.begun").count() == 1


def test_it_ends_only_with_an_exit_that_was_signed_since_it_began(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene, WENT_LIVE)
        with pytest.raises(HypercareRefused, match="not signed"):
            period.end(by=scene.manager)
        old = GatePass(deployment=scene.deployment, gate="G8", passed_at=noon(WENT_LIVE - 40 * DAY))
        old.save(force_insert=True)
        with pytest.raises(HypercareRefused, match="not signed"):
            period.end(by=scene.manager)
        assert Hypercare.objects.get().state == "running"
        GatePass.objects.update(passed_at=noon(WENT_LIVE + 20 * DAY))
        period.end(by=scene.manager)
        period.end(by=scene.manager)
        assert Hypercare.objects.get().state == "ended"
        assert Event.objects.filter(action="hypercare.ended").count() == 1


def test_the_signature_itself_ends_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        GatePass(deployment=scene.deployment, gate="G8").save(force_insert=True)
        event = scene_event(scene, "gate.passed", gate="G8")
        tasks.follow_gate.run(str(scene.world.host.pk), str(event.pk))
        assert Hypercare.objects.get().state == "ended"


def scene_event(scene: Scene, action: str, **data: object) -> Event:
    from audit.models.event import record
    from audit.vocabulary import find

    record(find(action), by=scene.manager, subject=scene.deployment, **data)
    return Event.objects.filter(action=action).latest("at")


def test_a_rollback_breaks_it_off_and_the_next_go_live_begins_another(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene)
        asked = Extension.ask(period, until=period.until + 7 * DAY, reason="Two more wards", by=scene.manager)
        scene.deployment.record_rollback(by=scene.manager, reason="Alerts were late.")
        event = Event.objects.get(action="deployment.rolled_back")
        for _ in range(2):
            tasks.break_off.run(str(scene.world.host.pk), str(event.pk))
        assert Hypercare.objects.get().state == "broken_off"
        assert Extension.objects.get(pk=asked.pk).state == "refused"
        scene.deployment.refresh_from_db()
        scene.deployment.record_go_live(by=scene.manager)
        event = Event.objects.get(action="deployment.went_live")
        tasks.begin.run(str(scene.world.host.pk), str(event.pk))
        assert sorted(Hypercare.objects.values_list("state", flat=True)) == ["broken_off", "running"]


def test_more_time_is_asked_by_one_person_and_approved_by_another(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        period = live(scene)
        until = period.until + 14 * DAY
        with pytest.raises(HypercareRefused, match="later day"):
            Extension.ask(period, until=period.until, reason="So", by=scene.manager)
        with pytest.raises(HypercareRefused, match="why it takes longer"):
            Extension.ask(period, until=until, reason=" ", by=scene.manager)
        assert not Extension.objects.exists()
        asked = Extension.ask(period, until=until, reason="A second float nurse comes Monday.", by=scene.manager)
        assert Extension.ask(period, until=until + DAY, reason="Again", by=scene.manager) == asked
        with pytest.raises(HypercareRefused, match="second person"):
            asked.approve(printed_name="Manager Host", by=scene.manager, proof=fresh(scene.manager))
        by, now = scene.by(scene.world.approver), timezone.now()
        for printed, proof in (
            ("Sponsor Host", Proof.given(by, now - timedelta(minutes=6))),
            ("Sponsor Host", Proof(by.person_id, ("totp",), now)),
            ("Sponsor Host", fresh(scene.manager)),
            ("Somebody Else", fresh(by)),
        ):
            with pytest.raises(SignatureRefused):
                asked.approve(printed_name=printed, by=by, proof=proof)
        assert Hypercare.objects.get().until == period.until
        assert not ExtensionApproval.objects.exists()
        for _ in range(2):
            asked.approve(printed_name="Sponsor Host", by=by, proof=fresh(by))
        assert Hypercare.objects.get().until == until
        assert Event.objects.filter(action="hypercare.extended").count() == 1
        signed = ExtensionApproval.objects.get()
        assert signed.stands
        assert signed.meaning == asked.meaning
        assert (signed.record["until"], signed.record["reason"]) == (until.isoformat(), asked.reason)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        *TAMPERED,
        ("record", lambda found: {**found, "until": "2030-01-01"}),
        ("extension_id", lambda found: uuid4()),
    ],
)
def test_one_changed_byte_voids_the_signature_under_an_extension(
    scene: Scene, field: str, change: Callable[[Any], Any]
) -> None:
    with scope(scene.world.host.pk):
        signed = approved(scene)
        setattr(signed, field, change(getattr(signed, field)))
        assert not signed.stands


def test_a_signature_made_anew_with_its_hash_is_not_the_one_that_the_log_tells_of(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        signed = approved(scene)
        signed.record = {**signed.record, "until": "2030-01-01"}
        signed.sha256 = signed.computed()
        assert signed.holds
        assert not signed.stands


def approved(scene: Scene) -> ExtensionApproval:
    period, by = live(scene), scene.by(scene.world.approver)
    asked = Extension.ask(period, until=period.until + 7 * DAY, reason="Two more wards", by=scene.manager)
    asked.approve(printed_name="Sponsor Host", by=by, proof=fresh(by))
    return ExtensionApproval.objects.get()


def test_the_desks_figures_are_reported_only_where_another_system_keeps_its_tickets(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        with pytest.raises(UnknownFigure, match="tier1_solved_share is not reported here"):
            report_figures(scene.deployment, {"active_users": 4, "tier1_solved_share": 0.9}, by=scene.manager)
        with pytest.raises(UnknownFigure, match="out of range"):
            report_figures(scene.deployment, {"message_success": 1.2}, by=scene.manager)
        assert not Fact.objects.exists()
        SupportTerms.agree(scene.deployment, targets=TARGETS, desk_elsewhere=True, by=scene.manager)
        report_figures(scene.deployment, {"tier1_solved_share": 0.9}, by=scene.manager)
        assert Fact.objects.filter(kind="hypercare.tier1_solved_share").get().value == 0.9


def test_nobody_types_in_what_the_register_knows(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        for name in ("sev1_open", "working_days_met"):
            with pytest.raises(UnknownFigure):
                report_figures(scene.deployment, {name: 5}, by=scene.manager)
        assert not Fact.objects.exists()
        assert Deployment.objects.get().state == "live"
        assert timezone.now() > Deployment.objects.get().went_live_at
