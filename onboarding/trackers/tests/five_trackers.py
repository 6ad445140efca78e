"""Five trackers as people have them: of Excel, Smartsheet, Google Sheets, a Spanish-speaking team, and MS Project."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

Rows = Sequence[Sequence[Any]]


def excel() -> bytes:
    """A title merged over the table, a header of two rows, thousands of colored blank rows, and one row below them."""
    book, sheet = _book("Plan")
    _fill(
        sheet,
        [
            ["STILLWATER – MAIN STREET ROLLOUT", None, None, None, None, None],
            [None],
            ["Task", "Lead", "Dates", None, "Status", "Comments"],
            [None, None, "Planned", "Actual", None, None],
            ["Vendor security review", "Manager Host", date(2027, 1, 8), None, "In progess", "SOC 2 is late"],
            ["Exec sponsor named", "Manager Host", date(2026, 3, 4), "3/2/26", "Done", None],
            ["Superusers certified every shift", "Trudy Trainer", "sometime in Feb", "n/a", "???", None],
        ],
    )
    sheet.merge_cells("A1:F1")
    sheet.merge_cells("C3:D3")
    for number in range(8, 3008):
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor="FFFFFF")
    sheet.cell(3008, 1, "Order snacks for the kick-off week")
    sheet.cell(3008, 5, "open")
    return _saved(book)


def smartsheet() -> bytes:
    """A cover sheet, the plan, and a list of choices; progress as a share, names indented, headings between."""
    book, cover = _book("Summary")
    _fill(cover, [["Project", "Stillwater rollout"], ["Owner", "Manager Host"], ["Health", "Yellow"]])
    _fill(
        book.create_sheet("Plan"),
        [
            ["Task Name", "Duration", "Start", "Finish", "% Complete", "Assigned To", "Predecessors"],
            ["Governance", None, None, None, None, None, None],
            ["    Vendor security review", "20d", date(2026, 12, 7), date(2027, 1, 8), 0.5, "Manager Host", "3FS +5d"],
            ["    HIPAA risk analysis", "10d", date(2027, 1, 4), date(2027, 1, 15), 0, "Analyst Host", None],
            ["    Exec sponsor named", "1d", date(2026, 3, 1), date(2026, 3, 4), 1, None, None],
        ],
    )
    _fill(book.create_sheet("Lists"), [["Status"], ["Open"], ["Done"]])
    hidden = book.create_sheet("Old plan")
    _fill(hidden, [["Task Name", "Status"], ["Something of last year", "Open"]])
    hidden.sheet_state = "hidden"
    return _saved(book)


def google() -> bytes:
    """Symbols and typing mistakes for states, weekdays before dates, notes of several lines, a checkbox."""
    return _csv(
        [
            ["✔", "Action item", "Status", "Due", "Who", "Latest update"],
            ["FALSE", "Vendor security review", "🔴 Bloked", "Fri 1/8/27", "Manager Host", "waiting on\nSOC 2"],
            ["FALSE", "HIPAA risk analysis - update", "🚧", "Fri, Jan 15", "Analyst Host & Manager Host", ""],
            ["TRUE", "Exec sponsor named", "✅", "3/4/26", "", ""],
            ["FALSE", "SSO works in test", "Not stared", "2/30/27", "", ""],
            ["FALSE", "Order snacks", "☐", "TBD", "", ""],
        ]
    )


def spanish() -> bytes:
    """Semicolons, Western European text, months by their Spanish names."""
    return (
        _csv(
            [
                ["N°", "Tarea", "Responsable", "Fecha límite", "Estado", "Notas"],
                ["22", "Vendor security review", "Manager Host", "8 ene 2027", "En curso", ""],
                ["23", "HIPAA risk analysis", "", "15 de enero de 2027", "Bloqueado", "falta el análisis"],
                ["3", "Exec sponsor named", "", "4/03/2026", "Hecho", ""],
                ["", "Pintar la sala de espera", "", "la semana próxima", "Pendiente", ""],
            ],
            delimiter=";",
        )
        .decode()
        .encode("cp1252")
    )


def project() -> bytes:
    """As MS Project writes it: days of the week, shares of people, a task that is a heading."""
    return _csv(
        [
            ["ID", "WBS", "Task Name", "Duration", "Start", "Finish", "% Complete", "Resource Names"],
            ["1", "1", "Governance", "", "", "", "", ""],
            ["2", "1.1", "Vendor security review", "20 days", "Mon 12/7/26", "Fri 1/8/27", "50%", "Manager Host[50%]"],
            ["3", "1.2", "HIPAA risk analysis", "10 days", "Mon 1/4/27", "Fri 1/15/27", "0%", "Analyst Host,Bob"],
            ["4", "1.3", "Exec sponsor named", "1 day", "Wed 3/4/26", "Wed 3/4/26", "100%", ""],
            ["5", "1.4", "Results write back test", "3 days", "NA", "NA", "150%", ""],
        ]
    )


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return book, sheet


def _fill(sheet: Worksheet, rows: Rows) -> None:
    for row in rows:
        sheet.append(list(row))


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(rows: Rows, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()
