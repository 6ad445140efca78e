"""From a due date and the people around it to the reminders that follow: the policy decides, the apps give the facts.

    plan_reminders(item, kind=ITEM_DUE, due_on=item.due_on, zone=site.time_zone, people=[(owner, OWNER), (manager, MANAGER)],
                   by=actor)

Called from the verbs that set or move a due date, and by the nightly sweep, which brings the steps that have come within
the horizon. Calling it again changes nothing. For work that is done: `Reminder.cancel([item.pk], by=actor, reason=...)`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from access.permissions import Role
from accounts.models import User
from audit.actor import Actor
from notices import calendars
from notices.kinds import AHEAD, DUE, EXPIRY, MONTHLY, WEEKLY, Kind
from notices.models import Reminder, ReminderPolicy, Wanted
from notices.models import snooze as snoozes
from notices.models.reminder import due_moment
from notices.reach import FALLS_TO_YOU, Hearers
from notices.rules import Rules
from tenancy.models import Organization
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar

OWNER = "owner"
DEPUTY = "deputy"
BLOCKER = "blocker"
"""Whoever the work waits for. Where there is one, the blocked are left in peace."""
MANAGER = "manager"
SPONSOR = "sponsor"
STAND_IN = "stand-in"
"""Where nobody is left who owns it: the manager, else the organization's implementation managers, else its owners."""
ABOVE = "above"
"""The organization's owners, where what is late goes up and there is no sponsor."""
UP = (MANAGER, SPONSOR)
"""Where late work of a deployment goes, whether or not its team has them."""
DOERS = (OWNER, DEPUTY, BLOCKER, STAND_IN)

ESCALATE_MANAGER = snoozes.ESCALATION + "manager"
ESCALATE_SPONSOR = snoozes.ESCALATION + "sponsor"
LAPSED = "lapsed"
SAID_FOR = timedelta(days=14)
"""What ended is spoken of for this long: its message may wait for its hour, for another day to end elsewhere, or for a mail server."""
HORIZON = timedelta(days=30)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Plan:
    """One subject with a due date, and the people who may have to hear of it, each with their role.

    Without a due date, `raised_on` with the kind's SLA gives one. `terms` are the rules of the playbook's version. For a
    kind that is said before an expiry `due_on` is the last day on which it holds; for a weekly one, the first day.
    """

    subject: models.Model
    kind: Kind
    due_on: date | None
    zone: str
    people: Sequence[tuple[User, str]]
    calendar: WorkingCalendar | None = None
    deployment_id: UUID | None = field(default=None)
    raised_on: date | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    lapses: bool = False
    """Said once more on the day after the last on which it held."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why somebody hears of it, by role, where the ladder's own words do not fit."""
    up: Sequence[str] = ()
    """The roles to which it goes when it is late, so that others stand in where nobody holds one of them."""
    personal: bool = False
    """Nobody else's matter: where the person has left it is over."""

    @property
    def place(self) -> UUID | None:
        """The deployment that it belongs to."""
        return self.deployment_id or getattr(self.subject, "deployment_id", None)


def plan_reminders(
    subject: models.Model,
    *,
    kind: Kind,
    due_on: date | None,
    zone: str,
    people: Sequence[tuple[User, str]],
    by: Actor,
    policy: ReminderPolicy | None = None,
    calendar: WorkingCalendar | None = None,
    deployment_id: UUID | None = None,
) -> None:
    """Bring the reminders of one subject in line with its due date and people; see `plan_many`."""
    plan_many([Plan(subject, kind, due_on, zone, people, calendar, deployment_id)], by=by, policy=policy)


@transaction.atomic
def plan_many(plans: Iterable[Plan], *, by: Actor, policy: ReminderPolicy | None = None) -> None:
    """Write what the policy wants and take back what it no longer wants, in a handful of statements for any number.

    Steps around a due date whose moment has passed are not made up for, and steps beyond the horizon wait for the nightly sweep.
    """
    listed = list(plans)
    policy = policy or ReminderPolicy.current()
    home = Organization.objects.get(pk=current().organization_id)
    now = timezone.now()
    timed = list(_timed(listed, policy, home, now))
    wanted = [each for each, due_at in timed if _comes(each, due_at, now)]
    # What came due and waits for a worker is wanted still, though it would not be planned any more.
    keys = {row.key for each, _due_at in timed for row in Reminder.rows_of(each, policy, home.time_zone)}
    subjects = [plan.subject.pk for plan in listed]
    kinds = {plan.kind.name: plan.kind for plan in listed}
    standing = Reminder.objects.unclaimed().filter(subject_id__in=subjects, kind__in=kinds)
    keep = [row.pk for row in standing if row.key in keys and row.apart == policy.goes_alone(kinds[row.kind])]
    for kind in kinds.values():
        mine = [plan.subject.pk for plan in listed if plan.kind is kind]
        Reminder.cancel(mine, by=by, reason="The date or the people changed.", kind=kind, keep=keep)
    Reminder.schedule(wanted, policy=policy)


