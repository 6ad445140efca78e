"""A wave moved in a browser: every shift is seen, nothing happens until it is applied, one undo takes it back."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item
from tenancy.models import Site
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.scenes import GO_LIVE, Scene

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def test_a_wave_is_looked_at_moved_and_put_back_with_the_keyboard(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="North Quay", region="NY", time_zone="America/New_York")
        plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
        before = dict(Item.objects.values_list("pk", "due_on"))
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/programs/{scene.program.pk}/waves/", wait_until="load")
    page.get_by_role("link", name="Move go-lives of Wave 1").press("Enter")
    page.wait_for_url("**/go-lives/move/**")
    page.get_by_label("Or move by calendar days").fill("14")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="due dates would move")).to_be_visible()
    expect(page.get_by_role("row", name="North Quay").first).to_contain_text("16 Mar 2027")
    with scope(scene.world.host.pk):
        assert dict(Item.objects.values_list("pk", "due_on")) == before
    page.get_by_label("Why it moves").fill("The interface is late.")
    page.get_by_role("button", name="Move go-live of 2 deployments").press("Enter")
    page.wait_for_url("**/waves/")
    expect(page.get_by_text("2 deployments: go-live moved 14 days later")).to_be_visible()
    with scope(scene.world.host.pk):
        assert set(Deployment.objects.values_list("go_live_on", flat=True)) == {GO_LIVE + timedelta(days=14)}
    page.get_by_role("button", name="Undo").first.press("Enter")
    expect(page.get_by_text("Undone: 2 deployments")).to_be_visible()
    with scope(scene.world.host.pk):
        assert dict(Item.objects.values_list("pk", "due_on")) == before


def test_the_preview_fits_a_phone(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        wave = scene.deployment.wave_id
    page = window.open(scene.world.manager, size=PHONE)
    page.goto(f"/o/host/go-lives/move/?wave={wave}&days=14", wait_until="load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
