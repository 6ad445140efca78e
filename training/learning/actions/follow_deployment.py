"""What training does when something happens to a deployment; the event's data says all that is known of it here."""

from datetime import date

from django.db import transaction

from audit.actor import Actor
from audit.models import Event
from tenancy.models import Site
from training.learning.actions.apply_rules import apply_to_rollout, move_due_dates
from training.learning.actions.take_release import announce_release
from training.learning.calendar import organization_today
from training.learning.facts import state_training
from training.learning.models import Rollout

BY = Actor.system("training")


@transaction.atomic
def open_rollout(event: Event) -> Rollout:
    """A deployment was planned: make it known here and assign what the rules in force ask for."""
    rollout = Rollout.introduce(
        event.subject_id,
        title=str(event.data["tool"]),
        tool_version=str(event.data["tool_version"]),
        site=Site.objects.get(pk=event.data["site"]),
        go_live_on=date.fromisoformat(str(event.data["go_live_on"])),
        by=BY,
    )
    apply_to_rollout(rollout, by=BY)
    return rollout


def follow_go_live(event: Event) -> None:
    """Go-live moved: so do the due dates that hang on it."""
    rollout = Rollout.objects.filter(pk=event.subject_id).first()
    if rollout:
        move_due_dates(rollout, date.fromisoformat(str(event.data["after"])), by=BY)


@transaction.atomic
def follow_release(event: Event) -> None:
    """The site uses another version of the tool: its delta modules are assigned, what was for the old one ends."""
    rollout = Rollout.objects.running().filter(pk=event.subject_id).first()
    if rollout and rollout.tool_version != event.data["after"]:
        announce_release(rollout, str(event.data["after"]), organization_today(event.at), by=BY)


@transaction.atomic
def note_live(event: Event) -> None:
    """The deployment went live: keep the day, and state the coverage as it was then."""
    rollout = Rollout.objects.filter(pk=event.subject_id).first()
    if rollout:
        rollout.went_live(organization_today(event.at))
        state_training([rollout.pk])


def close_rollout(event: Event) -> None:
    """The deployment was discontinued."""
    rollout = Rollout.objects.filter(pk=event.subject_id).first()
    if rollout:
        rollout.close(organization_today(event.at), by=BY)
