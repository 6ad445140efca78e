"""Scheduled audits: they come by themselves, look at a sample anybody can draw again, and end in a second signature."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assurance import jobs, registry, sampling
from assurance.models import AuditRefused, Definition, Finding, Run
from assurance.models.definition import months_from
from assurance.tests.audits import HOLIDAY, MONDAY, actor, begun, scheduled
from audit.models import Event
from notices.models import Reminder
from onboarding.golive.tests.readiness import fill_team
from tenancy.scope import scope
from testing.cast import World
from testing.scenes import Scene

CHECKS = {
    "access_review", "adaptation_drift", "billing_against_facts", "delivery_failures", "evidence_expiry", "facts",
    "gate_integrity", "integration_freshness", "training_compliance",
}  # fmt: skip
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
TEAM = {"all": [{"fact": "team.vacant_roles", "op": "eq", "value": 0, "says": "Vacant roles"}]}


def drawn(ids: list[UUID], size: int | None, seed: str) -> list[UUID]:
    return sampling.draw(ids, size, seed)


@given(st.lists(st.uuids(), unique=True, max_size=40), st.integers(1, 40), st.text("0123456789abcdef", min_size=16, max_size=16), st.randoms())  # fmt: skip
def test_a_sample_is_drawn_again_from_its_seed_alone(ids: list[UUID], size: int, seed: str, chance: object) -> None:
    first = drawn(ids, size, seed)
    shuffled = ids[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert drawn(shuffled, size, seed) == first
    assert len(first) == min(size, len(ids)) == len(set(first))
    assert set(first) <= set(ids)
    assert drawn(ids, None, seed)[:size] == first
    assert sampling.digest(shuffled) == sampling.digest(ids)


def test_every_ready_made_check_is_declared() -> None:
    assert {one.name for one in registry.every()} == CHECKS


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 1, 4), 12, date(2028, 1, 4)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_a_rhythm_counts_months(day: date, months: int, expected: date) -> None:
    assert months_from(day, months) == expected


@pytest.mark.django_db
def test_an_audit_begins_on_working_days_and_once_a_day(world: World) -> None:
    with scope(world.host.pk):
        audit = scheduled(world, first_on=HOLIDAY)
        assert audit.next_on == MONDAY
        with time_machine.travel(NOON, tick=False):
            assert jobs.scheduled_audits(world.host)["begun"] == 1
            assert jobs.scheduled_audits(world.host)["begun"] == 0
        run = Run.objects.get()
        audit.refresh_from_db()
        assert (run.number, run.planned_on, run.due_on) == (1, MONDAY, date(2027, 1, 19))  # over Dr. King's day
        assert audit.next_on == date(2027, 4, 1)  # counted from the day that was asked for
        assert Event.objects.filter(action="assurance.begun").count() == 1


@pytest.mark.django_db
def test_an_audit_that_nobody_finished_is_noted_once(world: World) -> None:
    with scope(world.host.pk):
        begun(world)
        with time_machine.travel(date(2027, 1, 25), tick=False):
            assert jobs.scheduled_audits(world.host)["late"] == 1
            assert jobs.scheduled_audits(world.host)["late"] == 0
        assert Event.objects.filter(action="assurance.overdue").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"rhythm": "weekly"}, "how often"),
        ({"sample": 0}, "one thing"),
        ({"owner": "contributor"}, "see audits"),
        ({"criteria": TEAM}, "own rule"),
    ],
)
def test_an_unsound_audit_is_not_scheduled(world: World, values: dict[str, object], says: str) -> None:
    if "owner" in values:
        values = {**values, "owner": getattr(world, str(values["owner"]))}
    with scope(world.host.pk), pytest.raises(AuditRefused, match=says):
        scheduled(world, **values)
    with scope(world.host.pk):
        assert not Definition.objects.exists()
        assert not Event.objects.filter(action="assurance.scheduled").exists()


@pytest.mark.django_db
def test_a_finding_goes_from_its_owner_over_a_new_look_to_somebody_elses_signature(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        line = run.lines.get()
        assert (line.holds, line.title) == (False, str(scene.deployment))
        by = actor(world.auditor)
        with pytest.raises(AuditRefused, match="stand in no finding"):
            run.sign_off(statement="Fine.", by=by)
        due = timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Roles are vacant.", owner=world.manager, due_on=due, by=by, lines=[line.pk])
        with pytest.raises(AuditRefused, match="A finding is open"):
            run.sign_off(statement="Fine.", by=by)
        with pytest.raises(AuditRefused, match="what was done first"):
            finding.retest(by=by)
        with pytest.raises(AuditRefused, match="Its owner says"):
            finding.correct("Filled them.", by=by)
        finding.correct("Will fill them.", by=scene.manager)
        assert finding.retest(by=by) is False
        assert Finding.objects.get().state == "open"
        fill_team(scene)
        finding.correct("Every role has a person.", by=scene.manager)
        assert finding.retest(by=by) is True
        finding.refresh_from_db()
        assert finding.retest_says == "1 of 1 hold now."
        with pytest.raises(AuditRefused, match="You own this finding"):
            finding.close(statement="Done.", by=scene.manager)
        finding.close(statement="Seen in the team list.", by=by)
        finding.refresh_from_db()
        assert (finding.state, finding.closed_by) == ("closed", world.auditor)
        run.sign_off(statement="Roles are filled.", by=by)
        run.refresh_from_db()
        assert run.is_whole
        assert run.record["findings"][0]["state"] == "closed"
        happened = Event.objects.filter(subject_id=finding.pk).order_by("id").values_list("action", flat=True)
        assert [name.removeprefix("assurance.finding_") for name in happened] == [
            "raised", "corrected", "retested", "corrected", "retested", "closed",
        ]  # fmt: skip


@pytest.mark.django_db
def test_who_owns_a_finding_does_not_sign_the_audit(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        fill_team(scene)
        by, due = actor(world.auditor), timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Vacant.", owner=world.auditor, due_on=due, by=by, lines=[run.lines.get().pk])
        finding.correct("Asked for people.", by=by)
        finding.retest(by=by)
        finding.close(statement="Seen.", by=actor(world.owner))
        with pytest.raises(AuditRefused, match="own or corrected a finding"):
            run.sign_off(statement="Fine.", by=by)
        run.sign_off(statement="Fine.", by=actor(world.owner))


@pytest.mark.django_db
def test_who_corrected_a_finding_and_handed_it_over_does_not_sign_the_audit(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        fill_team(scene)
        by, due = actor(world.auditor), timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Vacant.", owner=world.auditor, due_on=due, by=by, lines=[run.lines.get().pk])
        finding.correct("Asked for people.", by=by)
        finding.hand_over(owner=world.manager, due_on=due, reason="I want to sign.", by=by)
        finding.retest(by=by)
        with pytest.raises(AuditRefused, match="You own this finding"):
            finding.close(statement="Seen.", by=by)
        finding.close(statement="Seen.", by=actor(world.owner))
        with pytest.raises(AuditRefused, match="somebody else signs it off"):
            run.sign_off(statement="Fine.", by=by)
        run.refresh_from_db()
        assert run.state == "open"


@pytest.mark.django_db
def test_owners_of_findings_are_reminded_until_they_say_what_was_done(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        due = timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(
            run, "Vacant.", owner=world.manager, due_on=due, by=actor(world.auditor), lines=[run.lines.get().pk]
        )
        jobs.notices.plan([], [finding], by=jobs.BY)
        waiting = Reminder.objects.about(finding.pk).filter(state="due")
        assert waiting.filter(recipient=world.manager).exists()
        finding.correct("Filled.", by=scene.manager)
        finding.refresh_from_db()
        jobs.notices.plan([], [finding], by=jobs.BY)
        assert not waiting.exists()


@pytest.mark.django_db
def test_a_changed_record_is_told_from_what_was_signed(world: World) -> None:
    with scope(world.host.pk):
        run = begun(world, "billing_against_facts")
        assert run.lines.count() == 0
        run.sign_off(statement="There was nothing to bill.", by=actor(world.auditor))
        Run.objects.filter(pk=run.pk).update(record={**Run.objects.get(pk=run.pk).record, "statement": "Other."})
        assert Run.objects.get(pk=run.pk).is_whole is False
