"""The status on paper and in a workbook."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import typst
from openpyxl import Workbook
from openpyxl.styles import Font

from onboarding.deployments.status.document import Line, Status
from web.tables import harmless

TEMPLATE = Path(__file__).with_name("status.typ")


def pdf_of(status: Status) -> bytes:
    """Return the status as PDF, tagged for screen readers (PDF/UA-1)."""
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"data": json.dumps(_words(status), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=int(status.as_of.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def xlsx_of(status: Status) -> bytes:
    """Return the status as a workbook: the summary, then each list on a sheet of its own."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Status"
    bold = Font(bold=True)
    _rows(
        first,
        [
            [status.title],
            [status.lead],
            [status.organization],
            ["As of", status.stamp],
            [],
            ["Health", status.health[1]],
        ],
    )
    _rows(first, [[label, value, note] for label, value, note in status.figures])
    _rows(
        first, [[], ["Stage", "Done", "Items"], *([title, done, counted] for title, done, counted, _ in status.stages)]
    )
    if status.gates:
        _rows(first, [[], ["Gate", "State"], *([title, word] for title, _, word in status.gates)])
    first["A1"].font = bold
    first.column_dimensions["A"].width = 44
    first.column_dimensions["B"].width = 28
    for title, _, lines in status.sections:
        sheet = book.create_sheet(title[:31])
        _rows(
            sheet,
            [["What", "State", "Who or where", "Date"], *([one.title, one.word, one.who, one.due] for one in lines)],
        )
        for cell in sheet[1]:
            cell.font = bold
        sheet.column_dimensions["A"].width = 60
        sheet.column_dimensions["C"].width = 36
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _rows(sheet: Any, rows: list[list[Any]]) -> None:
    for row in rows:
        sheet.append([harmless(value) for value in row])


def _words(status: Status) -> dict[str, Any]:
    return {
        "title": status.title,
        "lead": f"{status.organization} · {status.lead}",
        "organization": status.organization,
        "stamp": f"As of {status.stamp}",
        "health": status.health[1],
        "figures": [{"label": a, "value": b, "note": c} for a, b, c in status.figures],
        "stages": [
            {"title": title, "words": f"{done} of {counted}", "share": done / counted if counted else 0, "now": now}
            for title, done, counted, now in status.stages
        ],
        "gates": [{"title": title, "words": word, "passed": key == "passed"} for title, key, word in status.gates],
        "sections": [
            {"title": title, "empty": empty, "lines": [_line(one) for one in lines]}
            for title, empty, lines in status.sections
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"title": line.title, "word": line.word, "who": line.who, "due": _long(line.due), "late": line.late}


def _long(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
