"""What comes after hypercare: reviews held and decided, money with its end, a champion who will leave."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from config.demo.cast import SETUP, Cast
from config.demo.clock import at, days_ago
from notices.models import ReminderPolicy
from onboarding.continuity.models import ChampionHandOver, FundingSource, MonthlyCost
from onboarding.continuity.standing import state_all
from onboarding.deployments.models import Deployment, Program
from onboarding.golive.models.signature import Proof
from onboarding.metrics.actions import keep_figures
from onboarding.reviews.models import Review
from onboarding.reviews.models.review import Found
from onboarding.windows.chains import ACCESS, own
from onboarding.windows.models import Series

HELD: dict[tuple[str, int], tuple[str, list[tuple[str, str, int]], str, str]] = {
    ("Morrisville", 30): (
        "Nine of eleven clinicians use it weekly. The two who do not were never shown the caseload view; both are in the east wing.",
        [("Show the caseload view in the east wing's huddle", "SUP", 14), ("Add the tip sheet to the east wing's rooms", "OPS", 10)],
        "", "",
    ),
    ("Morrisville", 60): (
        "Reach is even by language, lower among patients over 60. Core steps were found in nine of ten cases looked at. Three denials, all for a missing note.",
        [("Offer the first session in the waiting room to patients over 60", "CHM", 25)],
        "", "",
    ),
    ("Morrisville", 90): (
        "Four of five success measures are met; the fifth, follow-up within 14 days, stands at 71 of 80 percent and rises.",
        [("Follow-up list to the care coordinator every Monday", "CHM", 20)],
        "scale", "Targets hold and the gap between groups has not widened. The next wave may follow with the champion's schedule.",
    ),
    ("Wenatchee", 30): (
        "Used daily by the day shift. The night shift calls the superuser instead. Alerts have arrived within a minute since the route was rebuilt.",
        [("Train the night shift on the alert queue", "TRN", 12), ("Name a superuser for nights", "SUP", 7)],
        "fix", "The night shift is a gap that patients feel; it is closed before anything is added.",
    ),
}  # fmt: skip


def tell(cast: Cast, today: date) -> None:
    """Hold the reviews whose day has come, note what was missed, and what the program lives on."""
    manager, sponsor = cast.actor_for("IM"), cast.actor_for("EXS")
    people = [cast.by_role[code].pk for code in ("IM", "CHM", "CSO", "EQL")]
    for (city, days), (summary, findings, decision, reason) in HELD.items():
        review = Review.objects.select_related("deployment").get(deployment__site__city=city, days=days)
        with at(review.due_on, 15):
            found = [Found(text, owner, review.due_on + timedelta(days=ahead)) for text, owner, ahead in findings]
            review.hold(attendees=people, summary=summary, findings=found, by=manager)
        if decision:
            with at(review.due_on + timedelta(days=1), 14):
                proof = Proof.given(sponsor, timezone.now())
                review.decide(decision, reason=reason, printed_name=sponsor.name, by=sponsor, proof=proof)
    for review in Review.objects.waiting().overdue(today).order_by("due_on"):
        with at(review.due_on + timedelta(days=15), 5):
            review.miss(by=SETUP)
    _money(cast, today)
    _windows(cast, today)
    leaving = Deployment.objects.get(site__city="Wenatchee")
    with at(days_ago(today, 8), 10):
        hand_over = ChampionHandOver.begin(leaving, last_day=today + timedelta(days=23), by=manager)
        hand_over.tick("deputy-told", by=manager)
    with at(days_ago(today, 4), 16):
        hand_over.tick("caseload-walk", by=cast.actor_for("CHM"))
    with at(today, 5):
        state_all(Program.objects.order_by("pk"))
        ways = {kind: ["mail", "in_app"] for kind in ("deployments.item_due", "windows.closes", "deployments.mention")}
        ReminderPolicy.change(by=cast.actor("chief.operating.officer"), channels=ways, binding=["expiry"])
        keep_figures(today)


def _money(cast: Cast, today: date) -> None:
    finance = cast.actor_for("FIN")
    program = Program.objects.get(title="Stillwater CBT")
    sources = [
        ("State start-up grant", "grant", "41200", -400, 130),
        ("Operating budget, behavioral health", "budget", "64000", -120, 245),
        ("Outcome payments of Lakeshore", "contract", "18500", -60, None),
    ]
    with at(days_ago(today, 12), 9):
        for title, kind, left, begins, ends in sources:
            FundingSource.note(
                program, title=title, kind=kind, left=Decimal(left), begins_on=today + timedelta(days=begins),
                ends_on=None if ends is None else today + timedelta(days=ends), by=finance,
            )  # fmt: skip
        MonthlyCost.note(program, amount=Decimal(14200), by=finance)


def _windows(cast: Cast, today: date) -> None:
    """Reports to CMS of two cohorts, and a grant's own: one open, one to come, one missed."""
    live, by = Deployment.objects.get(site__city="Morrisville"), cast.actor_for("IM")
    keeper = cast.by_role["IM"]
    cohorts = (("Aligned in the first month", -150, (-118,)), ("Aligned in the second month", -40, ()))
    for title, starts, reported in cohorts:
        begun = today + timedelta(days=starts)
        with at(begun + timedelta(days=2), 11):
            series = Series.begin(ACCESS, title=title, starts_on=begun, keeper=keeper, deployment=live, by=by)
        for number in reported:
            day = today + timedelta(days=number)
            with at(day, 15):
                series.meet(series.windows.get(key="baseline"), on=day, by=by, note="$report-data accepted")
    grant = own("Grant report to the state", 80, 100, repeats=True)
    with at(days_ago(today, 110), 10):
        series = Series.begin(
            grant, title="State start-up grant", starts_on=days_ago(today, 110), keeper=cast.by_role["FIN"], by=by
        )
    with at(days_ago(today, 9), 5):
        series.miss(series.windows.get(), by=SETUP)
