"""A passkey from set-up to sign-in in a real browser, with the device's part played by a virtual authenticator."""

import re

import pytest
from playwright.sync_api import expect

from testing.browser import Windows
from testing.cast import World

PASSWORD = "a-long-enough-secret"
# The sign-in page names the address to go on to, so only the path says where one is.
INSIDE, OUTSIDE = re.compile(r"^http://[^/]+/o/host/"), re.compile(r"^http://[^/]+/accounts/login/|^http://[^/]+/$")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_owner_sets_a_passkey_up_proves_it_and_signs_in_with_it_alone(world: World, window: Windows) -> None:
    world.owner.set_password(PASSWORD)
    world.owner.save()
    page = window.open()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    page.goto("/o/host/admin/people/")
    page.get_by_label("Email").fill(world.owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("link", name="I have saved them").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it is you")
    page.get_by_role("link", name="Use your passkey").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(INSIDE)

    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(OUTSIDE)
    page.goto("/o/host/admin/people/")
    page.get_by_role("button", name="Continue with passkey").click()
    page.wait_for_url(INSIDE)
    page.goto("/o/host/admin/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
