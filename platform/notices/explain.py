"""Why somebody got a message, or none: the rows of the ledger first, then what holds for the person, each read by the
code that plans and sends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Seat, User
from notices import ladder, planners, reach, times
from notices.channels import CHANNELS, IN_APP, MAIL, PUSH
from notices.described import named
from notices.kinds import Kind
from notices.models import DigestChoice, MessageEvent, Reminder, ReminderPolicy, Suppression
from notices.models import snooze as snoozes
from notices.models.message_event import Outcome
from notices.models.reminder import OPEN, State
from tenancy.models import Organization
from tenancy.scope import current

LOOKED_AT = 300
MOST_DAYS = 6
BACK = (Outcome.BOUNCED, Outcome.SOFT_BOUNCED, Outcome.COMPLAINED, Outcome.DELIVERED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that explains it."""

    look: str
    """A key of the status table."""
    word: str
    sentence: str
    title: str = ""
    row: Reminder | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The answers about one thing, or about everything."""

    title: str
    answers: list[Answer]


MOST_GROUPS = 8
IN_WORDS = {ladder.STAND_IN: "in the owner’s place", ladder.ABOVE: "in the sponsor’s place, when it is late"}
"""Who stands in, as one says it."""


def asked(person: User, day: date, about: str) -> list[Group]:
    """Return the answers about what is called so (part of a name, or an id); about everything where nothing is named."""
    if not about:
        return [Group("", explain(person, day))]
    try:
        named_subjects = {UUID(about): ""}
    except ValueError:
        named_subjects = _called(person, about)
    return [Group(title, explain(person, day, pk)) for pk, title in list(named_subjects.items())[:MOST_GROUPS]]


def _called(person: User, words: str) -> dict[UUID, str]:
    """Return what was or will be said to the person under such a name, newest first."""
    rows = Reminder.objects.filter(recipient=person).order_by("-due_at", "-pk")[:LOOKED_AT]
    found: dict[UUID, str] = {}
    for row, _about, title in named(list(rows)):
        if words.casefold() in title.casefold():
            found.setdefault(row.subject_id, title)
    by_kind: dict[Kind, set[UUID]] = {}
    for plan in planners.everything():
        by_kind.setdefault(plan.kind, set()).add(plan.subject.pk)
    for kind, subjects in by_kind.items():
        for pk, about in kind.describe(subjects).items():
            if words.casefold() in str(about.title).casefold():
                found.setdefault(pk, str(about.title))
    return found


def explain(person: User, day: date, subject: UUID | None = None) -> list[Answer]:
    """Return why the person got what they got for a day, about one subject or about everything; needs the scope."""
    rows = Reminder.objects.filter(recipient=person).select_related("recipient")
    if subject:
        rows = rows.filter(subject_id=subject)
    listed = list(rows.filter(_for_day(person, day)).order_by("due_at", "pk"))
    answers = [_of_row(row, title) for row, _about, title in named(listed)]
    return [*answers, *_of_person(person, day), *_around(person, day, subject, found=bool(answers))]


def _for_day(person: User, day: date) -> Q:
    """What was for that day, or went out on it."""
    zone = times.zone_of(person.time_zone, _home().time_zone)
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    return Q(on=day) | Q(sent_at__gte=begins, sent_at__lt=begins + timedelta(days=1))


def _of_row(row: Reminder, title: str) -> Answer:
    look, word, sentence = {
        State.SENT: _sent,
        State.DUE: _waits,
        State.SENDING: _sending,
        State.FAILED: _failed,
        State.CANCELLED: _cancelled,
        State.WITHHELD: _withheld,
    }[State(row.state)](row)
    return Answer(look, word, sentence, title, row)


def _sent(row: Reminder) -> tuple[str, str, str]:
    assert row.sent_at
    assert row.message
    if row.channel == IN_APP:
        aside = f", and was put aside at {_at(row, row.read_at)}" if row.read_at else ""
        return "done", "In Causeway", f"It arrived under Notices at {_at(row, row.sent_at)}{aside}."
    if row.channel != MAIL:
        return (
            "done",
            "Sent",
            f"It went another way, {_way(row)}, at {_at(row, row.sent_at)}{_to(row)}.",
        )
    how = "alone" if row.apart else "in the digest"
    said = f"It went out {how} at {_at(row, row.sent_at)} to {row.sent_to or row.recipient.email}, {row.message_id}."
    heard = MessageEvent.objects.of_message(row.message).filter(outcome__in=BACK).last()
    if heard:
        said += f" Since then: {heard.get_outcome_display().lower()} ({_at(row, heard.at)})."
    return "done", "Sent", said


def _waits(row: Reminder) -> tuple[str, str, str]:
    if row.message:
        carrier = Reminder.objects.in_message(row.message).exclude(next_at=None).order_by("next_at").first()
        again = f"; it is tried again at {_at(row, carrier.next_at)}" if carrier and carrier.next_at else ""
        who = "mail server" if row.channel == MAIL else "receiver"
        return "waiting", "Waits", f"The {who} did not take it: {row.last_error or 'no answer'}{again}."
    assert row.next_at
    if row.channel != MAIL:
        return "later", "Planned", f"It goes another way, {_way(row)}, at {_at(row, row.next_at)}."
    if row.next_at > row.due_at and not row.apart:
        return (
            "waiting",
            "Waits",
            f"The digest of that day had gone before it was due; the next one is at {_at(row, row.next_at)}.",
        )
    policy = ReminderPolicy.current()
    zone = times.zone_of(row.time_zone)
    plain = times.moment(row.on, policy.digest_at, zone)
    why = "after the quiet hours" if row.due_at > plain else "with the digest" if not row.apart else "by itself"
    if row.due_at > timezone.now():
        return "later", "Planned", f"It goes out {why} at {_at(row, row.due_at)}."
    return (
        "waiting",
        "Waits",
        f"It was due at {_at(row, row.due_at)} and waits for a worker; the sweep looks every few seconds.",
    )


def _way(row: Reminder) -> str:
    name = CHANNELS[row.channel]
    return f"{name[0].lower()}{name[1:]}"


def _to(row: Reminder) -> str:
    return f" to {row.sent_to}" if row.channel == PUSH and row.sent_to else ""


def _sending(row: Reminder) -> tuple[str, str, str]:
    return "in_progress", "Sending", "A worker has it in its hands now."


def _failed(row: Reminder) -> tuple[str, str, str]:
    tries = f"after {row.attempt} tries" if row.attempt != 1 else "at the first try"
    return "failed", "Failed", f"It could not be delivered {tries}: {row.last_error or 'no reason was given'}."


def _cancelled(row: Reminder) -> tuple[str, str, str]:
    return "not_needed", "Taken back", row.last_error or "It was no longer needed."


def _withheld(row: Reminder) -> tuple[str, str, str]:
    return "at_risk", "Not sent", f"{row.last_error} It stands under Notices instead."


def _of_person(person: User, day: date) -> Iterator[Answer]:
    """Say what keeps mail from the person whatever it is about."""
    if not person.is_active:
        yield Answer("blocked", "No access", "The person's account is switched off, so nothing is sent.")
    elif not Seat.here([person.pk]) and not reach.with_a_share(person.pk).exists():
        yield Answer(
            "blocked",
            "No role",
            "The person does not belong to this organization, and no deployment is shared with theirs.",
        )
    for stopped in Suppression.standing_for([person.pk]).get(person.pk, []):
        yield Answer("at_risk", "Address takes no mail", f"{stopped.sentence} What is kept back stands under Notices.")
    choice = DigestChoice.objects.filter(user=person).first()
    if choice and not choice.wants(day):
        until = f"paused it until {_on(choice.paused_until)}" if choice.paused_until else "stopped it"
        yield Answer("not_needed", "No digest", f"The person {until}; only what cannot wait is mailed.")


def _around(person: User, day: date, subject: UUID | None, *, found: bool) -> Iterator[Answer]:
    """Where nothing is planned for the day: the nearest days on which something is."""
    if subject and (planned := list(_planned(person, day, subject, found=found))):
        yield from planned
        return
    if found:
        return
    rows = Reminder.objects.filter(recipient=person)
    rows = rows.filter(subject_id=subject) if subject else rows
    before = rows.filter(on__lt=day, state=State.SENT).order_by("-on").first()
    after = rows.filter(on__gt=day, state__in=OPEN).order_by("on").first()
    said = "Nothing was due for this person on that day."
    if before:
        said += f" The last message before was for {_on(before.on)}."
    if after:
        said += f" The next is planned for {_on(after.on)}."
    yield Answer("later", "Not due", said)


def _planned(person: User, day: date, subject: UUID, *, found: bool) -> Iterator[Answer]:
    """Say what the planner wants for the person about one subject: the same plans and steps that it writes."""
    policy, home, now = ReminderPolicy.current(), _home(), timezone.now()
    put_off = snoozes.running_of([subject])
    for plan in ladder.settled(each for each in planners.everything() if each.subject.pk == subject):
        roles = {role for one, role in plan.people if one.pk == person.pk}
        blockers = [str(one) for one, role in plan.people if role == ladder.BLOCKER]
        until = put_off.get((person.pk, plan.kind.name, subject))
        if until:
            yield Answer(
                "waiting", "Put off", f"The person put it off until {_on(until)}; what goes up to others still goes."
            )
        if MAIL not in policy.channels_of(plan.kind):
            ways = ", ".join(CHANNELS[way] for way in policy.channels_of(plan.kind))
            yield Answer("not_needed", "Not by mail", f"The policy sends this kind another way: {ways}.")
        if blockers and not roles - {ladder.OWNER, ladder.DEPUTY}:
            waits = f"It waits for {', '.join(blockers)}, who hears of it instead of its owner."
            yield Answer("blocked", "Blocked by others", waits)
        elif not roles:
            yield Answer("not_needed", "No role", f"The person has no role in it. Who hears of it: {_who(plan)}.")
        elif not found:
            days = sorted(
                {each.on for each in ladder.wanted_of([plan], policy, home, now) if each.recipient.pk == person.pk}
            )
            if day in days:
                yield Answer("later", "Planned", "It is said on that day; the row is written with the next planning.")
            else:
                yield Answer("later", "Not due", f"Nothing is said about it on that day. {_coming(days, plan)}")


def _coming(days: list[date], plan: ladder.Plan) -> str:
    if days:
        return f"The person hears of it on {', '.join(_on(one) for one in days[:MOST_DAYS])}."
    if plan.due_on is None and plan.raised_on is None:
        return "It has no due date, so nothing is planned."
    return f"No step of the policy lies ahead within {ladder.HORIZON.days} days (due {_on(plan.due_on)})."


def _who(plan: ladder.Plan) -> str:
    return ", ".join(f"{one} ({IN_WORDS.get(role, role)})" for one, role in plan.people) or "nobody"


def _at(row: Reminder, moment: datetime) -> str:
    local = moment.astimezone(times.zone_of(row.time_zone))
    return f"{local:%-d %b %Y, %H:%M} ({local.tzname()})"


def _on(day: date | None) -> str:
    return f"{day:%a %-d %b %Y}" if day else "–"


def _home() -> Organization:
    return Organization.objects.get(pk=current().organization_id)
