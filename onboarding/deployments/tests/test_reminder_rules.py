"""What a playbook's version says about reminders, who is reminded of what holds an item up, and what waits for an answer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from notices import forecast, planners
from notices.ladder import plan_many
from notices.models import Reminder, ReminderPolicy
from notices.rules import Rules
from onboarding.deployments import expiring, notices, waiting
from onboarding.deployments.models import ApprovalRequest, Comment, Evidence, Item, ItemDependency, TeamRole
from onboarding.deployments.tasks import remind
from onboarding.playbooks.models import PlaybookVersion
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.scenes import Scene

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


def said_by_the_playbook(scene: Scene, **terms: Any) -> None:
    version = PlaybookVersion.objects.get(pk=scene.deployment.playbook_version_id)
    PlaybookVersion.objects.filter(pk=version.pk).update(content={**version.content, "reminders": terms})


def item(scene: Scene, due_on: date) -> Item:
    TeamRole.objects.get(deployment=scene.deployment, code="IM").fill(scene.world.manager, by=scene.manager)
    found = scene.item("interest-recorded")
    found.move_due(due_on, by=scene.manager)
    found.assign(scene.world.contributor, by=scene.manager)
    return Item.objects.select_related(*notices.RELATED).get(pk=found.pk)


def steps(subject: Any, person: Any) -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(subject_id=subject.pk, recipient=person, state="due").order_by("on")
    return [(row.step, row.on.isoformat()) for row in rows]


def test_the_playbooks_ladder_holds_for_its_deployments_unless_the_organizations_is_set_over_it(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        said_by_the_playbook(scene, ladder=[-2, 1], manager_after=2)
        work = item(scene, date(2026, 11, 24))
        notices.plan_items([work], by=scene.manager)
        assert steps(work, scene.world.contributor) == [("-2", "2026-11-20"), ("+1", "2026-11-25")]
        # Thanksgiving is no working day.
        assert steps(work, scene.world.manager) == [("escalate-manager", "2026-11-27")]
        ReminderPolicy.change(by=scene.manager, ladder=[0], manager_after=1, binding=["ladder"])
        notices.plan_items([work], by=scene.manager)
        assert steps(work, scene.world.contributor) == [("0", "2026-11-24")]
        assert steps(work, scene.world.manager) == [("escalate-manager", "2026-11-27")]
        held = {
            one.name: (one.source, one.overruled) for one in ReminderPolicy.current().inherited({"ladder": [-2, 1]})
        }
        assert held["ladder"] == ("the organization", [-2, 1])
        assert held["manager_after"] == ("the organization", None)
        assert notices.said_by_playbooks()[0][1] == {"ladder": [-2, 1], "manager_after": 2}


def test_a_playbooks_sponsor_never_hears_before_the_organizations_manager() -> None:
    rules = ReminderPolicy(manager_after=5, binding=["manager_after"]).rules({"sponsor_after": 2})
    assert (rules.manager_after, rules.sponsor_after) == (5, 5)
    assert isinstance(rules, Rules)


def test_whoever_holds_an_item_up_is_reminded_and_its_owner_when_the_way_is_free(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        work = item(scene, date(2026, 11, 24))
        before = (
            Item.objects.exclude(pk=work.pk).filter(deployment=scene.deployment, state="todo").order_by("number")[0]
        )
        before.assign(scene.world.approver, by=scene.manager)
        ItemDependency.objects.filter(item=work).delete()
        ItemDependency(deployment=scene.deployment, item=work, predecessor=before).save(force_insert=True)
        notices.plan_items([work], by=scene.manager)
        assert steps(work, scene.world.contributor) == []
        assert [step for step, _ in steps(work, scene.world.approver)] == ["-3", "0", "+1", "+3", "+7"]
        row = Reminder.objects.filter(subject_id=work.pk, recipient=scene.world.approver)[0]
        assert row.reason == "It waits for you."
        assert f"waits for #{before.number} {before.title}" in notices.describe_items([work.pk])[work.pk].detail
        before.mark_not_applicable(by=scene.manager, reason="Not here.")
        event = latest("item.not_applicable")
        remind(str(scene.world.host.pk), str(event.pk))
        assert steps(work, scene.world.approver) == []
        assert [step for step, _ in steps(work, scene.world.contributor)] == ["-3", "0", "+1", "+3", "+7"]


def latest(action: str) -> Any:
    from audit.models import Event

    return Event.objects.filter(action=action).order_by("-id")[0]


def test_an_acceptance_is_due_three_working_days_after_it_was_asked_and_goes_up(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        TeamRole.objects.get(deployment=scene.deployment, code="EXS").fill(scene.world.approver, by=scene.manager)
        work = item(scene, date(2026, 12, 24))
        for wanted in work.required_evidence:
            file = store(scene.world.host.pk, "note.txt", [b"found"])
            Evidence.give(work, file, by=scene.manager, wanted_key=wanted["key"])
        ItemDependency.objects.filter(item=work).delete()
        work.complete(by=scene.by(scene.world.contributor), may_accept=False)
        plan_many(waiting.reviews(), by=scene.manager)
        # Asked on Monday the 16th, due on Thursday the 19th.
        assert steps(work, scene.world.manager)[:3] == [("-3", "2026-11-16"), ("0", "2026-11-19"), ("+1", "2026-11-20")]
        assert [step for step, _ in steps(work, scene.world.approver)] == ["escalate-sponsor"]
        assert waiting.describe_reviews([work.pk])[work.pk].due_on == date(2026, 11, 19)
        ReminderPolicy.change(by=scene.manager, sla={"deployments.review_due": 5})
        plan_many(waiting.reviews(), by=scene.manager)
        assert steps(work, scene.world.manager)[:2] == [("-3", "2026-11-18"), ("0", "2026-11-23")]
        assert waiting.describe_reviews([work.pk])[work.pk].due_on == date(2026, 11, 23)


def test_an_approval_is_due_from_the_day_it_was_asked_for(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        work = item(scene, date(2026, 12, 24))
        Item.objects.filter(pk=work.pk).update(evidence_wanted=[])
        ItemDependency.objects.filter(item=work).delete()
        work.refresh_from_db()
        asked = ApprovalRequest.ask(work, scene.world.approver, by=scene.manager, question="Is it whole?")
        plan_many(waiting.approvals(), by=scene.manager)
        assert steps(asked, scene.world.approver)[:2] == [("-3", "2026-11-16"), ("0", "2026-11-19")]
        assert [step for step, _ in steps(asked, scene.world.manager)] == ["escalate-manager"]
        asked.withdraw(by=scene.manager, reason="Not any more.")
        assert waiting.describe_approvals([asked.pk]) == {}
        assert list(waiting.approvals()) == []


def test_a_question_waits_until_whoever_was_named_says_something(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False) as clock:
        work = item(scene, date(2026, 12, 24))
        named = [scene.world.contributor.pk]
        asked = Comment.add(work, body="Which port?", by=scene.manager, mentions=named)
        plan_many(waiting.questions(), by=scene.manager)
        assert steps(asked, scene.world.contributor)[:2] == [("0", "2026-11-18"), ("+1", "2026-11-19")]
        assert waiting.describe_questions([asked.pk])[asked.pk].due_on == date(2026, 11, 18)
        clock.shift(timedelta(hours=1))
        Comment.add(work, body="443.", by=scene.by(scene.world.contributor))
        assert waiting.describe_questions([asked.pk]) == {}
        assert list(waiting.questions()) == []


@pytest.mark.parametrize(("left", "expected"), [(100, [("-90", 10)]), (60, [("-60", 0), ("-30", 30)]), (29, [])])
def test_evidence_is_announced_ninety_sixty_and_thirty_days_before_it_lapses(
    scene: Scene, left: int, expected: list[tuple[str, int]]
) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        today = MONDAY.date()
        work = item(scene, date(2026, 12, 24))
        file = store(scene.world.host.pk, "note.txt", [b"found"])
        paper = Evidence.give(work, file, by=scene.manager, valid_until=today + timedelta(days=left))
        plan_many(expiring.evidence(), by=scene.manager)
        assert steps(paper, scene.world.contributor) == []  # nobody has accepted it yet
        Evidence.objects.filter(pk=paper.pk).update(state="accepted")
        plan_many(expiring.evidence(), by=scene.manager)
        assert steps(paper, scene.world.contributor) == [
            (step, (today + timedelta(days=days)).isoformat()) for step, days in expected
        ]


def test_a_vacant_champion_is_asked_for_on_the_first_day_and_every_seventh(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False) as clock:
        role = TeamRole.objects.get(deployment=scene.deployment, code="CHM")
        if role.person_id is None:
            role.fill(scene.world.contributor, by=scene.manager)
        role.refresh_from_db()
        role.vacate(by=scene.manager)
        plan_many(notices.champions_missing(), by=scene.manager)
        days = ["2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"]
        assert [on for _, on in steps(role, scene.world.manager)] == days
        clock.shift(timedelta(days=10))
        plan_many(notices.champions_missing(), by=scene.manager)
        assert [on for _, on in steps(role, scene.world.manager)][2:] == [*days[2:], "2026-12-21"]


def test_a_deployment_says_which_rules_hold_for_it_and_who_said_so(
    scene: Scene, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    with scope(scene.world.host.pk):
        said_by_the_playbook(scene, ladder=[-2, 1], manager_after=2)
        ReminderPolicy.change(by=scene.manager, ladder=[0], binding=["ladder"])
    address = f"/o/host/deployments/{scene.deployment.pk}/stages/"
    browser = client_of(scene.world.manager)
    browser.get(address)
    with django_assert_max_num_queries(24):
        page = " ".join(browser.get(address).content.decode().split())
    assert '<th scope="row">Steps</th><td>0 working days<span class="sub">The playbook says −2, +1 working days' in page
    assert "hears after</th><td>2 working days</td><td>The playbook</td>" in page


def test_a_step_far_before_the_due_date_is_planned_in_time_and_foreseen(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False) as clock:
        work = item(scene, date(2027, 2, 25))
        planners.plan_everything()
        assert steps(work, scene.world.contributor) == []
        # What-if: 60 working days before, between the holidays of four months.
        far = forecast.what_if(ReminderPolicy.current(), {"ladder": [-60, 0], "binding": ["ladder"]})
        added = [one.row for change in far.changes for one in change.added if one.row.subject_id == work.pk]
        assert [(row.step, row.on) for row in added] == [("-60", date(2026, 11, 25))]
        ReminderPolicy.change(by=scene.manager, ladder=[-60, 0], binding=["ladder"])
        clock.move_to(MONDAY + timedelta(days=7))
        planners.plan_everything()
        assert steps(work, scene.world.contributor) == [("-60", "2026-11-25")]
