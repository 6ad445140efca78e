"""A passkey from set-up to sign-in in a real browser, with the device's part played by a virtual authenticator."""

from pathlib import Path
from typing import Any

import pytest

from testing.cast import World

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "a-long-enough-secret"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]


def test_an_owner_sets_a_passkey_up_proves_it_and_signs_in_with_it_alone(world: World, live_server: Any) -> None:
    from playwright.sync_api import sync_playwright

    world.owner.set_password(PASSWORD)
    world.owner.save()
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=live_server.url.replace("127.0.0.1", "localhost"))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
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
        assert page.get_by_role("heading", level=1).inner_text() == "Your recovery codes"
        page.get_by_role("link", name="I have saved them").click()

        assert page.get_by_role("heading", level=1).inner_text() == "Confirm it is you"
        page.get_by_role("link", name="Use your passkey").click()
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url("**/o/host/**", wait_until="networkidle")

        page.goto("/accounts/logout/")
        page.get_by_role("button", name="Sign out").click()
        page.goto("/o/host/admin/people/")
        page.get_by_role("button", name="Continue with passkey").click()
        page.wait_for_url("**/o/host/**", wait_until="networkidle")
        page.goto("/o/host/admin/people/")
        assert page.get_by_role("heading", level=1).inner_text() == "People"
        browser.close()
    assert complaints == []
