"""A playbook as a workbook, a sheet for each of its parts; and back.

Lists stand in one cell, an entry a line; expressions as one line of YAML. The sheets and columns are in
docs/playbook-format.md.
"""

import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from onboarding.playbooks.plain import ITEM, Plain
from onboarding.playbooks.reading import PlaybookError, Problem
from web.uploads import FileRefused, strict_yaml
from web.uploads.workbooks import refuse_what_fills_memory

MOST_UNPACKED = 60_000_000
MOST_ROWS = 5_000
ABOUT = ("schema", "key", "title", "version", "summary", "sources", "reminders")
SHEETS: dict[str, tuple[str, ...]] = {
    "Roles": ("code", "key", "title", "side", "description"),
    "Stages": ("number", "key", "title", "purpose", "gate", "epis", "ama_steps", "stage_metric"),
    "Gates": ("key", "title", "stage", "kind", "panel", "quorum", "meaning", "criteria"),
    "Scorecard": ("key", "title", "weight"),
    "Runbook": (
        "number", "key", "title", "owner", "deputy", "minutes", "verification", "back_out", "point_of_no_return",
    ),
    "Triggers": ("key", "title", "for_minutes", "when"),
    "Items": ITEM,
}  # fmt: skip
SCORECARD = ("go", "conditional_go", "condition_expiry_days")
RUNBOOK = ("decides", "deputy", "float_minutes", "decide_within_minutes")
LISTS = ("sources", "also", "panel", "tags")
EXPRESSIONS = ("criteria", "when", "condition", "reminders")
WIDE = {"guidance": 80, "description": 60, "purpose": 50, "meaning": 60, "criteria": 70, "title": 40, "evidence": 50}


