"""What the words and dates of a tracker mean: states as people write them, dates in any common form."""

import re
from datetime import date, datetime, timedelta

from onboarding.deployments.models import Item

S = Item.State
STATES: tuple[tuple[str, str], ...] = (
    (S.NOT_APPLICABLE, r"n ?/ ?a|na|not applicable|not (needed|required)|cancel+ed|dropped|removed|out of scope|descoped|skip(ped)?|void"),
    (S.BLOCKED, r"blocked.*|stuck.*|on hold|hold|waiting.*|stalled|impeded|at risk|red|pending (vendor|approval|legal|it).*|delayed"),
    (S.IN_REVIEW, r"(in|under|for|ready for|pending|awaiting) (review|approval|sign ?off)|submitted|review|to be approved"),
    (S.TODO, r"not (yet )?started|to ?do|todo|open|new|pending|planned|scheduled|backlog|future|upcoming|no|n|0 ?%?|0\.0+|false|☐|queued|tbd"),
    (S.ACCEPTED, r"done.*|completed?.*|closed|finished|accepted|approved|yes|y|x|✓|✔|☑|100 ?%?|1\.0+|true|green|live|resolved|signed( off)?|erledigt|hecho"),
    (S.IN_PROGRESS, r"in ?-?progress.*|started|ongoing|on ?-?going|wip|working.*|active|underway|on track|amber|yellow|[1-9]\d? ?%|0\.\d+|partial(ly)?.*|in arbeit"),
)  # fmt: skip
_STATES = tuple((state, re.compile(pattern, re.IGNORECASE)) for state, pattern in STATES)
FORMS = (
    "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d %b %y", "%b %d %y", "%d %B %y", "%B %d %y",
)  # fmt: skip
YEARLESS = ("%d %b", "%d %B", "%b %d", "%B %d")
EXCEL_EPOCH = date(1899, 12, 30)


def state_of(text: str) -> str | None:
    """Return the state that a word of the tracker means; None where nobody can tell."""
    said = " ".join(text.replace("_", " ").split()).strip(" .!*•-")
    return next((state for state, pattern in _STATES if pattern.fullmatch(said)), None)


def day_first(cells: list[str]) -> bool:
    """Whether a column of dates writes the day before the month: told by the first number over twelve; else it does not."""
    for cell in cells:
        match = re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})(?:[./-]\d{2,4})?.*", cell.strip())
        if match:
            if int(match[1]) > 12 or match[2] == ".":
                return True
            if int(match[3]) > 12:
                return False
    return False


def date_of(text: str, *, first_day: bool, near: date) -> date | None:
    """Return the date that a cell means, None for anything else. Without a year it is the one nearest to `near`."""
    said = text.strip()
    if match := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]|$)", said):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.match(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2,4}))?(?:\s|$)", said):
        day, month = (int(match[1]), int(match[2])) if first_day else (int(match[2]), int(match[1]))
        if match[3]:
            year = int(match[3])
            return _date(year + 2000 if year < 100 else year, month, day)
        return _nearest(month, day, near)
    if re.fullmatch(r"[45]\d{4}(\.\d+)?", said):  # a workbook's own day number that lost its format
        return EXCEL_EPOCH + timedelta(days=int(float(said)))
    plain = " ".join(re.sub(r"(?<=\d)(st|nd|rd|th)\b|[,.\-]", " ", said).split())
    for form in FORMS:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    for form in YEARLESS:
        try:
            found = datetime.strptime(f"{plain} 2000", f"{form} %Y").date()  # noqa: DTZ007
        except ValueError:
            continue
        return _nearest(found.month, found.day, near)
    return None


def _nearest(month: int, day: int, near: date) -> date | None:
    years = [found for year in (near.year - 1, near.year, near.year + 1) if (found := _date(year, month, day))]
    return min(years, key=lambda found: abs((found - near).days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 2000 <= year < 2100 else None
