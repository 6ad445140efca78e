"""What waits for somebody's answer and has no due date of its own: an approval, an acceptance, a question in a remark.

The policy says in how many working days each is answered (its SLA); the ladder runs around the day that follows, and what is
late goes up. The first word was said at once by `notices` and `approvals`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.models import Event
from notices import times
from notices.kinds import Description, Kind, kind
from notices.ladder import MANAGER, OWNER, SPONSOR, UP, Plan, due_by
from notices.models import ReminderPolicy
from notices.planners import planner
from onboarding.deployments.models import ApprovalRequest, Comment, Deployment, Item, TeamRole
from onboarding.deployments.models.calendar import working_calendars
from onboarding.deployments.notices import MANAGER_ROLE, RELATED, SPONSOR_ROLE, managers_of, teams_of, terms_of
from tenancy.models import Organization
from tenancy.working_days import WorkingCalendar
from web.language import named

ASKED_WITHIN = timedelta(days=90)
"""What nobody answered for longer is left to the item's own reminders."""


def describe_reviews(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe items that still wait to be accepted."""
    items = list(_in_review().filter(pk__in=ids))
    raised = _raised(items)
    return _described(REVIEW_DUE, [(item, item, raised[item.pk], item.title) for item in items if item.pk in raised])


def describe_approvals(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe requests that nobody answered."""
    found = _asked().filter(pk__in=ids)
    return _described(
        APPROVAL_DUE,
        [
            (one, one.item, _day_at(one.item, one.asked_at), named("%(person)s asks you", person=str(one.asked_by)))
            for one in found
        ],
    )


def describe_questions(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe remarks that name somebody who has said nothing since; the words stay inside the product."""
    rows = [one for one in _questions().filter(pk__in=ids) if unanswered([one])[one.pk]]
    return _described(
        QUESTION_DUE,
        [
            (one, one.item, _day_at(one.item, one.at), named("%(person)s asks on this item", person=str(one.author)))
            for one in rows
        ],
    )


REVIEW_DUE = kind("deployments.review_due", "An acceptance is due", describe=describe_reviews, sla=3)
APPROVAL_DUE = kind("deployments.approval_due", "An approval is due", describe=describe_approvals, sla=3)
QUESTION_DUE = kind("deployments.question_due", "A question waits for your answer", describe=describe_questions, sla=2)


@planner(REVIEW_DUE)
def reviews() -> Iterable[Plan]:
    """Items in review, from the day on which they were handed in: the manager accepts, the sponsor hears when it is late."""
    items = list(_in_review())
    raised = _raised(items)
    reasons = {OWNER: gettext_noop("It waits for your acceptance.")}

    def people(item: Item, team: dict[str, TeamRole]) -> list[tuple[User | None, str]]:
        held = _holder(team, MANAGER_ROLE)
        owners = [held] if held else managers_of(item.deployment_id)
        return [*((one, OWNER) for one in owners), (_holder(team, SPONSOR_ROLE), SPONSOR)]

    asked = [(item, item, raised[item.pk], reasons, people) for item in items if item.pk in raised]
    return _plans(REVIEW_DUE, asked, up=(SPONSOR,))


@planner(APPROVAL_DUE)
def approvals() -> Iterable[Plan]:
    """Requests for an approval, from the day of the question."""
    reasons = {OWNER: gettext_noop("Your approval is asked for.")}

    def people(one: ApprovalRequest, team: dict[str, TeamRole]) -> list[tuple[User | None, str]]:
        return [(one.person, OWNER), (_holder(team, MANAGER_ROLE), MANAGER), (_holder(team, SPONSOR_ROLE), SPONSOR)]

    asked = [(one, one.item, _day_at(one.item, one.asked_at), reasons, people) for one in _asked()]
    return _plans(APPROVAL_DUE, asked, up=UP, personal=True)


@planner(QUESTION_DUE)
def questions() -> Iterable[Plan]:
    """Remarks that name somebody, until they say something on the item."""
    rows = list(_questions())
    silent = unanswered(rows)
    users = {user.pk: user for user in User.objects.filter(pk__in={one for some in silent.values() for one in some})}
    reasons = {OWNER: gettext_noop("You were named with @.")}

    def people(one: Comment, team: dict[str, TeamRole]) -> list[tuple[User | None, str]]:
        named_ones: list[tuple[User | None, str]] = [(users.get(user), OWNER) for user in silent[one.pk]]
        return [*named_ones, (_holder(team, MANAGER_ROLE), MANAGER)]

    asked = [(one, one.item, _day_at(one.item, one.at), reasons, people) for one in rows if silent[one.pk]]
    return _plans(QUESTION_DUE, asked, up=(MANAGER,), personal=True)


def unanswered(comments: Collection[Comment]) -> dict[UUID, list[UUID]]:
    """Return, for each remark, who was named in it and has said nothing on the item since; one statement."""
    items = {one.item_id for one in comments}
    last = {
        (item, author): at
        for item, author, at in Comment.objects.filter(item__in=items)
        .values("item", "author")
        .annotate(last=Max("at"))
        .order_by()
        .values_list("item", "author", "last")
    }
    return {
        one.pk: [
            user
            for user in one.mentions
            if user != one.author_id and not ((one.item_id, user) in last and last[one.item_id, user] > one.at)
        ]
        for one in comments
    }


def _in_review() -> Any:
    running = Deployment.objects.running().values("pk")
    found = Item.objects.filter(deployment__in=running, state=Item.State.IN_REVIEW)
    return found.select_related(*RELATED).order_by("pk")


def _asked() -> Any:
    since = timezone.now() - ASKED_WITHIN
    found = ApprovalRequest.objects.filter(state="asked", asked_at__gt=since, item__state=Item.State.IN_REVIEW)
    return found.with_item().order_by("pk")


def _questions() -> Any:
    since = timezone.now() - ASKED_WITHIN
    found = Comment.objects.filter(at__gt=since, item__state__in=Item.OPEN).exclude(mentions=[])
    related = ("author", "deployment__site", *(f"item__{name}" for name in RELATED))
    return found.select_related(*related).order_by("pk")


def _raised(items: Collection[Item]) -> dict[UUID, date]:
    """Return the day on which each item was handed in last."""
    by_pk = {item.pk: item for item in items}
    said = Event.objects.filter(action="item.submitted", subject_id__in=by_pk)
    last = said.values("subject_id").annotate(last=Max("at")).order_by().values_list("subject_id", "last")
    return {pk: _day_at(by_pk[pk], at) for pk, at in last}


def _day_at(item: Item, moment: datetime) -> date:
    return times.day_at(moment, item.deployment.site.time_zone)


def _plans(
    what: Kind,
    asked: Collection[tuple[Any, Item, date, dict[str, str], Any]],
    *,
    up: Sequence[str],
    personal: bool = False,
) -> list[Plan]:
    deployments = {item.deployment_id for _, item, _, _, _ in asked}
    teams, terms = teams_of(deployments), terms_of(deployments)
    calendars = _calendars([item for _, item, _, _, _ in asked])
    return [
        Plan(
            subject,
            what,
            None,
            item.deployment.site.time_zone,
            [(one, role) for one, role in people(subject, teams.get(item.deployment_id, {})) if one is not None],
            calendars[item.deployment_id],
            item.deployment_id,
            raised_on=raised_on,
            terms=terms.get(item.deployment_id, {}),
            reasons=reasons,
            up=up,
            personal=personal,
        )
        for subject, item, raised_on, reasons, people in asked
    ]


def _described(what: Kind, asked: Collection[tuple[Any, Item, date, str]]) -> dict[UUID, Description]:
    slug = Organization.slug_in_scope()
    terms = terms_of({item.deployment_id for _, item, _, _ in asked})
    calendars, policy = _calendars([item for _, item, _, _ in asked]), ReminderPolicy.current()
    return {
        subject.pk: Description(
            title,
            f"#{item.number} {item.title} · {item.deployment}",
            reverse(
                "org:deployments:item",
                kwargs={"org": slug, "deployment": item.deployment_id, "item": item.number},
            ),
            due_by(what, raised_on, calendars[item.deployment_id], policy.rules(terms.get(item.deployment_id))),
        )
        for subject, item, raised_on, title in asked
    }


def _calendars(items: Collection[Item]) -> dict[UUID, WorkingCalendar]:
    by_site = working_calendars(item.deployment.site for item in items)
    return {item.deployment_id: by_site[item.deployment.site_id] for item in items}


def _holder(team: dict[str, TeamRole], code: str) -> User | None:
    return team[code].person if code in team else None
