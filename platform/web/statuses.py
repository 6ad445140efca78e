"""The status table: one word, one shape and one colour for each state of any object (GUIDE section 5).

Domains call `status("in_review")` or give their own word: `status("overdue", "Overdue 13 d")`.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Status:
    """How a state looks: `tone` is the colour (`data-s`), `icon` the shape, `word` what is read."""

    word: str
    icon: str
    tone: str


STATUSES: dict[str, Status] = {
    "accepted": Status("Accepted", "s-done", "done"),
    "met": Status("Met", "s-done", "done"),
    "passed": Status("Passed", "s-done", "done"),
    "done": Status("Done", "s-done", "done"),
    "go": Status("Go", "s-done", "done"),
    "signed": Status("Signed", "s-done", "done"),
    "live": Status("Live", "s-done", "done"),
    "in_progress": Status("In progress", "s-half", "moving"),
    "on_track": Status("On track", "s-half", "moving"),
    "in_review": Status("In review", "s-eye", "wait"),
    "signature_wanted": Status("Signature wanted", "s-eye", "wait"),
    "waiting": Status("Waits for others", "s-wait", "wait"),
    "at_risk": Status("At risk", "s-risk", "risk"),
    "amber": Status("Amber", "s-risk", "risk"),
    "conditional_go": Status("Conditional go", "s-risk", "risk"),
    "waived": Status("Waived", "s-waive", "risk"),
    "overdue": Status("Overdue", "s-late", "stop"),
    "expired": Status("Expired", "s-late", "stop"),
    "blocked": Status("Blocked", "s-stop", "stop"),
    "no_go": Status("No-go", "s-stop", "stop"),
    "failed": Status("Failed", "s-stop", "stop"),
    "refused": Status("Refused", "s-stop", "stop"),
    "to_do": Status("To do", "s-idle", "idle"),
    "later": Status("Later", "s-idle", "idle"),
    "not_needed": Status("Not needed", "s-na", "idle"),
    "abstain": Status("Abstain", "s-na", "idle"),
}


def status(key: str, word: str | None = None) -> Status:
    """Return the look of a state, with another word if one is given. Raises KeyError for a state nobody has drawn."""
    known = STATUSES[key]
    return known if word is None else replace(known, word=word)