def wanted_of(plans: Sequence[Plan], policy: ReminderPolicy, home: Organization, now: datetime) -> Iterator[Wanted]:
    """Yield every reminder that the policy wants for these plans within the horizon: what `plan_many` writes."""
    return (each for each, due_at in _timed(plans, policy, home, now) if _comes(each, due_at, now))


def _comes(wanted: Wanted, due_at: datetime, now: datetime) -> bool:
    """Whether it is still to be said. What lapses is said on its day, also when that is noticed after the hour of digests."""
    return due_at > now or (wanted.kind.ladder not in (DUE, AHEAD) and wanted.on >= now.date())


def _timed(
    plans: Sequence[Plan], policy: ReminderPolicy, home: Organization, now: datetime
) -> Iterator[tuple[Wanted, datetime]]:
    put_off = snoozes.running_of([plan.subject.pk for plan in plans])
    ours = next((plan for plan in plans if plan.calendar is None and plan.kind.ladder in (DUE, AHEAD)), None)
    calendar = calendars.of_the_organization() if ours else WorkingCalendar(home.country)
    for plan in settled(plans):
        rules = policy.rules(plan.terms)
        for each in _with_snooze(_wanted(plan, rules, plan.calendar or calendar, now), put_off):
            _, due_at = due_moment(each.recipient, each.on, policy, plan.zone, home.time_zone)
            if each.on <= (now + HORIZON).date():
                yield each, due_at


def settled(plans: Iterable[Plan]) -> list[Plan]:
    """Return the plans with those who will hear of them: whoever left is left out, and somebody stands in where nobody is left."""
    listed = list(plans)
    hearers = Hearers((person, plan.place) for plan in listed for person, _role in plan.people)
    return [replace(plan, people=_hearing(plan, hearers)) for plan in listed]


def _hearing(plan: Plan, hearers: Hearers) -> list[tuple[User, str]]:
    people = [(person, role) for person, role in plan.people if hearers.hears(person, plan.place)]
    if plan.personal:
        return people
    held = {role for _person, role in people}
    if MANAGER in plan.up and MANAGER not in held:
        people += [(one, MANAGER) for one in hearers.in_charge(Role.IMPLEMENTATION_MANAGER, plan.place)]
    if SPONSOR in plan.up and SPONSOR not in held:
        people += [(one, ABOVE) for one in hearers.in_charge(Role.OWNER, plan.place)]
    if not held & set(DOERS):
        managers = [person for person, role in people if role == MANAGER]
        people += [(one, STAND_IN) for one in managers or hearers.instead(plan.place)]
    return people


def due_by(kind: Kind, raised_on: date, calendar: WorkingCalendar, rules: Rules) -> date | None:
    """Return the last day to answer what was raised on a day: so many working days later; None for a kind without an SLA."""
    days = rules.sla.get(kind.name, kind.sla)
    return None if days is None else calendar.shift(raised_on, days)


def _wanted(plan: Plan, rules: Rules, calendar: WorkingCalendar, now: datetime) -> Iterator[Wanted]:
    due_on = plan.due_on
    if due_on is None and plan.raised_on is not None:
        due_on = due_by(plan.kind, plan.raised_on, calendar, rules)
    if due_on is None:
        return
    if plan.kind.ladder == EXPIRY:
        found = _before_expiry(plan, rules, due_on)
    elif plan.kind.ladder == WEEKLY:
        found = _weekly(plan, due_on, now)
    elif plan.kind.ladder == MONTHLY:
        found = _monthly(plan, due_on, now)
    else:
        found = _around(plan, rules, calendar, due_on)
    for person, step, on, reason in found:
        yield Wanted(
            recipient=person,
            kind=plan.kind,
            subject_type=plan.subject._meta.label_lower,
            subject_id=plan.subject.pk,
            step=step,
            on=on,
            reason=reason,
            zone=plan.zone,
            deployment_id=plan.place,
        )


