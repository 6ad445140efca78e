"""The ledger as an administrator uses it: find a message, read its story, send it again, ask why, allow an address."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from audit.actor import Actor
from notices import engine
from notices.models import Reminder, Suppression, Wanted
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.browser import Windows
from testing.cast import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.transactional,
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
]
SOMEBODY = Actor.system("test")


def test_a_message_is_found_read_explained_and_sent_again(world: World, window: Windows) -> None:
    day = timezone.localdate() - timedelta(days=2)
    with scope(world.host.pk):
        for name, person in (("Main Street", world.manager), ("Elm Street", world.contributor)):
            site = Site.objects.create(name=name)
            Reminder.schedule([Wanted(person, ITEM, "tenancy.site", site.pk, "0", day, "You own it.")])
    engine.send_due(world.host.pk)
    page = window.open(world.owner)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/o/host/admin/deliveries/")
    ledger = page.get_by_role("table", name="Deliveries")
    expect(ledger.get_by_role("row")).to_have_count(3)

    page.get_by_label("About").fill("main")
    with page.expect_navigation():
        page.get_by_role("button", name="Find").click()
    expect(ledger.get_by_role("row")).to_have_count(2)
    expect(ledger).to_contain_text("Main Street")

    with page.expect_navigation():
        ledger.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Main Street")).to_be_visible()
    expect(page.get_by_role("table", name="What happened")).to_contain_text("Accepted by the mail server")

    with page.expect_navigation():
        page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("main")).to_contain_text("sent the message")
    engine.send_due(world.host.pk)
    page.reload()
    expect(page.get_by_role("table", name="What happened").get_by_role("row")).to_have_count(3)

    with page.expect_navigation():
        page.get_by_role("link", name="What else for that day?").click()
    expect(page.get_by_label("Person", exact=True)).to_have_value(str(world.manager.pk))
    expect(page.get_by_role("main")).to_contain_text("It went out in the digest")


def test_an_address_is_allowed_again_with_a_reason(world: World, window: Windows) -> None:
    with scope(world.host.pk):
        held = {"words": "550 5.1.1 no such user", "message": world.manager.pk, "by": SOMEBODY}
        Suppression.begin(world.manager, world.manager.email, "", Suppression.Cause.BOUNCED, **held)
    page = window.open(world.owner)
    page.goto("/o/host/admin/deliveries/")
    with page.expect_navigation():
        page.get_by_role("link", name="See which, and why").click()
    page.get_by_text("Send mail there again").click()
    page.get_by_label("Reason").fill("The mailbox was made again.")
    with page.expect_navigation():
        page.get_by_role("button", name="Allow mail to this address").click()
    expect(page.get_by_role("table", name="Allowed again")).to_contain_text("The mailbox was made again.")
    expect(page.get_by_role("main")).to_contain_text("Every address takes mail")
    with scope(world.host.pk):
        assert not Suppression.objects.standing().exists()
