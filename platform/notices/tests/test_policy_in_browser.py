"""An administrator tries another policy, sees who would hear more and who less, and saves it; a contributor puts one off."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from audit.actor import Actor
from notices import planners
from notices.ladder import OWNER, Plan
from notices.models import Reminder, ReminderPolicy, Snooze
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from tenancy.working_days import WorkingCalendar
from testing.browser import Windows
from testing.cast import World

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
SOMEBODY = Actor.system("test")


def test_a_policy_is_tried_seen_for_each_person_and_saved(
    world: World, window: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        # The third working day from today: the step on the day itself lies ahead, whatever the weekday.
        due_on = WorkingCalendar(world.host.country).shift(timezone.localdate(), 3)
        plan = Plan(site, ITEM, due_on, "", [(world.contributor, OWNER)])
        monkeypatch.setattr(planners, "_planners", [planners.Planner((ITEM,), lambda: [plan])])
        ReminderPolicy.change(by=SOMEBODY, ladder=[0])
        planners.plan_everything()
    page = window.open(world.owner)
    page.goto("/o/host/admin/reminders/")
    coming = page.get_by_role("table", name="Messages of the next 14 days")
    expect(coming.get_by_role("row")).to_have_count(2)
    expect(coming).to_contain_text("Main Street")

    page.get_by_label("Steps in working days").fill("0, +1, +2")
    with page.expect_navigation():
        page.get_by_role("button", name="Show what would change").click()
    change = page.get_by_role("table", name="What would change for each person")
    expect(change.get_by_role("row").nth(1)).to_contain_text(str(world.contributor))
    expect(change.get_by_role("row").nth(1).get_by_role("cell").nth(0)).to_have_text("1")
    expect(change.get_by_role("row").nth(1).get_by_role("cell").nth(1)).to_have_text("3")
    expect(change).to_contain_text("2 working days late")
    with scope(world.host.pk):
        assert ReminderPolicy.current().ladder == [0]

    with page.expect_navigation():
        page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_role("table", name="What would change for each person")).to_have_count(0)
    expect(page.get_by_role("table", name="Messages of the next 14 days").get_by_role("row")).to_have_count(4)
    with scope(world.host.pk):
        assert ReminderPolicy.current().ladder == [0, 1, 2]

    mine = window.open(world.contributor)
    mine.goto("/o/host/notices/")
    with mine.expect_navigation():
        mine.get_by_role("link", name="Remind me later").first.click()
    later = timezone.localdate() + timedelta(days=9)
    mine.get_by_label("Remind me again on").fill(later.isoformat())
    with mine.expect_navigation():
        mine.get_by_role("button", name="Put off").click()
    expect(mine.get_by_role("alert")).to_contain_text("Enter why it can wait")
    mine.get_by_label("Why it can wait").fill("The vendor is away.")
    with mine.expect_navigation():
        mine.get_by_role("button", name="Put off").click()
    expect(mine.get_by_role("table", name="Put off")).to_contain_text("The vendor is away.")
    with scope(world.host.pk):
        assert Snooze.objects.get().until == later
        assert not Reminder.objects.filter(state="due", on__lt=later).exists()
