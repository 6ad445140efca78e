"""Reviews after go-live: planned by it, held with figures filled in, decided by a second person."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from facts.kinds import find as find_kind
from facts.models import state
from notices.models import Reminder
from onboarding.continuity.models import FundingSource, MonthlyCost
from onboarding.decommission.models import Decommission
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Item
from onboarding.deployments.tests.test_checklist_page import counted
from onboarding.golive.models.signature import Proof, SignatureRefused
from onboarding.golive.tests.proving import TAMPERED, proven
from onboarding.golive.tests.readiness import fresh
from onboarding.hypercare.tests.sites import WENT_LIVE, defect, live, noon, steady
from onboarding.logbook.models import LogEntry
from onboarding.reviews import jobs, tasks
from onboarding.reviews.models import Finding, Review, ReviewDecision, ReviewRefused
from onboarding.reviews.models.review import Found
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]


def planned(scene: Scene, days: int = 90, on: date = WENT_LIVE) -> Review:
    live(scene, on)
    Review.plan(scene.deployment, by=scene.manager)
    return Review.objects.get(days=days)


def hold(scene: Scene, review: Review, *findings: Found) -> None:
    people = [scene.world.manager.pk, scene.world.contributor.pk]
    review.hold(attendees=people, summary="Used daily by most.", findings=findings, by=scene.manager)
    review.refresh_from_db()


def decide(scene: Scene, review: Review, decision: str, reason: str, by: Actor | None = None) -> None:
    """Decide and sign, by the sponsor where nobody else is named."""
    by = by or scene.by(scene.world.approver)
    review.decide(decision, reason=reason, printed_name=by.name, by=by, proof=fresh(by))


def found(text: str = "Train the night shift") -> Found:
    return Found(text, "TRN", date(2027, 7, 1))


def test_money_stands_in_a_review_for_who_may_read_contracts(scene: Scene, client_of: ClientOf) -> None:
    """Spend against budget and milestones accepted, as billing stated them, beside what the program lives on."""
    with scope(scene.world.host.pk):
        review = planned(scene)
        for name, value in (
            ("agreed", "24,000.00 USD"), ("due", "19,200.00 USD"), ("due_share", 0.8),
            ("milestones_accepted", 3), ("milestones_agreed", 4),
        ):  # fmt: skip
            state(find_kind(f"billing.{name}"), value, subject=scene.deployment)
        FundingSource.note(
            scene.program,
            title="Grant",
            kind="grant",
            left=Decimal(41200),
            begins_on=WENT_LIVE,
            ends_on=None,
            by=scene.manager,
        )
        MonthlyCost.note(scene.program, amount=Decimal(14200), by=scene.manager)
    address = f"/o/host/reviews/{review.pk}/"
    read = client_of(scene.world.owner).get(address).content.decode()
    for words in ("Due so far, of the fee", "80 %", "19,200.00 USD", "Milestones reached and accepted", "41,200.00"):
        assert words in read
    closed = client_of(scene.world.contributor).get(address).content.decode()
    assert "Months that the money lasts" in closed
    for words in ("19,200.00 USD", "41,200.00", "Milestones reached"):
        assert words not in closed


def test_go_live_plans_five_reviews_on_working_days(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        planned(scene)
        assert Review.plan(scene.deployment, by=scene.manager) == 0
        due = list(Review.objects.order_by("days").values_list("days", "due_on"))
        assert due == [
            (30, date(2027, 4, 1)), (60, date(2027, 4, 30)), (90, date(2027, 5, 28)), (180, date(2027, 8, 27)),
            (365, date(2028, 3, 1)),
        ]  # fmt: skip
        assert all(day.isoweekday() <= 5 for _, day in due)
        assert Event.objects.filter(action="review.planned").count() == 1


def test_a_second_go_live_moves_what_was_not_held(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = planned(scene, 30)
        hold(scene, first)
        live(scene, WENT_LIVE + timedelta(days=14))
        Review.plan(scene.deployment, by=scene.manager)
        assert Review.objects.get(days=30).due_on == date(2027, 4, 1)
        assert Review.objects.get(days=60).due_on == date(2027, 5, 14)


def test_figures_are_filled_in_from_what_is_known_and_frozen_when_it_is_held(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene, on=timezone.localdate() - timedelta(days=3))
        steady(scene)
        defect(scene, 2)
        hold(scene, review)
        defect(scene, 1)
        figures = {row["says"]: row["value"] for row in Review.objects.get(days=90).figures}
        assert figures["Trained staff who used the tool"] == "82 %"
        assert figures["Open, of all reported"] == "1 of 1"
        assert figures["Open Sev-1 and Sev-2"] == "1"
        assert figures["Months that the money lasts"] is None


def test_each_finding_becomes_an_item_with_owner_and_date(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene)
        hold(scene, review, found(), found("Mend the referral form"))
        item = Item.objects.get(key="review-90-finding-1")
        assert (item.title, item.owner, item.due_on, item.stage) == (
            "Train the night shift",
            "TRN",
            date(2027, 7, 1),
            9,
        )
        assert Finding.objects.count() == 2
        hold(scene, review, found("Again"))
        assert Finding.objects.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"summary": " "},
        {"attendees": []},
        {"findings": [Found("Train", "XXX", date(2027, 7, 1))]},
        {"findings": [Found(" ", "TRN", date(2027, 7, 1))]},
    ],
)
def test_a_review_that_says_too_little_is_refused_and_leaves_nothing(scene: Scene, values: dict[str, Any]) -> None:
    with scope(scene.world.host.pk):
        review, items = planned(scene), Item.objects.count()
        said = {"attendees": [scene.world.manager.pk], "summary": "Used.", "findings": [found()], **values}
        with pytest.raises(ReviewRefused):
            review.hold(by=scene.manager, **said)
        assert (Review.objects.get(days=90).state, Item.objects.count()) == ("planned", items)


def test_whoever_held_it_does_not_decide_and_a_decision_is_for_good(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene)
        with pytest.raises(ReviewRefused, match="comes first"):
            decide(scene, review, "scale", "So")
        hold(scene, review)
        with pytest.raises(ReviewRefused, match="second person"):
            decide(scene, review, "scale", "So", scene.manager)
        with pytest.raises(ReviewRefused, match="say why"):
            decide(scene, review, "scale", " ")
        with pytest.raises(ReviewRefused, match="Nothing was found"):
            decide(scene, review, "fix", "It is slow")
        assert Review.objects.get(days=90).decision == ""
        for _ in range(2):
            decide(scene, review, "scale", "Targets hold.")
        for choice, by in (("stop", None), ("scale", scene.by(scene.world.owner)), ("scale", scene.manager)):
            with pytest.raises(ReviewRefused, match="decided to scale"):
                decide(scene, review, choice, "No", by)
        assert LogEntry.objects.get().title == "Scale, at the 90-day review of Main Street"


def test_a_decision_is_signed_by_the_one_who_decides_and_proved_anew(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review, by, now = planned(scene), scene.by(scene.world.approver), timezone.now()
        hold(scene, review)
        for printed, proof in (
            ("Sponsor Host", Proof.given(by, now - timedelta(minutes=6))),
            ("Sponsor Host", Proof(by.person_id, ("totp",), now)),
            ("Sponsor Host", fresh(scene.manager)),
            ("Somebody Else", fresh(by)),
        ):
            with pytest.raises(SignatureRefused):
                review.decide("stop", reason="Nobody uses it.", printed_name=printed, by=by, proof=proof)
        assert Review.objects.get(pk=review.pk).decision == ""
        assert not ReviewDecision.objects.exists()
        assert not Decommission.objects.exists()
        assert not LogEntry.objects.exists()
        for _ in range(2):
            decide(scene, review, "scale", "Targets hold.")
        signed = ReviewDecision.objects.get()
        assert signed.stands
        assert signed.meaning.endswith("decide that the tool goes on to the next sites.")
        assert (signed.record["decision"], signed.record["summary"]) == ("scale", "Used daily by most.")
        assert Event.objects.filter(action="review.decision_signed").count() == 1


@pytest.mark.parametrize(
    ("field", "change"), [*TAMPERED, ("record", lambda found: {**found, "reason": "Targets held."})]
)
def test_one_changed_byte_voids_the_signature_under_a_decision(
    scene: Scene, field: str, change: Callable[[Any], Any]
) -> None:
    with scope(scene.world.host.pk):
        signed = decided(scene)
        setattr(signed, field, change(getattr(signed, field)))
        assert not signed.stands


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("decision_reason", lambda found: found + "!"),
        ("decision", lambda found: "fix"),
        ("summary", lambda found: found[:-1]),
        ("figures", lambda found: [{**found[0], "value": "99 %"}, *found[1:]]),
        ("attendees", lambda found: found[:1]),
        ("held_at", lambda found: found + timedelta(microseconds=1)),
        ("proposal", lambda found: None),
    ],
)
def test_one_changed_byte_of_the_review_voids_the_signature_under_its_decision(
    scene: Scene, field: str, change: Callable[[Any], Any]
) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="Abbey Lane", region="NY", time_zone="America/New_York")
        plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=2)
        decided(scene)
        review = Review.objects.get(days=90)
        Review.objects.filter(pk=review.pk).update(**{field: change(getattr(review, field))})
        assert not ReviewDecision.objects.get().stands


def test_a_signature_copied_to_another_review_or_made_anew_is_void(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        signed = decided(scene)
        copied = ReviewDecision.objects.get()
        copied.review = Review.objects.get(days=180)
        assert not copied.stands
        Review.objects.filter(days=90).update(decision_reason="Nobody looked.")
        made = ReviewDecision.objects.get()
        made.record = {**signed.record, "reason": "Nobody looked."}
        made.sha256 = made.computed()
        assert made.holds
        assert not made.stands


def decided(scene: Scene) -> ReviewDecision:
    review = planned(scene)
    hold(scene, review)
    decide(scene, review, "scale", "Targets hold.")
    return ReviewDecision.objects.get()


def test_scale_proposes_the_next_wave(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        for name, wave in (("Ferry Road", 3), ("Hill Street", 2), ("Abbey Lane", 2)):
            site = Site.objects.create(name=name, region="NY", time_zone="America/New_York")
            plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=wave)
        review = planned(scene)
        hold(scene, review)
        decide(scene, review, "scale", "Targets hold.")
        proposal = Review.objects.get(days=90).proposal
        assert (proposal["wave"], proposal["sites"]) == ("Wave 2", ["Abbey Lane", "Hill Street"])


def test_stop_begins_the_decommission_in_the_same_breath(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene)
        hold(scene, review)
        decide(scene, review, "stop", "Nobody uses it.")
        made = Decommission.objects.get()
        assert (made.cause, made.reason) == ("decided", "Nobody uses it.")


def test_a_missed_review_is_recorded_and_can_still_be_held(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene, 30)
        with time_machine.travel(noon(date(2027, 4, 15))):
            assert jobs.reviews(scene.world.host)["missed"] == 0
        with time_machine.travel(noon(date(2027, 4, 16))):
            assert jobs.reviews(scene.world.host)["missed"] == 1
            assert jobs.reviews(scene.world.host)["missed"] == 0
            hold(scene, review)
        assert (review.state, review.missed_on) == ("held", date(2027, 4, 16))


def test_reminders_come_before_it_and_end_when_it_is_held(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        review = planned(scene, 30)
        with time_machine.travel(noon(date(2027, 3, 22))):
            jobs.reviews(scene.world.host)
            waiting = Reminder.objects.unclaimed().filter(subject_id=review.pk)
            assert waiting.filter(recipient=scene.world.contributor).exists()
            hold(scene, review)
            event = Event.objects.get(action="review.held")
            tasks.follow.run(str(scene.world.host.pk), str(event.pk))
            assert not Reminder.objects.unclaimed().filter(subject_id=review.pk).exists()


def test_held_and_decided_on_the_pages_and_closed_to_partners(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        review = planned(scene)
    at = f"/o/host/reviews/{review.pk}/"
    manager, approver = client_of(scene.world.manager), proven(client_of, scene.world.approver)
    said = {"attendees": [str(scene.world.contributor.pk)], "summary": "Used daily", "text_1": "Train the night shift"}
    assert manager.post(at, said).status_code == 422
    assert manager.post(at, {**said, "owner_1": "TRN", "due_1": "2027-07-01"}).status_code == 302
    decision = {
        "decision-decision": "fix",
        "decision-reason": "One shift is missing.",
        "decision-printed_name": "Sponsor Host",
    }
    assert manager.post(f"{at}decision", decision).status_code == 403
    unproven = client_of(scene.world.approver).post(f"{at}decision", decision)
    assert unproven.status_code == 422
    assert "Prove who you are again" in unproven.content.decode()
    assert approver.post(f"{at}decision", {**decision, "decision-printed_name": "Another"}).status_code == 422
    with scope(scene.world.host.pk):
        assert Review.objects.get(pk=review.pk).decision == ""
        assert not ReviewDecision.objects.exists()
    assert approver.post(f"{at}decision", decision).status_code == 302
    shown = manager.get(at).content.decode()
    assert "One shift is missing." in shown
    assert "Train the night shift" in shown
    assert "Proved by password and one-time code" in shown
    with scope(scene.world.host.pk):
        Finding.objects.update(text="Train the night shifts")
    assert "This signature is void." in manager.get(at).content.decode()
    for partner in (scene.world.vendor_manager, scene.world.hub_manager, scene.world.funder_manager):
        client = client_of(partner)
        for place in (at, "/o/host/reviews/", f"/o/host/deployments/{scene.deployment.pk}/reviews/"):
            assert client.get(place).status_code in (403, 404)
    sent = b"".join(manager.get("/o/host/reviews/?show=all&as=csv").streaming_content).decode()
    assert "One shift is missing." in sent


def test_the_list_takes_as_many_statements_for_fifteen_as_for_five(scene: Scene, client_of: ClientOf) -> None:
    client, seen = client_of(scene.world.manager), []
    with scope(scene.world.host.pk):
        planned(scene)
    for names in ((), ("Ferry Road", "Hill Street")):
        with scope(scene.world.host.pk):
            for name in names:
                site = Site.objects.create(name=name, region="NY", time_zone="America/New_York")
                other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
                other.record_go_live(by=scene.manager)
                other.refresh_from_db()
                Review.plan(other, by=scene.manager)
        client.get("/o/host/reviews/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/o/host/reviews/")
        seen.append(len(counted(captured)))
    assert seen[0] == seen[1] <= 8
