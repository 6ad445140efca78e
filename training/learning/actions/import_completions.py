"""Take completions of another learning system: judged first, then taken; what does not fit is named and left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit.actor import Actor
from training.courses.models import Course
from training.learning.actions.settle import state_counting
from training.learning.calendar import months_later, organization_today
from training.learning.models import Assignment, Completion, ExternalRecord, LmsImport
from training.learning.notices import forget
from training.learning.reading import rows_of

FIELDS = {
    "email": ("email", "emailaddress", "mail", "username", "userid", "login"),
    "course": ("course", "coursename", "coursetitle", "activity", "training", "coursecode", "courseid"),
    "completed": ("completed", "completedon", "completiondate", "datecompleted", "completeddate", "date"),
    "expires": ("expires", "expireson", "expirationdate", "expirydate", "validuntil"),
    "id": ("id", "recordid", "transcriptid", "completionid"),
}
"""Our fields, and what other systems call them."""
NEEDED = ("email", "course", "completed")
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%m/%d/%y", "%d %b %Y", "%b %d, %Y")


@dataclass(frozen=True, slots=True)
class Line:
    """One completion as the other system tells it; `course` is theirs."""

    number: int
    email: str
    course: str
    completed: str
    expires: str = ""
    id: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a line: new, known, or a problem in words."""

    line: Line
    says: str
    assignment: Assignment | None = None
    completed_on: date | None = None
    expires_on: date | None = None
    key: str = ""

    @property
    def does(self) -> str:
        """new, known or problem."""
        return self.says if self.says in ("new", "known") else "problem"


def guess(headings: Iterable[str]) -> dict[str, str]:
    """Return which heading holds which of our fields, as far as names tell."""
    there = list(headings)
    return {name: next((one for one in words if one in there), "") for name, words in FIELDS.items()}


def lines_of(imported: LmsImport) -> list[Line]:
    """Return the file's rows under the mapping that was chosen."""
    names = imported.columns
    return [
        Line(number, **{name: row.get(names.get(name, ""), "") for name in FIELDS}, row=row)
        for number, row in enumerate(rows_of(imported.text.encode()), start=2)
    ]


def judge(lines: list[Line], *, source: str, courses: Mapping[str, str]) -> list[Judged]:
    """Say what would become of each line, without writing anything; `courses` maps theirs to the key of ours."""
    today = organization_today()
    keys = {name: courses.get(name) for name in {line.course for line in lines}}
    ours = {course.key: course for course in Course.objects.filter(key__in=[key for key in keys.values() if key])}
    rows = Assignment.objects.active(today).filter(
        course__in=[course.pk for course in ours.values()], user__email__in={line.email.lower() for line in lines}
    )
    standing: dict[tuple[str, str], Assignment] = {}
    for row in rows.select_related("user", "course", "version").order_by("-id"):
        standing[row.user.email.lower(), row.course.key] = row
    known = set(ExternalRecord.objects.filter(source=source).values_list("external_id", "completed_on"))
    judged, seen = [], set(known)
    for line in lines:
        one = _judged(line, keys.get(line.course), ours, standing, today)
        if one.says == "new":
            if (one.key, one.completed_on) in seen:
                one = Judged(line, "known")
            seen.add((one.key, one.completed_on))
        judged.append(one)
    return judged


@transaction.atomic
def take(
    lines: list[Line], *, source: str, courses: Mapping[str, str], by: Actor, lms_import: LmsImport | None = None
) -> list[Judged]:
    """Write a completion with its provenance for each new line; return what became of every line."""
    if lms_import is not None:
        lms_import = LmsImport.locked(lms_import.pk)
    judged, taken = judge(lines, source=source, courses=courses), list[Assignment]()
    for one in judged:
        if one.assignment is None or one.completed_on is None or one.does != "new":
            continue
        assignment = Assignment.locked(one.assignment.pk)
        completion = Completion.reach(
            assignment, by=by, kind=Completion.Kind.IMPORTED, on=one.completed_on, until=one.expires_on
        )
        ExternalRecord.write(
            completion,
            source=source,
            external_id=one.key,
            completed_on=one.completed_on,
            row=dict(one.line.row),
            lms_import=lms_import,
        )
        taken.append(assignment)
    forget([assignment.pk for assignment in taken], by=by)
    state_counting(taken)
    if lms_import is not None:
        kinds = [one.does for one in judged]
        counts = {kind: kinds.count(kind) for kind in ("new", "known", "problem")}
        lms_import.close(LmsImport.State.TAKEN, counts=counts, by=by)
    return judged


def _judged(
    line: Line,
    key: str | None,
    ours: Mapping[str, Course],
    standing: Mapping[tuple[str, str], Assignment],
    today: date,
) -> Judged:
    completed, expires = _day(line.completed), _day(line.expires)
    if not line.email:
        return Judged(line, "has no e-mail address")
    if key is None or key not in ours:
        return Judged(line, f"“{line.course}” is not mapped to a course here")
    if completed is None:
        return Judged(line, f"“{line.completed}” is no date")
    if completed > today:
        return Judged(line, f"{line.completed} is in the future")
    if line.expires and expires is None:
        return Judged(line, f"“{line.expires}” is no date")
    assignment = standing.get((line.email.lower(), key))
    if assignment is None:
        return Judged(line, f"{line.email} does not have to take {ours[key].title} here")
    term = months_later(completed, assignment.version.content.expires_months)
    until = min(term, expires) if expires else term
    if until < today:
        return Judged(line, f"ran out on {until.isoformat()}")
    identity = (line.id or f"{line.email.lower()} {line.course}")[:160]
    return Judged(line, "new", assignment, completed, until, identity)


def _day(text: str) -> date | None:
    for form in DAYS:
        try:
            return datetime.strptime(text.strip()[: 10 if form == "%Y-%m-%d" else None], form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None
