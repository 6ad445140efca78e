"""The access review: everybody kept or revoked by somebody else, with a reason; revoking revokes."""

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, User
from assurance.models import AuditRefused, Line
from assurance.tests.audits import MONDAY, actor, begun, line_of
from audit.models import Event
from notices.models import Reminder
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


def test_every_member_is_a_line_that_waits(world: World) -> None:
    with scope(world.host.pk):
        run = begun(world)
        assert run.lines.count() == Membership.objects.active().count() == 6
        assert not run.lines.exclude(holds=None).exists()
        assert "Learner" in line_of(run, world.learner).says


def test_revoking_ends_the_membership_at_the_next_request(world: World, client_of: ClientOf) -> None:
    client = client_of(world.contributor)
    assert client.get("/o/host/").status_code == 302
    with scope(world.host.pk):
        run = begun(world)
        line_of(run, world.contributor).decide("revoke", reason="Left the project in May.", by=actor(world.owner))
        line = line_of(run, world.contributor)
        assert (line.decision, line.reason, line.decided_by) == ("revoke", "Left the project in May.", world.owner)
        assert not Membership.objects.active().filter(user=world.contributor).exists()
        assert Event.objects.filter(action="member.removed").count() == 1
        assert Event.objects.filter(action="assurance.revoked").count() == 1
    assert client.get("/o/host/").status_code == 404


def test_keeping_changes_nothing_but_the_record_and_twice_is_once(world: World) -> None:
    with scope(world.host.pk):
        run, by = begun(world), actor(world.owner)
        for _ in range(2):
            line_of(run, world.learner).decide("keep", reason="Prescribes at Main Street.", by=by)
        assert Event.objects.filter(action="assurance.kept").count() == 1
        assert Membership.objects.active().filter(user=world.learner).exists()


@pytest.mark.parametrize(
    ("who", "about", "decision", "reason", "says"),
    [
        ("owner", "owner", "keep", "I am needed.", "own access"),
        ("auditor", "learner", "revoke", "Unknown to me.", "whoever manages the people"),
        ("manager", "learner", "keep", "Fine.", "whoever manages the people"),
        ("owner", "learner", "keep", "  ", "say why"),
        ("owner", "learner", "maybe", "Not sure.", "Choose keep or revoke"),
    ],
)
def test_refused_decisions_change_nothing(
    world: World, who: str, about: str, decision: str, reason: str, says: str
) -> None:
    with scope(world.host.pk):
        run = begun(world)
        line, events = line_of(run, getattr(world, about)), Event.objects.count()
        with pytest.raises(AuditRefused, match=says):
            line.decide(decision, reason=reason, by=actor(getattr(world, who)))
        assert Line.objects.get(pk=line.pk).decision == ""
        assert Membership.objects.active().count() == 6
        assert Event.objects.count() == events


def test_what_was_revoked_is_not_kept_afterwards(world: World) -> None:
    with scope(world.host.pk):
        run = begun(world)
        line_of(run, world.learner).decide("revoke", reason="Gone.", by=actor(world.owner))
        with pytest.raises(AuditRefused, match="invite the person again"):
            line_of(run, world.learner).decide("keep", reason="Back.", by=actor(world.owner))


def test_an_auditor_cannot_remove_people_through_the_page(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        run = begun(world)
        line = line_of(run, world.learner)
    address = f"/o/host/audits/runs/{run.pk}/lines/{line.number}"
    answer = client_of(world.auditor).post(address, {"decision": "revoke", "reason": "Because."})
    assert answer.status_code == 403
    with scope(world.host.pk):
        assert Membership.objects.active().count() == 6


def test_an_undone_review_goes_up_to_an_owner(world: World) -> None:
    from assurance import jobs
    from assurance.models import Run

    with scope(world.host.pk), time_machine.travel(MONDAY, tick=False):
        run = begun(world)
        jobs.notices.plan([run], [], by=jobs.BY)
        planned = Reminder.objects.about(run.pk).values_list("recipient", "step")
        assert Run.objects.open().count() == 1
        assert {(world.auditor.pk, "0"), (world.owner.pk, "escalate-sponsor")} <= set(planned)


def test_the_reviewer_does_not_sign_the_review(world: World) -> None:
    with scope(world.host.pk):
        run = begun(world)
        for line in run.lines.exclude(pk=line_of(run, world.owner).pk):
            line.decide("keep", reason="Needed.", by=actor(world.owner))
        with pytest.raises(AuditRefused, match="1 of the lines wait"):
            run.sign_off(statement="All reviewed.", by=actor(world.auditor))
        second = world.manager
        Membership.objects.get(user=second).change_roles(["owner"], by=actor(world.owner))
        line_of(run, world.owner).decide("keep", reason="Runs the organization.", by=actor(second))
        with pytest.raises(AuditRefused, match="a second person signs"):
            run.sign_off(statement="All reviewed.", by=actor(world.owner))
        run.sign_off(statement="All reviewed.", by=actor(world.auditor))
        run.refresh_from_db()
        assert (run.state, run.is_whole, run.signed_by) == ("signed", True, world.auditor)
        with pytest.raises(AuditRefused, match="does not change"):
            line_of(run, world.learner).decide("revoke", reason="Late.", by=actor(world.owner))
