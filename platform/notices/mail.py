"""What a message says: the subjects as they are now, worst first, as text and HTML."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.utils import formatdate
from typing import Any
from uuid import UUID

from babel.dates import format_skeleton
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import engines
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from accounts.languages import known
from accounts.models import User
from notices import kinds, unsubscribe
from notices.claim import Envelope
from notices.judging import Judgement, today_of
from notices.kinds import Description
from notices.models import Reminder, ReminderPolicy
from notices.returns import HEADER, Copy, return_path
from notices.written import WrittenMessage
from tenancy.models import Organization
from tenancy.scope import current

log = logging.getLogger(__name__)

MOST_LINES = 60
"""A digest names this many subjects and says how many more there are."""


@dataclass(slots=True)
class Line:
    """One subject in a digest."""

    title: str
    detail: str
    address: str
    label: str
    """What stands before it: "3 days late", "Today", "in 4 days"."""
    when: str
    why: str
    days: int | None
    private: bool = False
    """Whether the address proves who holds it."""
    later: str = ""
    """Where it is put off; "" for what cannot be, and for who has no such page."""


@dataclass(slots=True)
class Section:
    """Lines that are equally bad."""

    title: str
    color: str
    tone: str
    """The class that carries its color in the dark."""
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Letter:
    """An envelope with what goes in, and the rows that stay behind, each with the reason."""

    envelope: Envelope
    message: EmailMultiAlternatives | None
    dropped: dict[UUID, str] = field(default_factory=dict)
    withheld: dict[UUID, str] = field(default_factory=dict)
    """Wanted, but the address takes no mail: shown inside the product instead."""
    broken: dict[UUID, str] = field(default_factory=dict)
    titles: dict[UUID, str] = field(default_factory=dict)
    """What each subject is called, for the ledger."""
    sent_to: str = ""
    """Where it went; "" is the person's address."""

    @property
    def wanted(self) -> list[Reminder]:
        """The reminders that go."""
        return [row for row in self.envelope.rows if row.pk not in {*self.broken, *self.dropped, *self.withheld}]


def compose(envelopes: list[Envelope]) -> list[Letter]:
    """Read what the messages need, for all of them together, and write each; a broken one never stops the others.

    Each in its reader's language. Needs the organization's scope.
    """
    by_language: dict[str, list[Envelope]] = defaultdict(list)
    for envelope in envelopes:
        by_language[known(envelope.rows[0].recipient.language)].append(envelope)
    letters = []
    for language, theirs in by_language.items():
        with override(language):
            letters += _compose(theirs)
    return letters


def look_again(letters: Collection[Letter]) -> list[Letter]:
    """Return letters that have not gone yet as they would be composed now; only those are written anew in which a reminder
    is not wanted any more. Needs the organization's scope.
    """
    still = [letter for letter in letters if letter.message]
    judged = Judgement([row for letter in still for row in letter.envelope.rows])
    changed = [letter.envelope for letter in still if judged.left_out(letter.wanted)]
    anew = {letter.envelope.message: letter for letter in compose(changed)}
    return [anew.get(letter.envelope.message, letter) for letter in letters]


def _compose(envelopes: list[Envelope]) -> list[Letter]:
    judged = Judgement([row for envelope in envelopes for row in envelope.rows])
    organization = Organization.objects.get(pk=current().organization_id)
    policy = ReminderPolicy.current()
    waiting = kinds.blocked_by_others({each.rows[0].recipient_id for each in envelopes if not each.apart})
    letters = []
    for envelope in envelopes:
        letter = Letter(envelope, None, titles=judged.titles(envelope.rows))
        for row in envelope.rows:
            if reason := judged.broken.get(row.pk):
                letter.broken[row.pk] = reason
            elif reason := judged.unwanted(row, today_of(row)):
                letter.dropped[row.pk] = reason
            elif reason := judged.kept_back(row):
                letter.withheld[row.pk] = reason
        if letter.wanted:
            try:
                letter.message = _write(envelope, letter.wanted, judged.described, organization, policy, waiting)
            except Exception as error:
                log.exception("the message %s could not be written", envelope.message_id)
                letter.broken |= {row.pk: f"{type(error).__name__}: {error}" for row in letter.wanted}
        letters.append(letter)
    return letters


def load_templates() -> None:
    """Read the templates of messages, once before the processes that write them are forked."""
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    for name in {"notices/mail/digest", *(kind.template for kind in kinds.every())}:
        for ending in ("txt", "html"):
            env.get_template(f"{name}.{ending}")


