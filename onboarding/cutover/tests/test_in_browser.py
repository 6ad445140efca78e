"""A rehearsal, a cut-over with one browser off the network in the middle, and its rollback; two people, two browsers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.models import Run, Step
from onboarding.cutover.tests.runs import fresh, planned, work_through
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.browser import Windows
from testing.scenes import Scene

OFFLINE = re.compile(r"ERR_INTERNET_DISCONNECTED|: htmx:(afterRequest|sendError)")

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def follow(window: Windows, scene: Scene, run: Run, user: object) -> Page:
    page = window.open(user)  # type: ignore[arg-type]
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/cut-over/?run={run.pk}")
    return page


def after_two_seconds(page: Page, shown: Locator) -> None:
    """Move a stopped clock by the two seconds between two looks: by then the screen has asked, and shows this."""
    page.clock.run_for(2_000)
    expect(shown).to_be_visible()
    page.clock.run_for(50)  # it settles


def mark(page: Page, number: int) -> None:
    page.get_by_role("button", name=f"Mark step {number} done").click()


def test_a_rehearsal_then_a_cut_over_with_a_lost_network_and_a_rollback(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        rehearsal = planned(scene)
    page = follow(window, scene, rehearsal, scene.world.manager)
    page.get_by_role("button", name="Start rehearsal 1").click()
    mark(page, 1)
    expect(page.get_by_role("button", name="Mark step 2 done")).to_be_visible()
    with scope(scene.world.host.pk):
        work_through(fresh(rehearsal), scene)
        sign_go(scene)
        live = planned(scene, "live")
        live.start(by=scene.manager)

    first = follow(window, scene, live, scene.world.manager)
    second = follow(window, scene, live, scene.world.contributor)
    mark(second, 1)
    expect(first.get_by_role("button", name="Mark step 2 done")).to_be_visible()  # within two seconds, by itself

    # The manager's network is gone. Both mark step 2; only one of them can be right.
    first.context.set_offline(True)
    mark(first, 2)
    expect(first.locator("[data-queue-note]")).to_be_visible()
    mark(second, 2)
    expect(second.get_by_role("button", name="Mark step 3 done")).to_be_visible()
    first.context.set_offline(False)
    expect(first.locator("[data-queue-refused]")).to_contain_text("Step 2 was done by Analyst Host")
    expect(first.locator("[data-queue-note]")).to_be_hidden()

    # Gone again, and nobody else marks: what was pressed is recorded at its moment.
    expect(first.get_by_role("button", name="Mark step 3 done")).to_be_visible()
    first.context.set_offline(True)
    mark(first, 3)
    expect(first.locator("[data-queue-note]")).to_be_visible()
    first.context.set_offline(False)
    expect(second.get_by_role("button", name="Mark step 4 done")).to_be_visible()
    with scope(scene.world.host.pk):
        assert Step.objects.filter(run=live, state="done").values_list("number", "ended_by__name").order_by("number")[
            :3
        ][::1] == [(1, "Analyst Host"), (2, "Analyst Host"), (3, "Manager Host")]

    first.get_by_text("Start rollback…").click()
    first.get_by_label("Reason").last.fill("A crisis alert was lost.")
    first.get_by_role("button", name="Start the rollback").click()
    expect(first.get_by_role("heading", name="The way back")).to_be_visible()
    for number in (1, 2, 3):  # step 4 had begun; step 2 has nothing to undo
        mark(first, number)
    expect(first.locator("#run .pill").first).to_have_text("Rolled back")
    with scope(scene.world.host.pk):
        assert fresh(live).state == "rolled_back"
    # A browser without a network complains of it; nothing else may.
    window.problems[:] = [one for one in window.problems if not OFFLINE.search(one)]


def test_every_screen_asks_within_two_seconds_and_a_mark_waits_out_a_minute_without_a_network(
    scene: Scene, window: Windows
) -> None:
    """The first screen's clock is stopped and moved by hand, so that its seconds are not those of a busy machine."""
    with scope(scene.world.host.pk):
        sign_go(scene)
        live = planned(scene, "live")
        live.start(by=scene.manager)
    second = follow(window, scene, live, scene.world.contributor)
    first = window.open(scene.world.manager)
    first.clock.install()
    first.goto(f"/o/host/deployments/{scene.deployment.pk}/cut-over/?run={live.pk}")
    first.clock.pause_at(timezone.now() + timedelta(seconds=5))

    mark(second, 1)
    expect(second.get_by_role("button", name="Mark step 2 done")).to_be_visible()
    expect(first.get_by_role("button", name="Mark step 1 done")).to_be_visible()  # its clock stands still
    after_two_seconds(first, first.get_by_role("button", name="Mark step 2 done"))

    with scope(scene.world.host.pk):
        report_figures(live, {"crisis_alerts_undelivered": 1}, by=scene.manager)
    after_two_seconds(first, first.get_by_role("alert").filter(has_text="Rollback trigger"))
    for page in (first, second):
        expect(page.get_by_role("alert").filter(has_text="Rollback trigger")).to_contain_text("minutes left")

    pressed = timezone.now()
    first.context.set_offline(True)
    mark(first, 2)
    expect(first.locator("[data-queue-note]")).to_be_visible()
    first.clock.run_for(60_000)
    expect(first.locator("[data-queue-note]")).to_be_visible()
    expect(second.get_by_role("button", name="Mark step 2 done")).to_be_visible()
    first.context.set_offline(False)
    expect(second.get_by_role("button", name="Mark step 3 done")).to_be_visible()
    expect(first.locator("[data-queue-note]")).to_be_hidden()
    after_two_seconds(first, first.get_by_role("button", name="Mark step 3 done"))
    with scope(scene.world.host.pk):
        step = Step.objects.get(run=live, number=2)
        assert step.ended_by == scene.world.manager
        assert step.ended_at is not None
        assert (
            abs((step.ended_at - pressed).total_seconds()) < 30
        )  # when it was pressed, not when the network came back
    window.problems[:] = [one for one in window.problems if not OFFLINE.search(one)]
