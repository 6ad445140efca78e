"""Reminders that follow from an event; safe to run more than once for the same event.

After the event and not inside the verb: a partner's transaction may not read the host's people, and a verb stays short.
"""

from django.db.models import Q

from audit.actor import Actor
from audit.models import Event
from onboarding.deployments import approvals, notices
from onboarding.deployments.models import Comment, Item, TeamRole, Watch
from onboarding.deployments.models.item import ItemQuerySet

REMINDERS = Actor.system("reminders")
PLANNED_ANEW = (
    "deployment.planned",
    "deployment.go_live_moved",
    "deployment.dates_moved",
    "deployment.upgraded",
    "deployment.upgrade_undone",
)
SAID_TO_FOLLOWERS = frozenset(
    {
        "item.completed",
        "item.returned",
        "item.reopened",
        "item.blocked",
        "item.unblocked",
        "item.not_applicable",
        "item.waived",
    }
)
"""What followers read in their digest; dates, assignments and starts would drown it."""


def follow(event: Event) -> None:
    """Plan, ask or take back, by what happened."""
    if event.action == "comment.added":
        for comment in Comment.objects.filter(pk=event.subject_id).select_related("item"):
            notices.tell_mentioned(comment)
            notices.tell_followers(event, comment.item, comment)
            Watch.draw_in(comment.item, comment.mentions, Watch.Why.MENTIONED)
            Watch.draw_in(comment.item, [comment.author_id], Watch.Why.SPOKE)
    elif event.action.startswith(("approval.", "member.")):
        approvals.follow(event, by=REMINDERS)
    elif event.action in ("team.role_filled", "team.role_vacated", "team.deputy_lost"):
        _team(event)
    elif event.action in PLANNED_ANEW:
        _plan(Item.objects.of_deployment(event.subject_id))
    elif event.action.startswith("item."):
        # What waits for it too: its people hear of it when it holds up no longer.
        _plan(Item.objects.filter(Q(pk=event.subject_id) | Q(waits_for__predecessor=event.subject_id)).distinct())
        approvals.end_what_ended(Item.objects.filter(pk=event.subject_id), by=REMINDERS)
        for item in Item.objects.filter(pk=event.subject_id).select_related(*notices.RELATED):
            if item.state == Item.State.IN_REVIEW:
                notices.ask_for_review(item)
            if event.action == "item.assigned" and item.assignee_id:
                Watch.draw_in(item, [item.assignee_id], Watch.Why.ASSIGNED)
            if event.action in SAID_TO_FOLLOWERS:
                notices.tell_followers(event, item)


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
