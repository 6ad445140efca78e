"""What the words and dates of a tracker mean: states as people write them, dates in any common form and language."""

import re
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache

from babel.dates import get_day_names, get_month_names

from onboarding.deployments.models import Item
from onboarding.rosters.places import fold

S = Item.State
STATES: tuple[tuple[str, str], ...] = (
    (S.NOT_APPLICABLE, r"n ?[/.] ?a|na|not applicable|not (needed|required)|cancel+ed|dropped|removed|out of scope|descoped|skip(ped)?|void|no aplica|sans objet|entfallt"),
    (S.BLOCKED, r"blocked.*|stuck.*|on hold|hold|paused|waiting.*|stalled|impeded|at risk|red|pending (vendor|approval|legal|it).*|delayed|(bloque|blockier)\w*"),
    (S.IN_REVIEW, r"(in|under|for|ready for|pending|awaiting) (review|approval|sign ?off)|submitted|review|to be approved|en revision|en revue|in prufung"),
    (S.TODO, r"not (yet )?(started|done|completed?)|to ?do|todo|open|new|pending|planned|scheduled|backlog|future|upcoming|no|n|0 ?%?|0\.0+|false|☐|queued|tbd|pendiente|por hacer|no iniciad[oa]|a faire|offen|nicht begonnen"),
    (S.ACCEPTED, r"done.*|completed?.*|closed|finished|accepted|approved|yes|y|x|✓|✔|☑|1|100 ?%?|1\.0+|true|live|resolved|signed( off)?|erledigt|fertig|hecho|completad[oa]|terminad[oa]|terminee?|faite?"),
    (S.IN_PROGRESS, r"in ?-?progress.*|started|ongoing|on ?-?going|wip|working.*|active|underway|on track|green|amber|yellow|incomplete|unblocked|[1-9]\d? ?%|0\.\d+|partial(ly)?.*|in arbeit|en (curso|proceso|cours)"),
)  # fmt: skip
_STATES = tuple((state, re.compile(pattern, re.IGNORECASE)) for state, pattern in STATES)
SYMBOLS = {
    S.ACCEPTED: "✅✓✔☑👍🏁",
    S.BLOCKED: "🔴⛔🛑🚫⏸",
    S.IN_PROGRESS: "🟢🟡🟠🔄⏳🚧🏗▶",
    S.TODO: "☐⬜◻🔲⚪",
    S.IN_REVIEW: "👀🔍",
}
"""What a symbol means that stands alone; beside words the words count."""
OFTEN = (
    "completed", "complete", "finished", "approved", "in progress", "started", "ongoing", "blocked", "on hold", "waiting",
    "delayed", "not started", "planned", "pending", "scheduled", "in review", "submitted", "not applicable", "cancelled",
)  # fmt: skip
"""What is mistyped most: a word is taken for one of these that begins with its letter and is nearly it."""
NEARLY = 0.82
LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
BESIDE = frozenset(
    {"de", "del", "of", "the", "le", "den", "der", "am", "by", "on", "st", "nd", "rd", "th", "er", "eod", "due"}
)
"""Words that stand beside a date and say nothing about its day."""
EXCEL_EPOCH = date(1899, 12, 30)


def state_of(text: str) -> str | None:
    """Return the state that a word of the tracker means, with its typing mistakes; None where nobody can tell."""
    said = " ".join(text.replace("_", " ").split()).strip(" .!*•-")
    bare = " ".join(re.sub(r"[^\w\s%/.,()-]", " ", said).split()).strip(" .-") or said
    for word in (said, bare):
        found = next((state for state, pattern in _STATES if pattern.fullmatch(fold(word))), None)
        if found is not None:
            return found
    if not re.search(r"\w", said):
        return next(
            (state for state, symbols in SYMBOLS.items() if any(one in symbols for one in said.replace("\ufe0f", ""))),
            None,
        )
    near = [word for word in OFTEN if word[0] == bare[:1].lower()] if len(bare) >= 5 else []
    meant = get_close_matches(bare.lower(), near, n=1, cutoff=NEARLY)
    return state_of(meant[0]) if meant else None


def day_first(cells: list[str]) -> bool:
    """Whether a column of dates writes the day before the month: told by the first number over twelve; else it does not."""
    for cell in cells:
        match = re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})(?:[./-]\d{2,4})?.*", _without_weekday(cell), re.DOTALL)
        if match:
            if int(match[1]) > 12 or match[2] == ".":
                return True
            if int(match[3]) > 12:
                return False
    return False


def date_of(text: str, *, first_day: bool, near: date) -> date | None:
    """Return the date that a cell means, None for anything else. Without a year it is the one nearest to `near`."""
    said = _without_weekday(text)
    if match := re.match(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:[T日 ]|$)", said):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.match(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2,4}))?\.?(?:\s|$)", said):
        day, month = (int(match[1]), int(match[2])) if first_day else (int(match[2]), int(match[1]))
        if match[3]:
            return _date(_year(int(match[3])), month, day)
        return _nearest(month, day, near)
    if re.fullmatch(r"[45]\d{4}(\.\d+)?", said):  # a workbook's own day number that lost its format
        return EXCEL_EPOCH + timedelta(days=int(float(said)))
    return _with_month_named(said, near)


def _with_month_named(said: str, near: date) -> date | None:
    """Read "January 12th, 2027", "12-Jan-27", "12 de enero de 2027", "15. März": one month by its name, a day, perhaps a year."""
    plain = re.sub(r"\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?", " ", fold(said))
    parts = re.findall(r"[^\W\d_]+|\d+", plain)
    words = [part for part in parts if not part.isdecimal() and part not in BESIDE]
    months, weekdays = _names()
    named = [word for word in words if word in months]
    if len(named) > 1:  # "mar" is March, and a Tuesday in Spanish and French
        named = [word for word in named if word not in weekdays]
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= 4]
    if (
        len(named) != 1
        or any(word not in weekdays for word in words if word not in months)
        or len(numbers) not in (1, 2)
    ):
        return None
    month = months[named[0]]
    if len(numbers) == 1:
        return _nearest(month, numbers[0], near)
    day, year = reversed(numbers) if numbers[0] > 31 else numbers
    return _date(_year(year), month, day)


@cache
def _names() -> tuple[dict[str, int], frozenset[str]]:
    """The months, and the names of weekdays, as calendars of our languages write them."""
    months: dict[str, int] = {"sept": 9}
    weekdays: set[str] = {"tues", "wednes", "thur", "thurs"}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                months |= {_bare(name): number for number, name in get_month_names(width, context, language).items()}
                weekdays |= {_bare(name) for name in get_day_names(width, context, language).values()}
    return months, frozenset(weekdays)


def _bare(name: str) -> str:
    return fold(name).strip(" .").split("-")[0]


def _without_weekday(text: str) -> str:
    said = text.strip()
    match = re.match(r"([^\W\d_]+)\.?,?\s+(?=\d)", said)
    return (
        said[match.end() :] if match and fold(match[1]) in _names()[1] and fold(match[1]) not in _names()[0] else said
    )


def _year(written: int) -> int:
    return written + 2000 if written < 100 else written


def _nearest(month: int, day: int, near: date) -> date | None:
    years = [found for year in (near.year - 1, near.year, near.year + 1) if (found := _date(year, month, day))]
    return min(years, key=lambda found: abs((found - near).days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 2000 <= year < 2100 else None
