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
from web.page_tables import PageTable, tables_of

Column = tuple[str, str | Callable[[Any], Any]]
"""A heading, and what stands below it: a path of attributes ("site.name", "get_state_display") or a function of the row."""
KINDS = ("csv", "xlsx")
MOST = 100_000
"""Rows of a workbook; a CSV file is read while it is sent and has no end."""
MOST_OF_A_PAGE = 10_000
"""Rows that a page draws for a file; lists that may grow longer give their own columns."""
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


def rows_to_read(asked: QueryDict, shown: int) -> int:
    """Return how many rows of a list a page reads: those that it shows, or all where it is asked for as a file."""
    return MOST_OF_A_PAGE if asked.get("as") in KINDS else shown


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
    safe = [PageTable(one.caption, [list(map(harmless, line)) for line in one.lines]) for one in found]
    match = request.resolver_match
    name = (match.url_name if match and match.url_name else "page").replace("_", "-")
    if kind == "xlsx":
        with _workbook(safe) as book:
            content = book.read()
        return HttpResponse(content, content_type=XLSX, headers=_headers(request, name, kind))
    lines = (
        line
        for one in safe
        for line in ([*([[one.caption]] if len(safe) > 1 else []), *one.lines, *([[]] if len(safe) > 1 else [])])
    )
    text = b"".join(_csv(iter(lines)))
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=_headers(request, name, kind))


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


def _workbook(tables: Sequence[PageTable]) -> Any:
    named = [(re.sub(r"[\\/*?:\[\]]", " ", one.caption) or "Table", one.lines) for one in tables]
    return _saved([(f"{at} {title}" if len(named) > 1 else title, lines) for at, (title, lines) in enumerate(named, 1)])


def _saved(sheets: Iterable[tuple[str, Iterable[list[Any]]]]) -> Any:
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