def to_workbook(plain: Plain) -> bytes:
    """Return the XLSX of a playbook, or of a draft."""
    book = Workbook()
    about = book.active
    assert about is not None
    about.title = "Playbook"
    scorecard, runbook = plain.get("scorecard") or {}, plain.get("runbook") or {}
    _fill(
        about,
        ("field", "value"),
        [
            *((name, _cell(name, plain.get(name))) for name in ABOUT),
            *((f"scorecard.{name}", scorecard.get(name)) for name in SCORECARD),
            *((f"runbook.{name}", runbook.get(name)) for name in RUNBOOK),
        ],
    )
    parts = {
        "Roles": plain.get("roles"),
        "Stages": plain.get("stages"),
        "Gates": plain.get("gates"),
        "Scorecard": scorecard.get("domains"),
        "Runbook": runbook.get("steps"),
        "Triggers": runbook.get("triggers"),
        "Items": plain.get("items"),
    }
    for name, columns in SHEETS.items():
        rows = [[_cell(column, part.get(column)) for column in columns] for part in parts[name] or ()]
        _fill(book.create_sheet(name), columns, rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def from_workbook(content: bytes, name: str) -> Plain:
    """Read a workbook into a mapping; raise `PlaybookError` naming sheet, row and column of what cannot be read."""
    sheets = _sheets(content, name)
    problems: list[Problem] = []
    about = {row["field"]: row["value"] for _, row in sheets.get("Playbook", []) if row.get("field")}
    parts = {sheet: [_part(sheet, number, row, problems) for number, row in sheets.get(sheet, [])] for sheet in SHEETS}
    missing = [sheet for sheet in ("Playbook", "Roles", "Stages", "Gates", "Items") if sheet not in sheets]
    problems += [Problem(name, sheet, "", "the sheet is missing") for sheet in missing]
    plain: Plain = {field: _value(field, about.get(field), problems, "Playbook") for field in ABOUT}
    if plain["reminders"] is None:
        del plain["reminders"]  # a playbook that says nothing leaves them to the organization
    plain |= {"roles": parts["Roles"], "stages": parts["Stages"], "gates": parts["Gates"]}
    plain["scorecard"] = {one: about.get(f"scorecard.{one}") for one in SCORECARD} | {"domains": parts["Scorecard"]}
    plain["runbook"] = {one: about.get(f"runbook.{one}") for one in RUNBOOK} | {
        "steps": parts["Runbook"],
        "triggers": parts["Triggers"],
    }
    plain["items"] = parts["Items"]
    if problems:
        raise PlaybookError(problems)
    return plain


def _fill(sheet: Any, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    sheet.append(list(columns))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", one) if isinstance(one, str) else one for one in row])
    for number, column in enumerate(columns, start=1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = WIDE.get(column, 18)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.data_type == "f":
                cell.data_type = "s"  # a text that begins with = is a text
    sheet.freeze_panes = "A2"


def _cell(column: str, value: Any) -> Any:
    if value is None or value == []:
        return None
    if column == "evidence":
        return "\n".join(_evidence_line(one) for one in value)
    if column == "depends_on":
        return "\n".join(one if isinstance(one, str) else f"{one['item']} +{one['lag_days']}" for one in value)
    if column in EXPRESSIONS:
        return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000).strip()
    if column == "ama_steps":
        return ", ".join(map(str, value))
    if column in LISTS:
        return "\n".join(map(str, value))
    if column == "tier":
        return "light" if isinstance(value, dict) and value.get("light") else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _evidence_line(one: dict[str, Any]) -> str:
    optional = "" if one.get("required", True) else " | optional"
    return f"{one.get('key', '')} | {one.get('kind', '')} | {one.get('title', '')}{optional}"


def _sheets(content: bytes, name: str) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return each sheet's rows as (number, column to cell); blank rows are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > MOST_UNPACKED:
            raise FileRefused(f"{size:,} bytes unpacked, at most {MOST_UNPACKED:,} are read")
        refuse_what_fills_memory(content)
        return _rows_of(load_workbook(io.BytesIO(content), read_only=True, data_only=True))
    except FileRefused as refusal:
        raise PlaybookError([Problem(name, "", "", str(refusal))]) from refusal
    except Exception as error:  # openpyxl raises whatever the broken part made it trip over
        raise PlaybookError([Problem(name, "", "", "no Excel workbook (.xlsx) that can be read")]) from error


def _rows_of(book: Any) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for sheet in book.worksheets:
        lines = sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
        head = [str(one).strip() if one is not None else "" for one in next(lines, ())]
        found[sheet.title] = [
            (number, dict(zip(head, line, strict=False)))
            for number, line in enumerate(lines, start=2)
            if any(one not in (None, "") for one in line)
        ]
    return found


def _part(sheet: str, row: int, cells: dict[str, Any], problems: list[Problem]) -> Plain:
    place = f"{sheet} row {row}"
    part = {}
    for column, cell in cells.items():
        value = _value(column, cell, problems, place)
        if value is not None and column:
            part[column] = value
    return part


def _value(column: str, cell: Any, problems: list[Problem], place: str) -> Any:
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and column != "version":
        cell = int(cell)
    reader = _READERS.get(column)
    if reader is None:
        return str(cell) if column == "version" else cell
    try:
        return reader(str(cell))
    except (ValueError, yaml.YAMLError) as error:
        problems.append(Problem("", place, column, str(error).splitlines()[0]))
        return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _dependencies(text: str) -> list[Any]:
    found: list[Any] = []
    for line in _lines(text.replace(",", "\n")):
        key, plus, lag = line.partition("+")
        if plus and not lag.strip().isdecimal():
            raise ValueError(f"'{line}': write the lag in working days, as 'key +5'")
        found.append({"item": key.strip(), "lag_days": int(lag)} if plus else key.strip())
    return found


def _evidence(text: str) -> list[Plain]:
    found = []
    for line in _lines(text):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] != "optional"):
            raise ValueError(f"'{line}': write 'key | kind | title', and '| optional' where it is")
        one: Plain = {"key": parts[0], "title": parts[2], "kind": parts[1]}
        found.append(one | ({"required": False} if len(parts) == 4 else {}))
    return found


def _yes(text: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.strip().lower() not in known:
        raise ValueError(f"'{text}': write yes or no")
    return known[text.strip().lower()]


def _tier(text: str) -> Plain | None:
    if text.strip().lower() != "light":
        raise ValueError(f"'{text}': write light, or nothing")
    return {"light": True}


_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(LISTS, _lines),
    **dict.fromkeys(EXPRESSIONS, strict_yaml.read),
    "ama_steps": lambda text: [int(one) for one in text.replace(",", " ").split()],
    "depends_on": _dependencies,
    "evidence": _evidence,
    "core": _yes,
    "point_of_no_return": _yes,
    "tier": _tier,
}
