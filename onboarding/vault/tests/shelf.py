"""What the tests of the vault put into it."""

from datetime import date
from typing import Any

from audit.actor import Actor
from onboarding.vault.files import StoredFile, store
from onboarding.vault.models import Paper
from tenancy.scope import current


def stored(name: str = "assurance report.txt", text: str = "Read and found good.") -> StoredFile:
    """Keep a file in the store of the organization in scope."""
    return store(current().organization_id, name, [text.encode()])


def paper(by: Actor, title: str = "Assurance report", *, approved: bool = True, **details: Any) -> Paper:
    """Put a paper into the vault, approved unless told otherwise."""
    made = Paper.add(stored(text=f"{title}, first version"), by=by, title=title, **details)
    if approved:
        made.approve(by=by)
        made.refresh_from_db()
    return made


def renew(found: Paper, by: Actor, text: str = "Second version", valid_until: date | None = None) -> Paper:
    """Add a version and approve it."""
    found.renew(stored(text=text), by=by, valid_until=valid_until)
    found.approve(by=by)
    found.refresh_from_db()
    return found