Step = tuple[User, str, date, str]


def _around(plan: Plan, rules: Rules, calendar: WorkingCalendar, due_on: date) -> Iterator[Step]:
    """Working days around the due date, each person's own: whoever is closed on a day hears on the one before."""
    deadline = calendar.on_or_before(due_on)
    for person, step, shift, reason in _steps(plan, rules):
        if shift > 0 and plan.kind.ladder == AHEAD:
            continue
        theirs = calendar.of_person(person.country, person.region)
        yield person, step, theirs.shift(theirs.on_or_before(deadline), shift), reason


def _before_expiry(plan: Plan, rules: Rules, last_day: date) -> Iterator[Step]:
    """Calendar days before the last valid day, and the day after it where it matters that it lapsed."""
    heard: set[UUID] = set()
    for person, role in plan.people:
        if role in DOERS and person.pk not in heard:
            heard.add(person.pk)
            for days in rules.expiry:
                yield person, f"-{days}", last_day - timedelta(days=days), _why(plan, role)
    if plan.lapses:
        for person in {person.pk: person for person, _role in plan.people}.values():
            role = next(role for other, role in plan.people if other.pk == person.pk)
            yield person, LAPSED, last_day + DAY, _why(plan, role)


def _weekly(plan: Plan, since: date, now: datetime) -> Iterator[Step]:
    """The first day and every seventh after it, as long as it is so."""
    weeks = max(0, (now.date() - since).days // 7 - 1)
    for number in range(weeks, weeks + HORIZON // WEEK + 4):
        for person, role in plan.people:
            yield person, f"+{7 * number}" if number else "0", since + number * WEEK, _why(plan, role)


def _monthly(plan: Plan, since: date, now: datetime) -> Iterator[Step]:
    """The first day of each month, as long as it is so."""
    first = now.date().replace(day=1)
    for _number in range(3):
        if first >= since:
            for person, role in plan.people:
                yield person, f"{first:%Y-%m}", first, _why(plan, role)
        first = (first + timedelta(days=32)).replace(day=1)


def _with_snooze(found: Iterable[Wanted], put_off: Mapping[tuple[UUID, str, UUID], date]) -> Iterator[Wanted]:
    """Leave out what its recipient put off, and say it on the day they chose; what goes up to others stays."""
    again: dict[UUID, Wanted] = {}
    for each in found:
        until = put_off.get((each.recipient.pk, each.kind.name, each.subject_id))
        if until is None or each.step.startswith(snoozes.ESCALATION):
            yield each
            continue
        again.setdefault(each.recipient.pk, replace(each, step=snoozes.STEP, on=until))
        if each.on > until:
            yield each
    yield from again.values()


def _steps(plan: Plan, rules: Rules) -> Iterator[tuple[User, str, int, str]]:
    """Yield person, step, working days from the due date, and why; nobody hears the same step twice."""
    people = plan.people
    blocked = any(role == BLOCKER for _, role in people)
    heard: set[tuple[object, int]] = set()
    for person, role in people:
        if role in DOERS and not (blocked and role in (OWNER, DEPUTY)):
            for shift in rules.ladder:
                if (person.pk, shift) not in heard:
                    heard.add((person.pk, shift))
                    yield person, f"{shift:+d}" if shift else "0", shift, _why(plan, role)
    for role, step, shift in (
        (MANAGER, ESCALATE_MANAGER, rules.manager_after),
        (SPONSOR, ESCALATE_SPONSOR, rules.sponsor_after),
        (ABOVE, ESCALATE_SPONSOR, rules.sponsor_after),
    ):
        for person, theirs in people:
            if theirs == role and (person.pk, shift) not in heard:
                heard.add((person.pk, shift))
                yield person, step, shift, _why(plan, role)


def _why(plan: Plan, role: str) -> str:
    """Kept in English, and read in the language of whoever is told."""
    return (
        plan.reasons.get(role)
        or {
            OWNER: _("You own it."),
            DEPUTY: _("You are the owner's deputy."),
            BLOCKER: _("It waits for you."),
            MANAGER: _("You are the implementation manager, and it is late."),
            SPONSOR: _("You are the sponsor, and it is late."),
            STAND_IN: FALLS_TO_YOU,
            ABOVE: _("It is late, and there is no sponsor."),
        }[role]
    )
