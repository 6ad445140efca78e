"""What deployments remind people of. The blocker is reminded, never the blocked."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from access.permissions import Permission, Role
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from notices import forecast, planners
from notices.kinds import WEEKLY, Description, kind, waiting_for_others
from notices.ladder import BLOCKER, DEPUTY, MANAGER, OWNER, SPONSOR, UP, Plan, plan_many
from notices.models import Reminder
from notices.once import say_once
from notices.planners import SAYINGS, planner
from onboarding.deployments.models import Comment, Deployment, Item, ItemDependency, TeamRole, Watch
from onboarding.deployments.models.calendar import ClosedDay, working_calendars
from onboarding.deployments.models.item import ItemQuerySet
from onboarding.playbooks.models import PlaybookVersion
from tenancy.models import Organization
from web.language import named

MANAGER_ROLE, SPONSOR_ROLE, CHAMPION_ROLE = "IM", "EXS", "CHM"
RELATED = ("deployment__site", "deployment__tool_version__tool", "assignee")
HOLIDAYS = timedelta(days=14)
"""Public holidays and weekends at the ends: by how much a ladder of working days is longer than so many weeks, at most."""
DONE = "The item is done, or waits for a review."


def describe_items(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe items that are still to be done."""
    going = [Item.State.TODO, Item.State.IN_PROGRESS, Item.State.BLOCKED]
    waits_for = open_predecessors(ids)
    return {item.pk: _describe(item, waits_for.get(item.pk, ())) for item in _items(ids).filter(state__in=going)}


