"""What several walks do in a browser: sign in, vote and sign."""

import re

from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.second_factor import code_of
from onboarding.golive.models import GateReview
from testing.browser import Windows
from testing.journey import enroll_second_factor

PASSWORD = "correct horse battery staple"


def sign_in(window: Windows, user: User, *, javascript: bool = True) -> Page:
    secret = equip(user)
    page = window.open(javascript=javascript)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page).to_have_url(re.compile("/o/host/"))
    return page


def vote_by_hand(page: Page) -> None:
    first = page.locator("#room-acts .sign").first
    role = (first.locator("h2").text_content() or "").partition(" as ")[2]
    first.get_by_label("Go", exact=True).check()
    first.get_by_role("button", name="Cast vote").click()
    mine = page.locator("#votes li").filter(has_text=re.compile(re.escape(role), re.IGNORECASE))
    expect(mine.first.locator(".st")).to_have_text("Go")


def equip(user: User) -> str:
    """Give somebody a password and an authenticator app, before they sign in; return the app's secret."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return enroll_second_factor(user)


def prove_by_hand(page: Page, secret: str) -> None:
    """Give both components that the first signature of a session needs."""
    page.get_by_role("link", name="Prove by password").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="Prove by one-time code or passkey").click()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Confirm").click()


def sign_by_hand(page: Page, review: GateReview, signer: User, secret: str, decision: str) -> None:
    page.goto(f"/o/host/gate-reviews/{review.pk}/")
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    prove_by_hand(page, secret)
    page.locator("#sign").get_by_label(decision, exact=False).first.check()
    page.get_by_label("Reason, as it should stand in the record").fill("The evidence was read; the criteria hold.")
    page.get_by_label("Your name, printed").fill(signer.name)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_label("Signature")).to_contain_text(f"signed by {signer.name}")
