"""Enroll everybody of a list: e-mail, name, job role, site."""

from collections.abc import Callable
from datetime import date

from django.db import transaction

from accounts.models import Membership
from audit.actor import Actor
from tenancy.models import Site
from training.learning.actions.enroll import enroll
from training.learning.calendar import organization_today
from training.learning.models import PlannedEnrollment
from training.learning.reading import EMAIL, ListProblems, rows_of
from training.learning.roles import TITLES

Invite = Callable[[str], None]
"""Invites an address that is not a member; does nothing where an invitation stands."""


@transaction.atomic
def import_people(content: bytes, *, by: Actor, invite: Invite | None = None) -> int:
    """Enroll all rows or none; return how many. Raises ListProblems naming row, column and value of each problem.

    With `invite`, addresses that are not members are invited and enrolled as soon as they join; without it they are
    a problem.
    """
    rows = rows_of(content)
    if not rows:
        raise ListProblems(["The file has headings and no rows."])
    if lacking := [name for name in ("email", "jobrole", "site") if name not in rows[0]]:
        names = {"email": "email", "jobrole": "job role", "site": "site"}
        raise ListProblems([f"The file has no column “{names[name]}”." for name in lacking])
    today = organization_today()
    sites: dict[str, list[Site]] = {}
    for site in Site.objects.open():
        sites.setdefault(site.name.casefold(), []).append(site)
    roles = {_plain(word): key for key, title in TITLES.items() for word in (key, title)}
    emails = {row["email"].lower() for row in rows}
    members = {
        member.user.email: member.user
        for member in Membership.objects.active().filter(user__email__in=emails).select_related("user")
    }
    problems: list[str] = []
    wanted = []
    for number, row in enumerate(rows, start=2):
        email, role = row["email"].lower(), roles.get(_plain(row["jobrole"]))
        there = sites.get(row["site"].casefold(), [])
        started = _day(row.get("startedon", ""), today)
        found = [
            (not EMAIL.fullmatch(email), f"“{row['email']}” is no e-mail address"),
            (
                invite is None and bool(EMAIL.fullmatch(email)) and email not in members,
                f"{email} is not a member here yet: who manages people can invite them",
            ),
            (role is None, f"“{row['jobrole']}” is no job role: {', '.join(TITLES)}"),
            (not there, f"there is no open site “{row['site']}”"),
            (len(there) > 1, f"there are {len(there)} sites called “{row['site']}”: add the person by hand"),
            (started is None, f"“{row.get('startedon')}” is no date like 2026-11-24"),
        ]
        problems += [f"row {number}: {says}" for wrong, says in found if wrong]
        wanted.append((email, role, there, started))
    if problems:
        raise ListProblems(problems)
    invited: set[str] = set()
    for email, role, there, started in wanted:
        assert role is not None
        assert started is not None
        if email in members:
            enroll(members[email], job_role=role, site=there[0], started_on=started, by=by)
            continue
        assert invite is not None
        if email not in invited:
            invited.add(email)
            invite(email)
        PlannedEnrollment.plan(email, job_role=role, site=there[0], started_on=started, by=by)
    return len(wanted)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _day(text: str, default: date) -> date | None:
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
