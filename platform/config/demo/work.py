"""What an implementation manager keeps beside the checklists: views, a log, routines, a bulk change, a tracker being brought over."""

from datetime import date, timedelta

from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.actions.edit_items import Edit, edit_items
from onboarding.deployments.models import Deployment, Item, StatusLink, Watch
from onboarding.logbook.models import LogEntry, Routine
from onboarding.logbook.models.routine import USUAL
from onboarding.trackers.actions.upload import upload
from web.models import SavedView

TRACKER = """Harbor Parent rollout - Washburn school clinic,,,,,
last updated by the district office,,,,,
#,Task / Activity,STATUS,Target Date,Assigned To,Comments
,GOVERNANCE,,,,
1,Exec sponsor named,Complete,{past},Executive Sponsor,Superintendent's office confirmed
2,BAA / data processing agreement signed w/ vendor,in progress,{soon},Legal Counsel,second redline is out
3,Vendor security review,Stuck,{soon},Security Officer,waiting for the SOC 2 report
4,HIPAA risk analysis - update,not started,{later},,
,TECH,,,,
5,SSO works in test,50%,{later},EHR Integration Analyst,
6,Results write back test (PHQ9),Not Started,{later},EHR Integration Analyst,
7,School records and parental consent,WIP,{soon},Privacy Officer,district wants its own form
,OTHER,,,,
8,Find a quiet room with a door for the first sessions,open,{soon},Operations Manager,room 104?
9,Tell the bus drivers about the new hours,done,{past},,
"""
RISKS = [
    (
        "champion_loss",
        "The clinical champion's contract ends in the spring",
        3,
        5,
        "A deputy is trained on every shift.",
        "CHM",
    ),
    (
        "funding_end",
        "The start-up grant ends before the 180-day review",
        4,
        3,
        "Billing codes are tested with two payers.",
        "FIN",
    ),
    (
        "workflow_mismatch",
        "Intake has no slot for the first questionnaire",
        2,
        3,
        "Two minutes are added to rooming.",
        "OPS",
    ),
]


def keep_beside(cast: Cast, today: date) -> None:
    """Leave all of it, by the people whose work it is."""
    manager = cast.actor_for("IM")
    running = Deployment.objects.select_related("program", "site").get(site__city="Siler City")
    _log(cast, running, today)
    with at(days_ago(today, 3), 10):
        SavedView.keep(
            "checklist", "Security and integration", "group=owner&owner=SEC&show=open", by=manager, shared=True
        )
        SavedView.keep("checklist", "This fortnight by owner", "group=owner&show=soon&sort=due", by=manager)
        SavedView.keep(
            "portfolio", "Next three months", "cols=stage&cols=status&cols=go_live&cols=due&sort=go_live", by=manager
        )
        Watch.follow(running, by=manager)
        StatusLink.make(running, by=manager, purpose="The county's behavioral health board", days=30)
    live = Deployment.objects.get(site__city="Lewistown")
    with at(days_ago(today, 5), 11):
        for title, owner, during, after in USUAL:
            Routine.begin(live, title=title, owner=owner, during=during, after=after, by=manager)
    with at(days_ago(today, 1), 15):
        washburn = Deployment.objects.get(site__city="Washburn")
        later = Item.objects.of_deployment(washburn.pk).open().filter(stage=1)[:6]
        edit_items(
            [item.pk for item in later],
            Edit("assign", person=cast.people["implementation.manager@riverbend.example"]),
            by=manager,
            may_accept=True,
            said="assigned to Implementation Manager",
        )
        dates = {"past": days_ago(today, 40), "soon": days_ago(today, -30), "later": days_ago(today, -90)}
        text = TRACKER.format(**{name: f"{day.month}/{day.day}/{day.year}" for name, day in dates.items()})
        upload(washburn, text.encode(), "Harbor Parent rollout.csv", by=manager)


def _log(cast: Cast, running: Deployment, today: date) -> None:
    manager = cast.actor_for("IM")
    common = {"program": running.program, "by": manager}
    for number, (cause, title, likelihood, impact, response, owner) in enumerate(RISKS):
        with at(days_ago(today, 40 - number), 9):
            LogEntry.write(
                deployment=running if number else None,
                kind="risk",
                cause=cause,
                title=title,
                likelihood=likelihood,
                impact=impact,
                response=response,
                owner_id=cast.actor_for(owner).person_id,
                due_on=today + timedelta(days=20 + 10 * number),
                **common,
            )
    with at(days_ago(today, 13), 16):
        LogEntry.write(
            deployment=running, kind="issue", cause="approval_queue", severity=2,
            title="The firewall change waits for a window",
            response="A standing hour every Thursday evening is asked for.", owner_id=cast.actor_for("SEC").person_id, **common,
        )  # fmt: skip
    with at(days_ago(today, 30), 14):
        decided = LogEntry.write(
            deployment=None, kind="decision", cause="localization_gap",
            title="One Spanish language pack for all clinics, reviewed by two native speakers",
            response="Three local translations had drifted apart.", **common,
        )  # fmt: skip
        decided.close(by=manager, outcome="In use since the second clinic.")
