"""From a defect in hypercare to the signed exit, and a review with its decision to scale: three people, real pages."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit.models import Event
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.tests.readiness import settle_stages
from onboarding.hypercare import tasks
from onboarding.hypercare.exit import close_days
from onboarding.hypercare.models import Hypercare
from onboarding.hypercare.register import state_register
from onboarding.hypercare.tests.sites import live, noon, steady
from onboarding.reviews.models import Review
from tenancy.scope import scope
from testing.browser import Windows, follow
from testing.scenes import Scene
from testing.tests.by_hand import equip, prove_by_hand, sign_by_hand

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
DAYS = 16
"""Calendar days in hypercare: five working days are among them, whatever the season."""


def a_steady_site(scene: Scene) -> None:
    """Live for some days on which everything held, each closed the night after."""
    today = timezone.localdate()
    period = live(scene, today - timedelta(days=DAYS))
    settle_stages(scene, 7, 8)
    for number in range(DAYS - 1, -1, -1):
        with time_machine.travel(min(noon(today - timedelta(days=number)), timezone.now())):
            steady(scene)
    state_register(scene.deployment.pk, scene.manager)
    close_days(period, by=scene.manager)
    Review.plan(scene.deployment, by=scene.manager)


def at(scene: Scene, rest: str) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{rest}"


def row(page: Page, words: str) -> object:
    return page.get_by_role("table", name="What gate G8 reads").get_by_role("row").filter(has_text=words)


def test_a_defect_is_reported_fixed_and_confirmed_and_the_exit_is_signed(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        a_steady_site(scene)
    analyst, manager = window.open(scene.world.contributor), window.open(scene.world.manager)

    analyst.goto(at(scene, "tickets/"))
    analyst.get_by_role("link", name="Report", exact=True).click()
    analyst.get_by_label("How bad, for a defect").select_option("1")
    analyst.get_by_label("In one sentence").fill("A crisis alert came after 14 minutes")
    analyst.get_by_role("button", name="Report it").click()
    expect(analyst.get_by_role("heading", name="A crisis alert came after 14 minutes")).to_be_visible()

    manager.goto(at(scene, "hypercare/"))
    expect(row(manager, "Open Sev-1")).to_contain_text("Not met")  # type: ignore[arg-type]

    analyst.get_by_role("button", name="Take it up").click()
    analyst.get_by_text("Fixed…").click()
    analyst.get_by_label("What was done").fill("The alert goes to the pool directly.")
    analyst.get_by_role("button", name="Mark as fixed").click()
    analyst.get_by_role("button", name="Confirm that it is gone").click()
    expect(analyst.get_by_role("alert")).to_contain_text("somebody else confirms")

    manager.goto(at(scene, "tickets/"))
    manager.get_by_role("link", name="A crisis alert came after 14 minutes").click()
    follow(manager, manager.get_by_role("button", name="Confirm that it is gone").click)
    manager.goto(at(scene, "hypercare/"))
    expect(row(manager, "Open Sev-1")).to_contain_text("Met")  # type: ignore[arg-type]
    expect(manager.get_by_text("Not met")).to_have_count(0)

    manager.get_by_role("button", name="Convene the exit meeting").click()
    expect(manager.locator(".live")).to_contain_text("Meeting open")
    with scope(scene.world.host.pk):
        review = GateReview.objects.meeting().get(deployment=scene.deployment, gate="G8")
        for vote in Vote.objects.filter(review=review):
            vote.cast(Vote.Choice.GO, by=scene.by(scene.world.contributor), reason="Seen")
    secret = equip(scene.world.approver)
    sign_by_hand(window.open(scene.world.approver), review, scene.world.approver, secret, "Pass")
    with scope(scene.world.host.pk):
        passed = Event.objects.filter(action="gate.passed", data__gate="G8").latest("at")
        tasks.follow_gate.run(str(scene.world.host.pk), str(passed.pk))
        assert Hypercare.objects.get().state == "ended"
    manager.goto(at(scene, "hypercare/"))
    expect(manager.locator("strong", has_text="Hypercare ended")).to_be_visible()


def test_a_review_is_held_decided_to_scale_and_signed(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        live(scene)
        Review.plan(scene.deployment, by=scene.manager)
    secret = equip(scene.world.approver)
    manager, approver = window.open(scene.world.manager), window.open(scene.world.approver)
    manager.goto(at(scene, "reviews/"))
    manager.get_by_role("link", name="90-day review").click()
    manager.get_by_label("Analyst Host").check()
    manager.get_by_label("What you saw").fill("Used daily by most.")
    manager.get_by_label("Finding 1: what is done").fill("Train the night shift")
    manager.get_by_label("Finding 1: by whom").select_option("TRN")
    manager.get_by_label("Finding 1: until").fill("2030-01-15")
    manager.get_by_role("button", name="Hold it").click()
    expect(manager.get_by_role("link", name="Train the night shift")).to_be_visible()
    expect(manager.get_by_text("a second person decides")).to_have_count(0)  # a manager signs nothing

    approver.goto(manager.url)
    prove_by_hand(approver, secret)
    approver.get_by_label("Scale: the next wave is proposed").check()
    approver.get_by_label("Reason, as it should stand in the record").fill("Targets hold.")
    approver.get_by_label("Your name, printed").fill(scene.world.approver.name)
    approver.get_by_role("button", name="Decide and sign").click()
    expect(approver.get_by_text("Scale, decided")).to_be_visible()
    expect(approver.get_by_label("Signature of the decision")).to_contain_text("Proved by password and one-time code")
    with scope(scene.world.host.pk):
        assert Review.objects.get(days=90).decision == "scale"
