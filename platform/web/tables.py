"""CSV and XLSX out of every table that a person sees: the page's own address with `?as=csv` or `?as=xlsx`.

Every page answers so with the tables it shows (`page_file`, called by `web.render.page`). A list that goes on over several
pages, or has more to say than it shows, gives its own columns and all of its rows:

    if file := table_file(request, "sites", COLUMNS, sites):
        return file

So a file has the page's permission, its scope and its filters, and nothing of its own to get wrong.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextvars import copy_context
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook

from tenancy.scope import Scope, current, scope
from web.page_tables import tables_of

Column = tuple[str, str | Callable[[Any], Any]]
"""A heading, and what stands below it: a path of attributes ("site.name", "get_state_display") or a function of the row."""
Sheet = tuple[str, Iterable[list[Any]]]
"""The caption of a table, and its lines, the heads first."""
KINDS = ("csv", "xlsx")
MOST = 100_000
"""Rows of a workbook; a CSV file is read while it is sent and has no end."""
MOST_OF_A_PAGE = 10_000
"""Rows that a page works out for a file."""
CHUNK = 500
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_file(
    request: HttpRequest, name: str, columns: Sequence[Column], rows: Iterable[Any]
) -> HttpResponseBase | None:
    """Return the rows as the file that the address asks for; None where it asks for the page.

    A queryset is read row by row, inside the request's own scope; of a CSV file while it is sent. A workbook ends after
    100,000 rows and says so.
    """
    kind = request.GET.get("as", "")
    if kind not in KINDS:
        return None
    lines = _lines(columns, rows)
    if kind == "csv":
        return csv_stream(request, name, _csv(lines))
    return FileResponse(_xlsx(name, _at_most(lines)), content_type=XLSX, headers=_headers(request, name, kind))


def is_file(asked: QueryDict) -> bool:
    """Whether the address asks for a file and not for the page."""
    return asked.get("as") in KINDS


def rows_to_read(asked: QueryDict, shown: int) -> int:
    """Return how many rows a page works out: those that it shows, or up to 10,000 for a file, which says where it ends.

    Rows that stand in the database leave without that end: `web.whole_tables.shown_rows`.
    """
    return MOST_OF_A_PAGE if is_file(asked) else shown


def csv_stream(request: HttpRequest, name: str, parts: Iterator[bytes]) -> StreamingHttpResponse:
    """Send a CSV that is read while it is sent, in the request's own scope: for tables that have no end."""
    sent = _in_scope(parts, current(), timezone.get_current_timezone())
    headers = _headers(request, name, "csv")
    return StreamingHttpResponse(sent, content_type="text/csv; charset=utf-8", headers=headers)


def _headers(request: HttpRequest, name: str, kind: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{_file_name(request, name)}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def page_file(request: HttpRequest, page: str) -> HttpResponse | None:
    """Return the tables of a rendered page as the file that the address asks for; None where it asks for the page.

    One sheet a table; in a CSV file they stand one under the other, each below its caption.
    """
    kind = request.GET.get("as", "")
    if kind not in KINDS or request.method not in ("GET", "HEAD"):
        return None
    found = tables_of(page)
    if not found:
        return None
    sheets = [(one.caption, _ending(one.lines)) for one in found]
    name = page_name(request)
    if kind == "xlsx":
        with _saved(_titled(sheets)) as book:
            content = book.read()
        return HttpResponse(content, content_type=XLSX, headers=_headers(request, name, kind))
    text = b"".join(_csv(_under_each_other(lambda: sheets)))
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=_headers(request, name, kind))


def sheets_file(request: HttpRequest, name: str, sheets: Callable[[], Sequence[Sheet]]) -> HttpResponseBase:
    """Return tables that are read while they are sent as the file that the address asks for, laid out as `page_file` does.

    `sheets` is called, and its lines are read in their order, inside the request's own scope.
    """
    kind = request.GET["as"]
    if kind == "csv":
        return csv_stream(request, name, _csv(_under_each_other(sheets)))
    book = _saved((title, _at_most(iter(lines))) for title, lines in _titled(sheets()))
    return FileResponse(book, content_type=XLSX, headers=_headers(request, name, kind))


def page_name(request: HttpRequest) -> str:
    """Return what the file of a page is called."""
    match = request.resolver_match
    return (match.url_name if match and match.url_name else "page").replace("_", "-")


def harmless(value: Any) -> Any:
    """Return a value that no spreadsheet runs: a text that begins like a formula is marked as text."""
    if isinstance(value, str) and value.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{value}"
    return value


def _lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[list[Any]]:
    yield [title for title, _ in columns]
    for row in rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else rows:
        yield [harmless(_plain(_read(row, what))) for _, what in columns]


def _at_most(lines: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield from islice(lines, MOST + 1)
    if next(lines, None) is not None:
        yield [f"The first {MOST:,} rows. The CSV file has all of them."]


def _read(row: Any, what: str | Callable[[Any], Any]) -> Any:
    if callable(what):
        return what(row)
    for name in what.split("."):
        row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
        if row is None:
            return None
    return row() if callable(row) else row


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | int | float | Decimal):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return str(value)


def _csv(lines: Iterator[list[Any]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    yield "\ufeff".encode()  # Excel reads the letters right
    for number, line in enumerate(lines):
        writer.writerow(
            [value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else value for value in line]
        )
        if number % 50 == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _xlsx(name: str, lines: Iterator[list[Any]]) -> Any:
    return _saved([(name.capitalize(), lines)])


def _titled(sheets: Sequence[Sheet]) -> Iterator[Sheet]:
    """Name each sheet as a workbook allows it, and write nothing that a spreadsheet would run."""
    for at, (caption, lines) in enumerate(sheets, 1):
        title = re.sub(r"[\\/*?:\[\]]", " ", caption) or "Table"
        yield f"{at} {title}" if len(sheets) > 1 else title, (list(map(harmless, line)) for line in lines)


def _under_each_other(read: Callable[[], Sequence[Sheet]]) -> Iterator[list[Any]]:
    sheets = read()
    for caption, lines in sheets:
        if len(sheets) > 1:
            yield [harmless(caption)]
        yield from (list(map(harmless, line)) for line in lines)
        if len(sheets) > 1:
            yield []


def _ending(lines: list[list[Any]]) -> list[list[Any]]:
    """Say so where a table that was worked out ends because it was long enough."""
    if len(lines) <= MOST_OF_A_PAGE:
        return lines
    return [*lines, [f"The first {MOST_OF_A_PAGE:,} rows. Narrow the list to see the others."]]


def _saved(sheets: Iterable[Sheet]) -> Any:
    book = Workbook(write_only=True)
    for title, lines in sheets:
        sheet = book.create_sheet(title[:31].strip(" '"))
        sheet.freeze_panes = "A2"
        for line in lines:
            sheet.append(line)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(out)
    out.seek(0)
    return out


def _in_scope(parts: Iterator[bytes], now: Scope, zone: tzinfo) -> Iterator[bytes]:
    """Read what is sent after the view has returned in the scope of the request; the server's own thread never holds it."""

    def run() -> Generator[bytes, None, None]:
        with scope(now.organization_id, now.deployments, now.sites), timezone.override(zone):
            yield from parts

    context, reading = copy_context(), run()
    try:
        while (part := context.run(next, reading, None)) is not None:
            yield part
    finally:
        context.run(reading.close)


def _file_name(request: HttpRequest, name: str) -> str:
    organization = getattr(request, "organization", None)
    return "-".join(filter(None, [getattr(organization, "slug", ""), name, timezone.localdate().isoformat()]))