def _write(
    envelope: Envelope,
    rows: list[Reminder],
    described: dict[UUID, Description],
    organization: Organization,
    policy: ReminderPolicy,
    waiting: Mapping[UUID, int],
) -> EmailMultiAlternatives:
    person = rows[0].recipient
    later = f"{settings.PUBLIC_ADDRESS}/o/{organization.slug}/notices/%s/snooze" if policy.reads_notices(person) else ""
    lines = [_line(row, described[row.pk], later) for row in rows]
    context: dict[str, Any] = {
        "person": person,
        "organization": organization,
        "home": f"{settings.PUBLIC_ADDRESS}/o/{organization.slug}/",
        "settings_address": f"{settings.PUBLIC_ADDRESS}/me/",
        "digest_at": policy.digest_at.strftime("%H:%M"),
        "stop_address": None,
    }
    kind = kinds.find(rows[0].kind)
    if not envelope.apart or kind.digest:
        context["stop_address"] = unsubscribe.link(organization, person.pk)
    if envelope.apart:
        subject = f"{_(kind.title)}: {lines[0].title}"
        template = kind.template
        context |= {
            "kind": kind,
            "line": lines[0],
            "further": described[rows[0].pk].lines,
            "public": settings.PUBLIC_ADDRESS,
        }
    else:
        template = "notices/mail/digest"
        lines = _once(lines)
        sections = _sections(lines)
        subject = _subject(lines)
        context |= {
            "sections": sections,
            "more": max(0, len(lines) - MOST_LINES),
            "waiting": waiting.get(person.pk, 0),
        }
    reply_to = kinds.reply_address(rows[0].kind, person, rows[0].subject_id) if envelope.apart else ""
    context |= {"subject": subject, "reply_to": reply_to}
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    back = return_path(Copy(envelope.message, rows[0].resends, rows[0].organization_id))
    message = WrittenMessage(
        subject=" ".join(subject.split()),
        body=env.get_template(f"{template}.txt").render(context),
        from_email=back or None,  # of the envelope: what cannot be delivered comes back there
        to=[_address(person)],
        reply_to=[reply_to] if reply_to else None,
        headers=_headers(envelope, organization, context["stop_address"], back),
    )
    message.attach_alternative(env.get_template(f"{template}.html").render(context), "text/html")
    return message.write()


def _headers(envelope: Envelope, organization: Organization, stop_address: str | None, back: str) -> dict[str, str]:
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": envelope.message_id,
        "Date": formatdate(),
        "List-Id": f"{' '.join(organization.name.split())} <{organization.slug}.{settings.MESSAGE_ID_DOMAIN}>",
        "Auto-Submitted": "auto-generated",
    }
    if back:
        headers[HEADER] = back.partition("@")[0]
    if "postmark" in settings.MAIL_HOOKS:
        headers["X-PM-Metadata-message-id"] = envelope.message_id[1:].partition("@")[0]  # at most 80 characters
    if stop_address:
        headers |= {"List-Unsubscribe": f"<{stop_address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _address(person: User) -> str:
    return person.email


def _line(row: Reminder, description: Description, later: str) -> Line:
    private = kinds.find(row.kind).private_paths([row.subject_id]).get(row.subject_id)
    days = None if description.due_on is None else (description.due_on - today_of(row)).days
    return Line(
        title=description.title,
        detail=description.detail,
        address=settings.PUBLIC_ADDRESS + (private or description.path),
        label=_label(days),
        when="" if description.due_on is None else _when(description.due_on, days),
        why=_(row.reason),
        days=days,
        private=private is not None,
        later=later % row.pk if later and not row.apart else "",
    )


def _label(days: int | None) -> str:
    if days is None:
        return _("Wanted")
    if days == 0:
        return _("Today")
    if days < 0:
        return ngettext("%(num)s day late", "%(num)s days late", -days) % {"num": -days}
    return _("Tomorrow") if days == 1 else ngettext("In %(num)s day", "In %(num)s days", days) % {"num": days}


def _when(day: date, days: int | None) -> str:
    language = (get_language() or "en").partition("-")[0]
    text = f"{day:%a} {day.day} {day:%b}" if language == "en" else format_skeleton("MMMEd", day, locale=language)
    return _("was %(day)s") % {"day": text} if days is not None and days < 0 else text


def _once(lines: list[Line]) -> list[Line]:
    """One line per subject, the worst first."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for line in sorted(lines, key=lambda line: (line.days is None, line.days or 0, line.title)):
        if (line.title, line.address) not in seen:
            seen.add((line.title, line.address))
            kept.append(line)
    return kept


def _sections(lines: list[Line]) -> list[Section]:
    overdue = Section(_("Overdue"), "#a3231c", "m-late")
    today = Section(_("Today"), "#0a5a80", "m-today")
    soon = Section(_("Soon"), "#1f1c19", "m-text")
    wanted = Section(_("Wanted of you"), "#5b3f9e", "m-wanted")
    for line in lines[:MOST_LINES]:
        if line.days is None:
            wanted.lines.append(line)
        else:
            (overdue if line.days < 0 else today if line.days == 0 else soon).lines.append(line)
    return [section for section in (overdue, today, soon, wanted) if section.lines]


def _subject(lines: list[Line]) -> str:
    """Write "2 overdue, 3 due today"."""
    overdue = sum(line.days is not None and line.days < 0 for line in lines)
    today = sum(line.days == 0 for line in lines)
    rest = len(lines) - overdue - today
    parts = []
    if overdue:
        parts.append(ngettext("%(num)s overdue", "%(num)s overdue", overdue) % {"num": overdue})
    if today:
        parts.append(ngettext("%(num)s due today", "%(num)s due today", today) % {"num": today})
    if rest and not parts:
        parts.append(ngettext("%(num)s coming up", "%(num)s coming up", rest) % {"num": rest})
    return ", ".join(parts)
