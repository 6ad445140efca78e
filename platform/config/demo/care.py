"""The weeks after go-live: tickets, figures of each day, the command center's log, and days that close themselves."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from config.demo.cast import SETUP, Cast
from config.demo.clock import at
from onboarding.deployments.models import Deployment
from onboarding.hypercare.actions.report_figures import report_figures
from onboarding.hypercare.exit import close_days
from onboarding.hypercare.models import Article, CommandEntry, Hypercare, Ticket
from onboarding.hypercare.register import state_register
from onboarding.reviews.models import Review

QUESTIONS = [
    (
        4,
        "Can I see which module a patient is in?",
        "caseload view",
        "Yes: the bar in the list, explained in the tip sheet.",
    ),
    (
        5,
        "The language of a patient changed. Where do I say so?",
        "language",
        "In the profile; the next message follows it.",
    ),
    (6, "Does a pause of two weeks count as stopping?", "outreach", "No, after 21 days it does."),
    (8, "Who may take a referral back?", "referrals", "Whoever wrote it, or the champion."),
    (10, "How long is a result shown as new?", "results", "Seven days."),
    (12, "A patient has a new phone.", "devices", "They sign in again; nothing is lost."),
    (13, "Where is last month's list?", "caseload view", "Under the date filter."),
    (15, "Which order is the right one for teenagers?", "orders", "The second of the set."),
    (18, "Is the weekly summary sent on holidays?", "results", "On the next working day."),
    (21, "A colleague left. Who gets her caseload?", "caseload view", "The champion moves it in two clicks."),
]
# day of hypercare, kind, severity, title, topic, workaround, plan, owner, days until fixed (None: open), tier, what was done
TICKETS: list[tuple[int, str, int | None, str, str, str, str, str, int | None, int | None, str]] = [
    (0, "question", None, "Where do I see who has not opened the first module?", "caseload view", "", "", "SUP", 0, 1, "Shown on the spot: the filter above the list."),
    (0, "defect", 2, "Results of two patients are filed a day late", "results", "Filed by hand each evening.", "The interface's queue is emptied more often, Thursday.", "INT", 2, 2, "The interface looks for results every five minutes."),
    (1, "defect", 3, "The Spanish reminder has an English subject line", "language", "Staff say it on the phone.", "", "VEN", 3, 3, "Translated in 4.2.1."),
    (1, "question", None, "How is a referral taken back?", "referrals", "", "", "SUP", 0, 1, "Answered by phone; the article says it now."),
    (2, "request", None, "Show the last PHQ-9 beside the next appointment", "results", "", "", "CHM", None, None, ""),
    (2, "question", None, "May a patient use a parent's phone?", "devices", "", "", "SUP", 0, 1, "Yes, with their own sign-in; the tip sheet says how."),
    (3, "defect", 4, "The logo is cut off on small screens", "layout", "", "", "VEN", None, None, ""),
    *((day, "question", None, title, topic, "", "", "SUP", 0, 1, done) for day, title, topic, done in QUESTIONS),
]  # fmt: skip
EARLY: list[tuple[int, str, int | None, str, str, str, str, str, int | None, int | None, str]] = [
    (0, "defect", 1, "A crisis alert reached the on-call pool after 14 minutes", "alerts", "The queue is watched every ten minutes by a person.", "The route is shortened today.", "INT", 1, 2, "The alert goes to the pool directly; three test alerts arrived within a minute."),
    (1, "defect", 2, "Sign-in fails after a badge tap on shared workstations", "sign-in", "Sign in by password.", "Session time of the badge reader is raised, Monday.", "INT", None, None, ""),
    (2, "defect", 2, "The order set lists the tool twice", "orders", "Take the upper one.", "Removed with the next order-set release.", "INT", None, None, ""),
    (3, "defect", 2, "Consent text is missing for patients under 18", "consent", "", "", "PRV", None, None, ""),
    (3, "request", None, "A button to print the tip sheet", "printing", "", "", "SUP", None, None, ""),
    (4, "question", None, "Who calls a patient who stopped in week two?", "outreach", "", "", "CHM", 0, 2, "The care coordinator does, from the list on Monday."),
    (4, "question", None, "Where did my caseload filter go?", "caseload view", "", "", "SUP", 0, 1, "It is kept for each person; set once more."),
]  # fmt: skip
SHIFTS = [
    (0, "shift", "On: superuser lead, integration analyst, vendor engineer. Bridge open 07:00 to 18:00, huddles at 08:00, 12:30 and 17:00."),
    (0, "decision", "Crisis alerts are watched by a person until three test alerts in a row arrive within a minute."),
    (1, "hand_over", "Night superuser takes the alert queue. Two results of yesterday are still to be filed by hand."),
    (3, "note", "Front desk asks for the tip sheet at every window: thirty copies were laid out."),
]  # fmt: skip
STEADY = {"active_users": 46, "message_success": 0.998, "deliverers_active_share": 0.82}
SETTLING = {"active_users": 9, "message_success": 0.996, "deliverers_active_share": 0.74}
"""A site in its first week: most of it holds, some does not."""
ARTICLES = [
    ("alerts", "Crisis alerts: where they go, and who watches"),
    ("caseload view", "The caseload view in one minute"),
    ("consent", "Consent, and who gives it for a minor"),
    ("devices", "Shared phones and tablets"),
    ("language", "What is translated, and what to say meanwhile"),
    ("layout", "What a small screen shows"),
    ("orders", "Ordering the tool"),
    ("outreach", "When somebody stops"),
    ("referrals", "Taking a referral back"),
    ("results", "When a result is not in the chart"),
]


@dataclass(slots=True)
class Care:
    """Hypercare of one go-live, told day by day."""

    cast: Cast
    deployment: Deployment
    figures: dict[str, Any] = field(default_factory=lambda: dict(STEADY))
    tickets: list[Any] = field(default_factory=lambda: list(TICKETS))
    _period: Hypercare | None = None
    _told: date | None = None
    _due: dict[date, list[Ticket]] = field(default_factory=dict)

    def begin(self, on: date, hour: int) -> None:
        """Begin with the go-live of that day."""
        self.deployment.refresh_from_db()
        with at(on, hour, 55):
            self._period = Hypercare.begin(self.deployment, by=SETUP)
            state_register(self.deployment.pk, SETUP)
            Review.plan(self.deployment, by=SETUP)
        self._told = on - timedelta(days=1)

    def break_off(self, on: date, hour: int) -> None:
        """End it with a rollback."""
        assert self._period is not None
        with at(on, hour, 58):
            self._period.break_off(by=SETUP, why="the deployment is rolled back")
        self._period = None

    def until(self, last: date) -> None:
        """Tell the days up to and including the last: figures, tickets, and the night's job."""
        if self._period is None or self._told is None:
            return
        while (day := self._told + timedelta(days=1)) <= last:
            number = (day - self._period.began_on).days
            with at(day, 11):
                state_register(self.deployment.pk, SETUP)
                close_days(self._period, by=SETUP)
            with at(day, 20):
                self._write(number)
                self._report(day, number)
                self._fix(day)
                report_figures(self.deployment, self.figures, by=self.cast.actor_for("OPS"))
            self._told = day

    def end(self, on: date, hour: int) -> None:
        """End it with its signed exit."""
        if self._period is not None:
            with at(on, hour, 5):
                self._period.end(by=SETUP)
            self._period = None

    def _report(self, day: date, number: int) -> None:
        if number == 0:
            for topic, title in ARTICLES:
                Article.write(self.deployment, topic=topic, title=title, by=self.cast.actor_for("SUP"))
        waiting = [one for one in self.tickets if one[0] <= number]
        self.tickets = [one for one in self.tickets if one[0] > number]
        for _, kind, severity, title, topic, workaround, plan, owner, fixed, tier, done in waiting:
            ticket = Ticket.report(
                self.deployment, kind=kind, severity=severity, title=title, topic=topic, workaround=workaround,
                owner_id=self.cast.by_role[owner].pk, safety=severity == 1, by=self.cast.actor_for("SUP"),
            )  # fmt: skip
            if plan:
                ticket.change(by=self.cast.actor_for(owner), plan=plan)
            if fixed is not None:
                self._due.setdefault(day + timedelta(days=fixed), []).append(ticket)
                ticket.resolution, ticket.tier = done, tier

    def _fix(self, day: date) -> None:
        for due in sorted(one for one in self._due if one <= day):
            for ticket in self._due.pop(due):
                resolution, tier = ticket.resolution, ticket.tier
                ticket.move("fixed", by=self.cast.actor_for("INT"), resolution=resolution, tier=tier)
                ticket.move("closed", by=self.cast.actor_for("SUP"))
                if ticket.safety:
                    ticket.review_safety(
                        by=self.cast.actor_for("CSO"),
                        finding="Nobody was harmed. The old route is taken out of the alert rules.",
                    )

    def _write(self, number: int) -> None:
        for day, kind, text in SHIFTS:
            if day == number:
                to = self.cast.by_role["SUP"].pk if kind == "hand_over" else None
                CommandEntry.write(
                    self.deployment, kind=kind, text=text, handed_to_id=to, by=self.cast.actor_for("OPS")
                )
