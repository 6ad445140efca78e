"""Take the list of people who have production access at a deployment."""

from django.db import transaction

from audit.actor import Actor
from training.learning.facts import state_training
from training.learning.models import AccessList, Rollout
from training.learning.reading import EMAIL, ListProblems, rows_of

HEADINGS = ("email", "mail", "emailaddress", "user", "username", "login", "upn")


@transaction.atomic
def import_access(rollout: Rollout, content: bytes, *, source: str, by: Actor) -> AccessList:
    """Read a CSV with a column of e-mail addresses and let it take the place of the last list.

    Raises ListProblems naming every row that is none, and takes nothing then.
    """
    rows = rows_of(content)
    heading = next((name for name in HEADINGS if rows and name in rows[0]), None)
    if heading is None:
        raise ListProblems(["The file has no column of e-mail addresses: head it with “email”."])
    problems = [
        f"row {number}: “{row[heading]}” is no e-mail address"
        for number, row in enumerate(rows, start=2)
        if row[heading] and not EMAIL.fullmatch(row[heading])
    ]
    if problems:
        raise ListProblems(problems)
    taken = AccessList.take(rollout, [row[heading] for row in rows], source=source, by=by)
    state_training([rollout.pk])
    return taken