def describe_reviews(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe items that still wait for somebody to accept them."""
    return {item.pk: _describe(item) for item in _items(ids).filter(state=Item.State.IN_REVIEW)}


def describe_comments(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe remarks by their item; the words themselves stay inside the product."""
    found = Comment.objects.filter(pk__in=ids).select_related("item", *(f"item__{name}" for name in RELATED))
    return {
        one.pk: Description(
            named("You were named on #%(number)s %(item)s", number=one.item.number, item=one.item.title),
            _place(one.item),
            _path(one.item),
        )
        for one in found
    }


def describe_vacancies(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe team roles that are still vacant."""
    found = (
        TeamRole.objects.vacant()
        .filter(pk__in=ids)
        .select_related("deployment__site", "deployment__tool_version__tool")
    )
    slug = Organization.slug_in_scope()
    return {
        role.pk: Description(
            named("%(role)s is vacant", role=role.title),
            str(role.deployment),
            reverse("org:deployments:team", kwargs={"org": slug, "deployment": role.deployment_id}),
        )
        for role in found
    }


def describe_events(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe what happened on items that are followed; the words of a remark stay inside the product."""
    events = list(Event.objects.filter(pk__in=ids))
    wanted = {event.data.get("item") or event.subject_id for event in events}
    items = {str(item.pk): item for item in _items(list(wanted))}
    names = dict(User.objects.filter(pk__in={event.actor_id for event in events}).values_list("pk", "name"))
    described = {}
    for event in events:
        item = items.get(str(event.data.get("item") or event.subject_id))
        if item:
            who = (names.get(event.actor_id) if event.actor_id else "") or "Causeway"
            described[event.pk] = Description(f"{who} {event.sentence}", _place(item), _path(item))
    return described


ITEM_DUE = kind("deployments.item_due", "An item is due", describe=describe_items)
REVIEW_WANTED = kind("deployments.review_wanted", "An item wants your acceptance", describe=describe_reviews)
MENTION = kind("deployments.mention", "You were named in a comment", describe=describe_comments, apart=True)
ANSWERED = kind("deployments.answered", "An answer in your conversation", describe=describe_events, apart=True)
FOLLOWED = kind("deployments.followed", "Something you follow has changed", describe=describe_events)
CHAMPION_VACANT = kind(
    "deployments.champion_vacant", "A clinical champion is missing", describe=describe_vacancies, ladder=WEEKLY
)


def plan_items(items: Iterable[Item], *, by: Actor) -> int:
    """Bring the reminders of these items in line with their state, due date and people; return how many are still due."""
    rows = list(items)
    plans = plans_of(rows)
    going = {plan.subject.pk for plan in plans}
    finished = [row.pk for row in rows if row.pk not in going]
    if finished:
        Reminder.cancel(finished, by=by, reason=DONE, kind=ITEM_DUE)
    plan_many(plans, by=by)
    return len(plans)


def plans_of(items: Iterable[Item]) -> list[Plan]:
    """Return the plans of those that are still to be done, in a handful of statements for any number.

    Whoever an item is blocked by, or whoever holds up what it waits for, hears of it instead of its owner. A vacant role's
    reminders go to the implementation manager.
    """
    going = [row for row in items if row.state in (Item.State.TODO, Item.State.IN_PROGRESS, Item.State.BLOCKED)]
    teams = teams_of({row.deployment_id for row in going})
    calendars = working_calendars({row.deployment.site_id: row.deployment.site for row in going}.values())
    terms = terms_of({row.deployment_id for row in going})
    waits_for = open_predecessors([row.pk for row in going])
    return [
        Plan(
            row,
            ITEM_DUE,
            row.due_on,
            row.deployment.site.time_zone,
            people_of(row, teams.get(row.deployment_id, {}), waits_for.get(row.pk, ())),
            calendars[row.deployment.site_id],
            row.deployment_id,
            terms=terms.get(row.deployment_id, {}),
            up=UP,
        )
        for row in going
    ]


@planner(ITEM_DUE)
def items_due() -> Iterable[Plan]:
    """Open items of running deployments of which something may be said before the preview ends."""
    soon = timezone.localdate() + _reach() + forecast.AHEAD
    running = Deployment.objects.running().values("pk")
    items = Item.objects.filter(deployment__in=running, due_on__lte=soon).open().order_by("deployment_id", "pk")
    return plans_of(items.select_related(*RELATED))


def _reach() -> timedelta:
    """Return how long before its due date an item may be spoken of: the farthest step, and every day that is no working day."""
    closed = ClosedDay.objects.filter(day__gte=timezone.localdate()).values("day").distinct().count()
    return timedelta(days=-(-planners.farthest_ahead() * 7 // 5) + closed) + HOLIDAYS


def teams_of(deployments: Collection[UUID]) -> dict[UUID, dict[str, TeamRole]]:
    """Return the team of each deployment, by role."""
    teams: dict[UUID, dict[str, TeamRole]] = {}
    for role in TeamRole.objects.filter(deployment_id__in=deployments).select_related("person", "deputy"):
        teams.setdefault(role.deployment_id, {})[role.code] = role
    return teams


def terms_of(deployments: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what each deployment's version of its playbook says about reminders."""
    rows = Deployment.objects.filter(pk__in=deployments).values_list("pk", "playbook_version__content__reminders")
    return {pk: terms or {} for pk, terms in rows}


def said_by_playbooks() -> list[tuple[str, dict[str, Any]]]:
    """Return the playbook versions of running deployments that say something about reminders, by title."""
    used = Deployment.objects.running().values("playbook_version")
    versions = PlaybookVersion.objects.filter(pk__in=used, content__has_key="reminders")
    rows = versions.values_list("playbook__title", "version", "content__reminders")
    return sorted((f"{title} {version}", terms) for title, version, terms in rows if terms)


SAYINGS.append(said_by_playbooks)


def open_predecessors(items: Collection[UUID]) -> dict[UUID, list[Item]]:
    """Return what each of these items waits for and is not done yet."""
    found: dict[UUID, list[Item]] = {}
    waiting = ItemDependency.objects.filter(item_id__in=items).exclude(predecessor__state__in=Item.HOLDS)
    for one in waiting.select_related("predecessor__assignee").order_by("predecessor__number"):
        found.setdefault(one.item_id, []).append(one.predecessor)
    return found


def people_of(item: Item, team: dict[str, TeamRole], waits_for: Iterable[Item] = ()) -> list[tuple[User, str]]:
    """Return who hears of an item, and as what; `waits_for`: what must be done before it."""

    def holder(code: str) -> User | None:
        role = team.get(code)
        return role.person if role else None

    def owner_of(one: Item) -> User | None:
        return one.assignee or holder(one.owner) or manager

    manager, sponsor = holder(MANAGER_ROLE), holder(SPONSOR_ROLE)
    people: list[tuple[User | None, str]] = [(manager, MANAGER), (sponsor, SPONSOR)]
    if item.state == Item.State.BLOCKED:
        return _known([(holder(item.blocked_by_role) or manager, BLOCKER), *people])
    blockers = [manager if one.state == Item.State.IN_REVIEW else owner_of(one) for one in waits_for]
    if any(blockers):
        return _known([*((one, BLOCKER) for one in blockers), *people])
    deputy = team[item.owner].deputy if item.owner in team else None
    return _known([(owner_of(item), OWNER), (deputy, DEPUTY), *people])


@waiting_for_others
def count_blocked(people: Collection[UUID]) -> dict[UUID, int]:
    """Count the items of running deployments that these people own and that wait for somebody else."""
    blocked = Item.objects.filter(state=Item.State.BLOCKED, deployment__in=Deployment.objects.running())
    roles = TeamRole.objects.filter(deployment__in=blocked.values("deployment_id"), person__isnull=False)
    holders = {(role.deployment_id, role.code): role.person_id for role in roles}
    counted: Counter[UUID] = Counter()
    for item in blocked.only("deployment_id", "owner", "assignee_id", "blocked_by_role"):
        owner = item.assignee_id or holders.get((item.deployment_id, item.owner))
        if owner is not None and owner in people and holders.get((item.deployment_id, item.blocked_by_role)) != owner:
            counted[owner] += 1
    return dict(counted)


def ask_for_review(item: Item) -> None:
    """Ask the team's managers, or else the organization's, to accept an item."""
    say_once(
        REVIEW_WANTED,
        item,
        managers_of(item.deployment_id),
        gettext_noop("It waits for your acceptance."),
        deployment_id=item.deployment_id,
        stand_in=True,
    )


def tell_mentioned(comment: Comment) -> None:
    """Tell those who were named, but not whoever wrote it."""
    named = User.objects.filter(pk__in=comment.mentions).exclude(pk=comment.author_id)
    say_once(MENTION, comment, named, gettext_noop("You were named with @."), deployment_id=comment.deployment_id)


def tell_followers(event: Event, item: Item, comment: Comment | None = None) -> None:
    """Tell who follows the item or its deployment, but not whoever did it nor who was named anyway.

    Those in the conversation hear of an answer at once, everybody else in the day's digest. An internal remark is said to
    nobody but the host's own people who may read such.
    """
    left_out = {event.actor_id, *(comment.mentions if comment else ())}
    watches = {
        one.user_id: one
        for one in Watch.objects.on(item).select_related("user").order_by(F("item_id").asc(nulls_first=True))
    }
    if comment and comment.internal:
        insiders = Membership.objects.active().filter(user_id__in=list(watches))
        may = {member.user_id for member in insiders if Permission.COMMENT_INTERNAL in member.permissions}
        watches = {user: one for user, one in watches.items() if user in may}
    for user, watch in watches.items():
        if user in left_out:
            continue
        talks = comment is not None and watch.why in Watch.IN_CONVERSATION
        reason = str(Watch.Why(watch.why).label)
        say_once(ANSWERED if talks else FOLLOWED, event, [watch.user], reason, deployment_id=item.deployment_id)


def champion_missing(role: TeamRole) -> None:
    """Ask for a new champion at once; the planner asks again every week."""
    say_once(
        CHAMPION_VACANT,
        role,
        managers_of(role.deployment_id),
        gettext_noop("You run the deployment."),
        deployment_id=role.deployment_id,
        stand_in=True,
    )


@planner(CHAMPION_VACANT)
def champions_missing() -> Iterable[Plan]:
    """Deployments that want a champion."""
    roles = TeamRole.objects.vacant().filter(code=CHAMPION_ROLE, vacant_since__isnull=False)
    roles = roles.exclude(deployment__state=Deployment.State.DISCONTINUED)
    return [_vacancy(role) for role in roles.select_related("deployment__site").order_by("pk")]


def _vacancy(role: TeamRole) -> Plan:
    people = [(person, OWNER) for person in managers_of(role.deployment_id)]
    reasons = {OWNER: gettext_noop("You run the deployment.")}
    zone = role.deployment.site.time_zone
    return Plan(role, CHAMPION_VACANT, role.vacant_since, zone, people, None, role.deployment_id, reasons=reasons)


def managers_of(deployment_id: UUID) -> list[User]:
    """Return who runs a deployment: the team's manager, or else the organization's that reach the site."""
    role = TeamRole.objects.filter(deployment_id=deployment_id, code=MANAGER_ROLE).select_related("person").first()
    if role and role.person:
        return [role.person]
    site = Deployment.objects.values_list("site_id", flat=True).get(pk=deployment_id)
    members = Membership.objects.active().reaching([site]).with_role(Role.IMPLEMENTATION_MANAGER).select_related("user")
    return [member.user for member in members.order_by("user_id")]


def _known(people: list[tuple[User | None, str]]) -> list[tuple[User, str]]:
    return [(person, role) for person, role in people if person is not None]


def _items(ids: Collection[UUID]) -> ItemQuerySet:
    return Item.objects.filter(pk__in=ids).select_related(*RELATED)


def _describe(item: Item, waits_for: Iterable[Item] = ()) -> Description:
    listed = list(waits_for)
    more = f" +{len(listed) - 1}" if len(listed) > 1 else ""  # one line of a mail, whatever the plan
    before = f"#{listed[0].number} {listed[0].title}{more}" if listed else ""
    detail = named("%(place)s · waits for %(items)s", place=_place(item), items=before) if before else _place(item)
    return Description(item.title, detail, _path(item), item.due_on)


def _place(item: Item) -> str:
    return f"#{item.number} · {item.deployment}"


def _path(item: Item) -> str:
    return reverse(
        "org:deployments:item",
        kwargs={"org": Organization.slug_in_scope(), "deployment": item.deployment_id, "item": item.number},
    )
