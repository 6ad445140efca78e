"""What was mailed in the last days: digests to those who own work, one that came back, and what is kept back since."""

from datetime import date

from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from notices import engine, returns
from notices.models import Reminder, Wanted
from notices.models.message_event import Outcome
from notices.models.reminder import State
from notices.returns import Copy, Heard
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.notices import ITEM_DUE, RELATED

DAYS = (9, 7, 6, 3, 2, 1)
A_DAY = 8
HOUR = 18
"""UTC: after the hour of digests and before quiet hours everywhere in the demo."""
GONE, GONE_ON = "operations.manager@riverbend.example", 3
SAID = "550 5.1.1 The mailbox was moved; see the directory"


def send_what_was_due(cast: Cast, today: date) -> None:
    """Mail some reminders of the last days as they were due, and let those of one person come back."""
    running = Deployment.objects.running()
    items = list(Item.objects.open().filter(deployment__in=running).select_related(*RELATED).order_by("due_on", "pk"))
    for ago in DAYS:
        day = days_ago(today, ago)
        with at(day, HOUR):
            Reminder.schedule(_wanted(cast, day, items[ago :: len(items) // A_DAY]))
            engine.send_due(cast.host.pk)
            if ago == GONE_ON:
                _come_back(cast)


def _wanted(cast: Cast, day: date, items: list[Item]) -> list[Wanted]:
    gone = cast.people[GONE]
    return [
        Wanted(
            recipient=gone if number % 4 == 0 else item.assignee or cast.by_role.get(item.owner) or gone,
            kind=ITEM_DUE,
            subject_type="deployments.item",
            subject_id=item.pk,
            step="0" if item.due_on == day else "+3" if item.due_on and item.due_on < day else "-3",
            on=day,
            reason="You own it.",
            deployment_id=item.deployment_id,
        )
        for number, item in enumerate(items)
    ]


def _come_back(cast: Cast) -> None:
    sent = Reminder.objects.filter(recipient=cast.people[GONE], state=State.SENT).order_by("-sent_at", "pk").first()
    assert sent
    assert sent.message
    returns.hear(Copy(sent.message, sent.resends, sent.organization_id), Heard(Outcome.BOUNCED, "dsn", SAID))
