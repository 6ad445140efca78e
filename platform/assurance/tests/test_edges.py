"""What happens to audits at the edges: months of other lengths, rules changed under way, owners and subjects that are gone."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Membership, User
from assurance import jobs, notices, registry
from assurance.models import AuditRefused, Definition, Finding, Run
from assurance.models.definition import MONTHS
from assurance.registry import Extent, Seen
from assurance.tests.audits import MONDAY, actor, begun, scheduled
from assurance.tests.test_audits import TEAM
from audit.models import Event
from audit.timeline import timeline
from notices.models import Reminder
from onboarding.golive.tests.readiness import fill_team
from tenancy.ids import uuid7
from tenancy.models import Organization
from tenancy.scope import scope
from tenancy.working_days import WorkingCalendar
from testing.cast import World
from testing.scenes import Scene

ClientOf = Callable[[User], Client]
NEVER = {"all": [{"fact": "team.vacant_roles", "op": "eq", "value": 999, "says": "Nothing that could hold"}]}


def leave(world: World, user: User) -> None:
    """Let somebody leave."""
    Membership.objects.get(user=user).end(by=actor(world.owner))


# --- The rhythm ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first_on", "rhythm", "days"),
    [
        (date(2027, 1, 31), "monthly", [(2027, 2, 1), (2027, 3, 1), (2027, 3, 31), (2027, 4, 30), (2027, 6, 1)]),
        (date(2027, 5, 1), "quarterly", [(2027, 5, 3), (2027, 8, 2), (2027, 11, 1), (2028, 2, 1), (2028, 5, 1)]),
        (date(2028, 2, 29), "yearly", [(2028, 2, 29), (2029, 2, 28), (2030, 2, 28), (2031, 2, 28), (2032, 3, 1)]),
    ],
)
def test_a_rhythm_keeps_its_day_through_short_months_and_weekends(
    world: World, first_on: date, rhythm: str, days: list[tuple[int, int, int]]
) -> None:
    with scope(world.host.pk):
        audit = scheduled(world, first_on=first_on, rhythm=rhythm)
        seen = []
        for _ in days:
            audit.refresh_from_db()
            seen.append(audit.next_on)
            Run.begin(audit, on=audit.next_on, by=jobs.BY)
    assert seen == [date(*day) for day in days]


@given(st.dates(date(2026, 1, 1), date(2032, 12, 31)), st.sampled_from(sorted(MONTHS)), st.integers(0, 900))
def test_the_next_day_is_a_working_day_behind_this_one_and_no_later_than_its_rhythm(
    first: date, rhythm: str, later: int
) -> None:
    days = WorkingCalendar("US")
    audit = Definition(rhythm=rhythm, counts_from=first)
    on = first + timedelta(days=later)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("assurance.models.definition.calendar", lambda: days)
        found = audit.following(on)
    assert on < found
    assert days.is_working(found)
    assert (found - on).days <= 31 * MONTHS[rhythm] + 5


@pytest.mark.django_db
def test_one_that_is_carried_out_before_its_day_leaves_that_day_standing(world: World) -> None:
    with scope(world.host.pk):
        audit = scheduled(world)
        Run.begin(audit, on=MONDAY - timedelta(days=5), by=actor(world.auditor))
        audit.refresh_from_db()
        assert audit.next_on == MONDAY
        audit.change(next_on=date(2027, 1, 30), by=actor(world.auditor))
        audit.refresh_from_db()
        assert (audit.next_on, audit.counts_from) == (date(2027, 2, 1), date(2027, 1, 30))
        assert timeline(audit.pk)[0].text == "changed the audit “Access review”: next day"


@pytest.mark.django_db
def test_an_audit_begins_on_its_day_where_the_organization_is(world: World) -> None:
    with scope(world.host.pk):
        Organization.objects.filter(pk=world.host.pk).update(time_zone="Pacific/Honolulu")
        scheduled(world)
        with time_machine.travel(datetime(2027, 1, 4, 9, tzinfo=UTC), tick=False):  # eleven in the evening before
            assert jobs.scheduled_audits(world.host)["begun"] == 0
        with time_machine.travel(datetime(2027, 1, 4, 11, tzinfo=UTC), tick=False):
            assert jobs.scheduled_audits(world.host)["begun"] == 1
        assert Run.objects.get().planned_on == MONDAY


@pytest.mark.django_db
def test_one_that_cannot_begin_is_told_and_hinders_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with scope(world.host.pk):
        broken, sound = scheduled(world), scheduled(world, "billing_against_facts")
        Definition.objects.filter(pk=broken.pk).update(check_name="of_a_release_before")
        with time_machine.travel(datetime(2027, 1, 4, 12, tzinfo=UTC), tick=False):
            counts = jobs.scheduled_audits(world.host)
        assert (counts["begun"], counts["not_begun"]) == (1, 1)
        assert Run.objects.get().definition_id == sound.pk
        assert Event.objects.get(action="assurance.not_begun").data["why"].startswith("UnknownCheck: ")
        broken.refresh_from_db()
        assert broken.next_on == MONDAY  # due still


# --- Rules that change under way -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_look_is_by_the_rule_of_its_run_whatever_the_audit_says_meanwhile(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=NEVER)
        by, due = actor(world.auditor), timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Wrong.", owner=world.manager, due_on=due, by=by, lines=[run.lines.get().pk])
        finding.correct("It will do.", by=scene.manager)
        fill_team(scene)
        run.definition.change(criteria=TEAM, title="Softer", must_hold="Little.", by=by)
        assert Finding.objects.get().retest(by=by) is False
        finding.correct("It will do now.", by=scene.manager)
        run.refresh_from_db()
        record = Run.objects.get().as_data()
    assert (record["audit"], record["criteria"]) == ("Facts and papers of deployments", NEVER)
    assert record["must_hold"] == registry.find("facts").must_hold


@pytest.mark.django_db
def test_what_is_no_longer_there_is_said_to_be_gone_and_holds_nothing_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(ids: Collection[UUID], extent: Extent) -> Mapping[UUID, Seen]:
        return {}

    world = scene.world
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        by, due = actor(world.auditor), timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Wrong.", owner=world.manager, due_on=due, by=by, lines=[run.lines.get().pk])
        finding.correct("Gone.", by=scene.manager)
        monkeypatch.setattr(registry.Check, "look", property(lambda self: look), raising=False)
        assert finding.retest(by=by) is True
        assert Finding.objects.get().retest_says == "0 of 1 hold now. 1 no longer there."


# --- What a check says ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_message_that_was_withheld_is_a_failure_and_one_in_causeway_met_no_mail_server(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        common = {
            "recipient": scene.world.contributor, "kind": "assurance.run", "subject_type": "assurance.run", "on": MONDAY,
            "due_at": timezone.now(), "next_at": None, "reason": "You own it.",
        }  # fmt: skip
        made = {
            (channel, state): Reminder.objects.create(
                **common,
                channel=channel,
                state=state,
                subject_id=uuid7(),
                message=uuid7(),
                sent_at=timezone.now() if state == "sent" else None,
            ).pk
            for channel, state in (("mail", "sent"), ("in_app", "sent"), ("mail", "withheld"), ("mail", "failed"))
        }
        Reminder.objects.create(**common, state="cancelled", subject_id=uuid7())
        with time_machine.travel(datetime(2027, 1, 12, 12, tzinfo=UTC), tick=False):
            run = begun(scene.world, "delivery_failures", sample=None)
        told = dict(run.lines.values_list("subject_id", "says"))
        failed = set(run.lines.filter(holds=False).values_list("subject_id", flat=True))
    assert {key: told[pk] for key, pk in made.items()} == {
        ("mail", "sent"): "Taken by the mail server.",
        ("in_app", "sent"): "Shown in Causeway.",
        ("mail", "withheld"): "Not sent: the address takes no mail.",
        ("mail", "failed"): "It could not be delivered, or came back.",
    }
    assert failed == {made["mail", "withheld"], made["mail", "failed"]}


# --- Owners ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_audit_whose_owner_left_goes_up_until_somebody_answers_for_it(world: World, client_of: ClientOf) -> None:
    client = client_of(world.owner)
    with scope(world.host.pk):
        run = begun(world)
        leave(world, world.auditor)
        with time_machine.travel(datetime(2027, 1, 6, 12, tzinfo=UTC), tick=False):
            notices.plan([run], [], by=jobs.BY)
        waiting = Reminder.objects.about(run.pk).filter(state="due")
        assert waiting
        assert not waiting.filter(recipient=world.auditor).exists()
        first = waiting.order_by("on", "pk").first()
        assert first is not None
        assert first.reason == "Whoever answered for it has left this organization."
    page = client.get(f"/o/host/audits/{run.definition_id}/").content.decode()
    assert "Nobody answers for it" in page
    with scope(world.host.pk):
        with pytest.raises(AuditRefused, match="Its owner has to see audits"):
            run.definition.change(title="Other", by=actor(world.owner))
        run.definition.change(owner=world.owner, by=actor(world.owner))
    assert "Nobody answers for it" not in client.get(f"/o/host/audits/{run.definition_id}/").content.decode()


@pytest.mark.django_db
def test_a_finding_whose_owner_left_says_so_and_goes_to_somebody_else(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    client = client_of(world.owner)
    with scope(world.host.pk):
        run = begun(world, "facts", criteria=TEAM)
        by, due = actor(world.auditor), timezone.localdate() + timedelta(days=20)
        finding = Finding.raise_over(run, "Wrong.", owner=world.contributor, due_on=due, by=by)
        leave(world, world.contributor)
        notices.plan([], [finding], by=jobs.BY)
        assert not Reminder.objects.about(finding.pk).filter(state="due", recipient=world.contributor).exists()
        assert Reminder.objects.about(finding.pk).filter(state="due").exists()
    page = client.get(f"/o/host/audits/findings/{finding.pk}/").content.decode()
    assert "Nobody puts it right" in page
    assert "give it another owner" in page
