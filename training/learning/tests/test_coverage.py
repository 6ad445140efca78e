"""Coverage and access without training, as facts."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Membership
from audit.actor import Actor
from facts.models import Fact
from tenancy.scope import scope
from testing.cast import person
from training.learning.actions.answer_quiz import attest
from training.learning.actions.decide_exemption import decide_exemption
from training.learning.actions.enroll import enroll, leave
from training.learning.actions.import_access import import_access
from training.learning.actions.revoke_completion import revoke_completion
from training.learning.actions.sweep import sweep
from training.learning.models import Assignment, Completion, Exemption
from training.learning.models.exemption import ExemptionRefused
from training.learning.tests.classroom import DEPLOYMENT, Classroom

SYSTEM = Actor.system("nightly audit")


def current(kind: str = "training.coverage") -> Fact | None:
    return Fact.objects.about(DEPLOYMENT).filter(kind=kind).current().first()


def noon(day: date) -> datetime:
    return datetime.combine(day, time(17), UTC)


def complete(classroom: Classroom) -> Completion:
    classroom.pass_lessons()
    attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
    return Completion.objects.get(assignment=classroom.assignment)


def second_learner(classroom: Classroom, role: str = "prescriber") -> Assignment:
    user = person("second@host.example", "Second Prescriber")
    Membership.add(user, roles=["learner"], by=SYSTEM)
    learner = enroll(user, job_role=role, site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)
    return Assignment.objects.filter(learner=learner).first()


def test_it_is_stated_in_the_transaction_that_changes_it(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        assert current().value == 0
        complete(classroom)
        assert (current().value, current().deployment_id) == (1, DEPLOYMENT)
        second_learner(classroom)
        assert current().value == 0.5
        assert current("training.coverage_by_role").value == {"prescriber": [1, 2]}


def test_a_leaver_leaves_the_denominator_on_the_day(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        complete(classroom)
        other = second_learner(classroom)
        leave(other.learner, date(2026, 11, 2), by=classroom.manager)
        assert current().value == 1


def test_nobody_required_is_unknown_and_not_everybody_trained(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        complete(classroom)
        assert current().valid_until is None
        leave(classroom.assignment.learner, date(2026, 11, 2), by=classroom.manager)
        lapsed = current()
        assert lapsed.valid_until == lapsed.observed_at
        facts = Fact.objects.count()
        sweep(by=SYSTEM)
        assert Fact.objects.count() == facts


def test_an_expired_completion_counts_no_more_and_its_renewal_opens_ninety_days_before(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        expires = complete(classroom).expires_on
        with time_machine.travel(noon(expires - timedelta(days=91))):
            assert sweep(by=SYSTEM)["renewed"] == 0
        with time_machine.travel(noon(expires - timedelta(days=90))):
            assert sweep(by=SYSTEM)["renewed"] == 1
            assert sweep(by=SYSTEM)["renewed"] == 0
            assert current().value == 1
            renewed = Assignment.objects.get()
            assert (renewed.cycle, renewed.due_on) == (2, expires)
        with time_machine.travel(noon(expires + timedelta(days=1))):
            sweep(by=SYSTEM)
            assert current().value == 0


def test_a_waiver_needs_a_second_person_and_takes_the_learner_out(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        complete(classroom)
        other = second_learner(classroom)
        asked = Exemption.ask(other, kind="waiver", reason="On leave", until=date(2099, 1, 1), by=classroom.manager)
        with pytest.raises(ExemptionRefused, match="second person"):
            decide_exemption(asked, granted=True, by=classroom.manager)
        with pytest.raises(ExemptionRefused, match="second person"):
            decide_exemption(asked, granted=True, by=classroom.by(other.user))
        assert current().value == 0.5
        decide_exemption(asked, granted=True, by=classroom.by(classroom.world.owner))
        assert current().value == 1


def test_a_granted_equivalence_counts_and_a_revoked_completion_does_not(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        asked = Exemption.ask(
            classroom.assignment, kind="equivalence", reason="Same course at the hospital", by=classroom.manager
        )
        decide_exemption(asked, granted=True, by=classroom.by(classroom.world.owner))
        completion = Completion.objects.get()
        assert (completion.kind, current().value) == ("equivalence", 1)
        revoke_completion(completion, "The hospital's course was another one", by=classroom.manager)
        assert current().value == 0
        assert Assignment.objects.get().cycle == 2


def test_access_without_training_counts_strangers_and_the_untrained(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        kind = "training.access_without_training"
        assert current(kind) is None
        file = "E-mail;Granted\nPrescriber@host.example;1\nlocum@agency.example;2\n"
        import_access(classroom.rollout, file.encode(), source="access.csv", by=classroom.manager)
        assert current(kind).value == 2
        complete(classroom)
        assert current(kind).value == 1
        import_access(classroom.rollout, b"email\nprescriber@host.example\n", source="b.csv", by=classroom.manager)
        assert current(kind).value == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"name\nSomebody\n", "no column of e-mail addresses"),
        (b"email\nnot an address\nx@y.example\n", "row 2: “not an address” is no e-mail address"),
        (b"\x00\xff\xfe", "no text file"),
    ],
)
def test_a_bad_access_list_changes_nothing(classroom: Classroom, content: bytes, says: str) -> None:
    from training.learning.reading import ListProblems

    with scope(classroom.world.host.pk):
        with pytest.raises(ListProblems, match=says):
            import_access(classroom.rollout, content, source="bad.csv", by=classroom.manager)
        assert current("training.access_without_training") is None


def test_two_tools_at_a_site_are_both_satisfied_by_one_completion(classroom: Classroom) -> None:
    from training.learning.actions.apply_rules import apply_to_rollout
    from training.learning.models import Rollout

    with scope(classroom.world.host.pk):
        other = Rollout.introduce(
            uuid4(),
            title="Nightjar",
            tool_version="1",
            site=classroom.site,
            go_live_on=date(2027, 5, 4),
            by=classroom.manager,
        )
        apply_to_rollout(other, by=classroom.manager)
        complete(classroom)
        assert Fact.objects.about(other.pk).filter(kind="training.coverage").current().first().value == 1
