"""The columns of a tracker that mean something here, with the names that people give them; and how one is recognized."""

import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from onboarding.rosters.fields import Field, words
from onboarding.rosters.reading import MISSING, Column, Limits, Table, UnreadableRosterError, read

HEADER_WITHIN = 30
SURE, LIKELY, POSSIBLE = 0.9, 0.7, 0.5


def _field(key: str, label: str, names: str, pattern: str = "", *, required: bool = False) -> Field:
    fitting = re.compile(pattern, re.IGNORECASE) if pattern else None
    return Field(key, label, frozenset(words(name) for name in names.split(",")), fitting, required=required)


DATE = (
    r"(?:[^\W\d_]{2,10}\.?,?\s+)?"  # a weekday before it
    r"(?:\d{4}[-/]\d{2}[-/]\d{2}.*|\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|[45]\d{4}"
    r"|\d{1,2}\.?[ -](?:de )?[^\W\d_]{3,10}\.?(?:[ -,]+(?:de )?\d{2,4})?|[^\W\d_]{3,10}\.? \d{1,2}(?:,? \d{2,4})?)"
)
FIELDS = (
    _field(
        "title",
        "Task",
        "task,task name,item,activity,action,action item,to do,todo,title,description,task description,deliverable,milestone,"
        "step,what,name,subject,work item,requirement,checklist item,line item,tarea,aufgabe,tache",
        r".*[^\W\d_]{3}.*",
        required=True,
    ),
    _field("number", "Number", "no,nr,number,id,task id,item id,wbs,ref,reference,line,seq,sequence,key", r"#?[\w.-]{1,20}"),
    _field(
        "status",
        "Status",
        "status,state,progress,done,complete,completed,rag,stage,task status,current status,percent complete,complete percent,"
        "pct complete,percent,done y n,estado,stand",
    ),
    _field(
        "due",
        "Due date",
        "due,due date,target,target date,deadline,finish,finish date,end,end date,planned finish,planned end,by when,when,"
        "planned,planned date,needed by,target completion,target completion date,eta,due by,date due,fecha limite,fallig,fallig am",
        DATE,
    ),
    _field(
        "done_on",
        "Date done",
        "completed on,completion date,date completed,completed date,actual finish,actual end,actual date,done on,date done,"
        "actual,actual completion,closed on,closed date,date closed,finished",
        DATE,
    ),
    _field(
        "owner",
        "Who does it",
        "owner,assignee,assigned to,assigned,responsible,responsible party,who,lead,accountable,resource,resource name,"
        "resource names,person,contact,raci r,task owner,poc,point of contact,responsable,zustandig",
    ),
    _field("note", "Notes", "note,notes,comment,comments,remarks,remark,latest update,update,updates,details,bemerkung,notas"),
)  # fmt: skip
BY_KEY = {field.key: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column probably is, how sure that is (0 to 1), and why."""

    field: str
    column: str
    confidence: float
    reason: str


def with_header(content: bytes, name: str, *, sheet: str = "", limits: Limits | None = None) -> Table:
    """Read a tracker with the row as its header that knows most of our names; titles and headings stand anywhere.

    A header of two rows ("Dates" over "Planned" and "Actual") is read as one. A file whose header nobody recognizes is read as any table. Raises UnreadableRosterError for what is no table.
    """
    table = read(content, name, sheet=sheet, has_header=False, limits=limits)
    rows = {row.number: list(row.values) for row in table.sample(HEADER_WITHIN)}
    known = {number: sum(map(_named, cells)) for number, cells in rows.items()}
    best = max(known, key=lambda number: (known[number], -number), default=0)
    if not best or known[best] < 1:
        return read(content, name, sheet=sheet, limits=limits)
    cells, first = rows[best], best
    if _goes_on(over := rows.get(best - 1, []), cells):
        cells, first = _joined(over, cells), best - 1
    elif _goes_on(cells, under := rows.get(best + 1, [])):
        cells, best = _joined(cells, under), best + 1
    while cells and not cells[-1].strip():
        cells.pop()
    above = f"Rows 1 to {first - 1} stand above the header and were skipped."
    notes = (*table.notes, above) if first > 1 else table.notes
    found = replace(table, columns=_columns(cells), header_row=best, notes=notes)
    count = sum(1 for _ in found.rows())
    if not count:
        raise UnreadableRosterError(f"{name} has a header in row {best} and no rows below it.")
    return replace(found, row_count=count)


def _goes_on(upper: list[str], lower: list[str]) -> bool:
    """Whether two rows are one header: each names columns, and the lower one leaves the column of the tasks to the upper."""
    if not any(map(_named, lower)) or any(re.search(r"\d", cell) for cell in lower):
        return False
    named = [
        _header(above) in BY_KEY["title"].names and not below.strip()
        for above, below in zip(upper, lower, strict=False)
    ]
    return any(named)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Return one header of two: what stands over several columns belongs to each of them."""
    cells, group = [], ""
    for above, below in zip(upper, lower, strict=True):
        group = above.strip() or (group if below.strip() else "")
        cells.append(f"{group} {below.strip()}".strip())
    return cells


def _named(cell: str) -> bool:
    header = _header(cell)
    return any(header in field.names for field in FIELDS)


def _header(written: str) -> str:
    return "number" if written.strip() == "#" else words(written)


def _columns(cells: list[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for index, written in enumerate(cells):
        label = stem = " ".join(written.split()) or f"Column {index + 1}"
        while label.casefold() in {one.label.casefold() for one in columns}:
            label = f"{stem} ({index + 1})"
        columns.append(Column(index, label, written))
    return tuple(columns)


def suggest(table: Table) -> list[Suggestion]:
    """Suggest which column fills which field; no two fields get one column. A task column is found without a name, too."""
    rows = table.sample()
    offers: list[tuple[float, int, str, Column, str]] = []
    for column in table.columns:
        cells = [value for row in rows if (value := row.values[column.index].strip()).casefold() not in MISSING]
        for order, field in enumerate(FIELDS):
            score, reason = _score(field, _header(column.written), cells)
            if score >= POSSIBLE:
                offers.append((score, -order, field.key, column, reason))
    chosen: dict[str, Suggestion] = {}
    taken: set[int] = set()
    for score, _, key, column, reason in sorted(offers, key=lambda offer: (-offer[0], offer[3].index, -offer[1])):
        if key not in chosen and column.index not in taken:
            chosen[key] = Suggestion(key, column.label, round(score, 2), reason)
            taken.add(column.index)
    if "title" not in chosen and (longest := _wordiest(table, taken)):
        chosen["title"] = Suggestion("title", longest.label, POSSIBLE, "by its cells, the longest of the file")
    return [chosen[field.key] for field in FIELDS if field.key in chosen]


def _score(field: Field, header: str, cells: list[str]) -> tuple[float, str]:
    if not header:
        return 0.0, ""
    if header in field.names:
        named = 0.98
    else:
        at_end = max((len(name) for name in field.names if re.search(rf"\b{re.escape(name)}$", header)), default=0)
        within = max((len(name) for name in field.names if re.search(rf"\b{re.escape(name)}\b", header)), default=0)
        alike = max(SequenceMatcher(None, header, name).ratio() for name in field.names)
        named = max(
            0.6 + 0.3 * at_end / len(header) if at_end else 0.0,
            0.5 + 0.25 * within / len(header) if within else 0.0,
            0.8 * alike if alike >= 0.85 else 0.0,
        )
    if not named:
        return 0.0, ""
    if field.pattern is None or not cells:
        return named * (1 if cells else 0.8), "by its name" if cells else "by its name; the column is empty"
    fitting = sum(bool(field.pattern.fullmatch(cell)) for cell in cells) / len(cells)
    if fitting < 0.4:
        return named * 0.5, "by its name, though most cells do not fit"
    return named * (0.85 + 0.15 * fitting), "by its name and what the cells hold"


def _wordiest(table: Table, taken: set[int]) -> Column | None:
    rows = table.sample()
    lengths = {
        column: sum(len(row.values[column.index]) for row in rows) / max(1, len(rows))
        for column in table.columns
        if column.index not in taken
    }
    best = max(lengths, key=lambda column: lengths[column], default=None)
    return best if best is not None and lengths[best] >= 8 else None
