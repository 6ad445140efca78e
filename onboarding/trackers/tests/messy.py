"""A tracker as a team keeps one: titles above it, headings in it, its own words for everything."""

import io
from datetime import date

from openpyxl import Workbook

ROWS: list[tuple[object, ...]] = [
    ("Stillwater rollout - Main St.", None, None, None, None, None),
    ("last updated 11/20 by JT", None, None, None, None, None),
    (None, None, None, None, None, None),
    ("#", "Task / Activity ", "STATUS", "Target Date", "Assigned To", "Comments"),
    (None, "GOVERNANCE", None, None, None, None),
    (1, "Exec sponsor named", "Complete", "3/4/26", "Sponsor Host", None),
    (2, "BAA / data processing agreement signed w/ vendor", "in progress", "12/14/26", "Manager Host", "legal has it"),
    (3, "Vendor security review", "Stuck", "1/8/27", "J. Nobody", "waiting on SOC 2"),
    (4, "HIPAA risk analysis - update", "not started", date(2027, 1, 15), None, None),
    (None, "TECH", None, None, None, None),
    (5, "SSO works in test", "50%", "Jan 20", "Analyst Host", None),
    (6, "Results write back test (PHQ9)", "Not Started", "2/1/27", "Analyst Host", None),
    (7, "42 CFR part 2 decision", "N/A", None, None, "no SUD data"),
    (8, "Superusers certified every shift", "??", "soon", None, None),
    (None, "OTHER", None, None, None, None),
    (9, "Order snacks for the kick-off week", "open", "2/26/27", "Manager Host", "budget code 4410"),
    (10, "Repaint the waiting room", "done", "11/2/26", None, None),
    (11, "G6 go/no-go meeting", "done", None, None, None),
]


def workbook() -> bytes:
    """The tracker as an XLSX file."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv() -> bytes:
    """The same, as Excel saves it with semicolons, in Western European text."""
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in ROWS]
    return "\r\n".join(lines).encode("cp1252")
