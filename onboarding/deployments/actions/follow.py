"""Reminders that follow from an event; safe to run more than once for the same event.

After the event and not inside the verb: a partner's transaction may not read the host's people, and a verb stays short.
"""

from audit.actor import Actor
from audit.models import Event
from onboarding.deployments import approvals, notices
from onboarding.deployments.models import Comment, Item, TeamRole
from onboarding.deployments.models.item import ItemQuerySet

REMINDERS = Actor.system("reminders")
PLANNED_ANEW = (
    "deployment.planned",
    "deployment.go_live_moved",
    "deployment.dates_moved",
    "deployment.upgraded",
    "deployment.upgrade_undone",
)


def follow(event: Event) -> None:
    """Plan, ask or take back, by what happened."""
    if event.action == "comment.added":
        for comment in Comment.objects.filter(pk=event.subject_id):
            notices.tell_mentioned(comment)
    elif event.action.startswith(("approval.", "member.")):
        approvals.follow(event, by=REMINDERS)
    elif event.action in ("team.role_filled", "team.role_vacated"):
        _team(event)
    elif event.action in PLANNED_ANEW:
        _plan(Item.objects.of_deployment(event.subject_id))
    elif event.action.startswith("item."):
        _plan(Item.objects.filter(pk=event.subject_id))
        approvals.end_what_ended(Item.objects.filter(pk=event.subject_id), by=REMINDERS)
        for item in Item.objects.filter(pk=event.subject_id, state=Item.State.IN_REVIEW):
            notices.ask_for_review(item)


def _team(event: Event) -> None:
    role = TeamRole.objects.filter(pk=event.subject_id).first()
    if role is None:
        return
    _plan(Item.objects.of_deployment(role.deployment_id).open())
    owned = Item.objects.of_deployment(role.deployment_id).filter(owner=role.code)
    approvals.end_what_ended(owned, by=REMINDERS)
    if role.code == notices.CHAMPION_ROLE and role.person_id is None:
        notices.champion_missing(role)


def _plan(items: ItemQuerySet) -> None:
    notices.plan_items(items.select_related(*notices.RELATED), by=REMINDERS)
