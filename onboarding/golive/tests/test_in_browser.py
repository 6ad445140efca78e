"""A go/no-go with three voters in three browsers: what one does the others see, and two of them sign."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from onboarding.deployments.models import Item, TeamRole
from onboarding.golive.models import GateReview, Signature, Vote
from onboarding.golive.tests.readiness import ready_for_go_no_go
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.scenes import Scene
from testing.tests.by_hand import equip, prove_by_hand

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
SEATS = {"CHM": "manager", "CSO": "contributor", "OPS": "owner"}
"""Three of the panel vote by hand; two more have voted before, and with these five there is a quorum."""
WITHIN = 60_000
"""Milliseconds in which another screen must follow: two seconds between two looks, the rest is this machine."""


@pytest.fixture
def review(scene: Scene) -> GateReview:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        TeamRole.objects.filter(code__in=["EXS", "SEC", "INT", "TRN", "EQL"]).update(
            person=scene.world.learner, deputy=None
        )
        for code, who in SEATS.items():
            TeamRole.objects.filter(code=code).update(person=getattr(scene.world, who), deputy=None)
        meeting = GateReview.convene(scene.deployment, "G6", by=scene.manager)
        for vote in Vote.objects.filter(review=meeting, role__in=["SEC", "INT"]):
            vote.cast("go", by=scene.by(scene.world.learner))
        return meeting


def enter(window: Windows, review: GateReview, user: User, **look: object) -> Page:
    page = window.open(user, **look)  # type: ignore[arg-type]
    page.goto(f"/o/host/gate-reviews/{review.pk}/")
    return page


def cast(page: Page, choice: str, reason: str = "") -> None:
    page.locator("#room-acts").get_by_label(choice, exact=True).check()
    if reason:
        page.locator("#room-acts").get_by_label("Reason").first.fill(reason)
    page.get_by_role("button", name="Cast vote").click()
    expect(page.get_by_role("heading", name=re.compile("Change your vote"))).to_be_visible()


def voice(page: Page, role: str) -> object:
    return page.locator("#votes li").filter(has_text=role)


def test_three_voters_follow_each_other_dissent_is_recorded_and_two_sign(
    scene: Scene, review: GateReview, window: Windows
) -> None:
    world = scene.world
    of_sponsor, of_champion = equip(world.approver), equip(world.manager)
    champion = enter(window, review, world.manager)
    safety = enter(window, review, world.contributor, size=PHONE)
    operations = enter(window, review, world.owner, dark=True)
    sponsor = enter(window, review, world.approver)

    for page in (champion, safety, operations, sponsor):
        expect(page.get_by_text("2 of 8 voted, quorum 5")).to_be_visible()
    cast(champion, "Go")
    for page in (safety, operations, sponsor):
        expect(voice(page, "Clinical champion").locator(".st")).to_have_text("Go", timeout=WITHIN)  # type: ignore[attr-defined]

    # Whoever writes keeps what is written, while the votes beside it go on following.
    half = operations.locator("#room-acts").get_by_label("Reason").first
    half.fill("A 15 percent reduction is too thin")
    cast(safety, "Go, with conditions", "Night cover must be named by Thursday.")
    expect(voice(operations, "Clinical safety officer").locator(".st")).to_have_text(  # type: ignore[attr-defined]
        "Go, with conditions", timeout=WITHIN
    )
    expect(half).to_have_value("A 15 percent reduction is too thin")

    # A no-go without its reason is refused; with it, it is dissent.
    half.fill("")
    operations.locator("#room-acts").get_by_label("No-go", exact=True).check()
    operations.get_by_role("button", name="Cast vote").click()
    expect(operations.get_by_text("A no-go needs its reason").first).to_be_visible()
    cast(operations, "No-go", "A 15 percent reduction is too thin for a two-prescriber clinic.")
    expect(voice(sponsor, "Operations").first).to_contain_text("Dissent recorded.", timeout=WITHIN)  # type: ignore[attr-defined]
    expect(sponsor.get_by_text("5 of 8 voted, quorum 5")).to_be_visible()

    # Something changes while they sit: every screen says so, and names what was frozen.
    with scope(world.host.pk):
        amber = Item.objects.filter(gate_class="conditional", stage=6, state="accepted").exclude(domain="")[0]
        amber.reopen(by=scene.by(world.owner), reason="The night of Saturday is uncovered.")
    for page in (champion, sponsor):
        expect(page.get_by_text("Changed since frozen")).to_be_visible(timeout=WITHIN)
    champion.get_by_text("Add condition").click()
    champion.get_by_label("Open item").select_option(str(amber.pk))
    champion.get_by_label("Owner").select_option("CSO")
    champion.get_by_label("Workaround").fill("The champion is on call.")
    champion.get_by_label("Last day").fill((timezone.localdate() + timedelta(days=7)).isoformat())
    champion.get_by_role("button", name="Set condition").click()
    expect(sponsor.locator("#room-basis").get_by_text("The champion is on call.")).to_be_visible(timeout=WITHIN)

    # The chair cannot decide, the sponsor does: with both components, in words of their own.
    prove_by_hand(sponsor, of_sponsor)
    sponsor.locator("#sign input[value=conditional_go]").check()
    sponsor.get_by_label("Reason, as it should stand in the record").fill("The night is covered by the champion.")
    sponsor.get_by_label("Your name, printed").fill(world.approver.name)
    sponsor.get_by_role("button", name="Sign", exact=True).click()
    expect(sponsor.get_by_label("Signature")).to_contain_text("Approver: signed by Sponsor Host")
    expect(sponsor.get_by_text("Dissent recorded").first).to_be_visible()
    expect(sponsor.get_by_text("The chair has not countersigned yet.")).to_be_visible()

    # It reaches the others by itself; the chair countersigns the same record.
    expect(champion.get_by_label("Signature")).to_contain_text("signed by Sponsor Host", timeout=WITHIN)
    prove_by_hand(champion, of_champion)
    champion.get_by_label("Your name, printed").fill(world.manager.name)
    champion.get_by_role("button", name="Countersign", exact=True).click()
    expect(champion.get_by_label("Signature")).to_have_count(2)
    expect(safety.get_by_label("Signature")).to_have_count(2, timeout=WITHIN)
    assert not safety.evaluate("document.documentElement.scrollWidth > innerWidth")
    with scope(world.host.pk):
        record = GateReview.objects.get(pk=review.pk).record
        assert [one["role"] for one in record["dissent"]] == ["OPS"]
        assert record["evidence"]["changed_since"]
        assert {one.capacity: one.method for one in Signature.objects.all()} == {
            "decides": "password+totp",
            "chair": "password+totp",
        }
        assert all(one.is_valid(record) for one in Signature.objects.all())
