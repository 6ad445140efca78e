"""An approval by mailed link in a real browser, which a link scanner visits first."""

import pytest
from playwright.sync_api import expect

from onboarding.deployments.models import ApprovalRequest, Item
from onboarding.deployments.tests.asking import ask
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.scenes import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_scanner_comes_first_and_the_person_approves_on_a_phone(
    scene: Scene, window: Windows, javascript: bool
) -> None:
    asked = ask(scene)
    scanner = window.open(javascript=javascript)
    scanner.goto(asked.link)
    addresses = [link.get_attribute("href") or "" for link in scanner.get_by_role("link").all()]
    for address in addresses:
        if "/a/host/" in address and "evidence" not in address:
            scanner.goto(address)
    scanner.goto(asked.link)
    scanner.get_by_role("button", name="Send my answer").click()
    expect(scanner.get_by_role("alert")).to_contain_text("Choose whether you approve or refuse")
    assert asked.untouched()

    person = window.open(size=PHONE, javascript=javascript)
    person.goto(asked.link)
    expect(person.get_by_role("heading", level=1)).to_contain_text("#1")
    expect(person.get_by_role("link", name="note.txt")).to_be_visible()
    assert not person.evaluate("document.documentElement.scrollWidth > innerWidth")
    person.get_by_label("I approve it").check()
    person.get_by_role("button", name="Send my answer").click()
    expect(person.get_by_role("heading", level=1)).to_have_text("Approved")
    with scope(scene.world.host.pk):
        assert ApprovalRequest.objects.get().by_link
        assert Item.objects.get(pk=asked.request.item_id).done_by_id == scene.world.approver.pk

    answer = person.goto(asked.link)
    assert answer is not None
    assert answer.status == 410
    expect(person.get_by_role("heading", level=1)).to_have_text("This link answers nothing any more")
