"""The whole of a list as a file, where its page shows the newest of it: the page is drawn for some rows after the other.

    context = {"changes": shown_rows(request.GET, found, PAGE)}
    return page(request, "deployments/changes.html", context)

The file has the page's own columns and words, and no end; no more than one part of the rows is held at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict

from web.page_tables import PageTable, kept_columns, raw_tables_of
from web.tables import is_file, page_name, sheets_file

CHUNK = 500
Shape = Callable[[list[Any]], list[Any]]
Draw = Callable[[Mapping[str, Any]], str]
"""Draws the page with these rows under their names in its template."""


class Whole(Sequence[Any]):
    """All rows of a list, for a file; as a sequence it is what the page shows of them."""

    def __init__(self, rows: QuerySet[Any], shown: int, shape: Shape) -> None:
        self._rows, self._count, self._shape = rows, shown, shape

    def parts(self) -> Iterator[list[Any]]:
        """Read all rows by a cursor, some at a time, as the template takes them."""
        found = self._rows.iterator(chunk_size=CHUNK)
        while part := list(islice(found, CHUNK)):
            yield self._shape(part)

    @cached_property
    def _shown(self) -> list[Any]:
        return self._shape(list(self._rows[: self._count]))

    def __len__(self) -> int:
        return len(self._shown)

    def __getitem__(self, place: Any) -> Any:
        return self._shown[place]


def shown_rows(asked: QueryDict, rows: QuerySet[Any], shown: int, shape: Shape = list) -> Sequence[Any]:
    """Return the first rows as a page shows them, and with them all where the address asks for a file.

    `shape` makes what the template takes of some rows. The value goes into the context of `web.render.page` as it is.
    """
    return Whole(rows, shown, shape) if is_file(asked) else shape(list(rows[:shown]))


def holds_whole(context: Mapping[str, Any]) -> bool:
    """Whether a page shows the first rows of a list that a file would have all of."""
    return any(isinstance(value, Whole) for value in context.values())


def whole_file(request: HttpRequest, context: Mapping[str, Any], draw: Draw) -> HttpResponseBase:
    """Return the page's tables as the file that the address asks for, with all rows of its whole lists."""
    wholes = {name: value for name, value in context.items() if isinstance(value, Whole)}
    return sheets_file(request, page_name(request), lambda: _tables(draw, wholes))


def _tables(draw: Draw, wholes: Mapping[str, Whole]) -> list[tuple[str, Iterator[list[Any]]]]:
    """Return each table's caption and lines; the tables are to be read in their order."""
    reading = {name: whole.parts() for name, whole in wholes.items()}
    first = {name: next(parts, []) for name, parts in reading.items()}
    later = {name: part for name, parts in reading.items() if (part := next(parts, None))}
    nothing: dict[str, list[Any]] = {name: [] for name in wholes}
    empty = {one.caption: one.lines for one in raw_tables_of(draw(nothing))} if later else {}

    def more(name: str, caption: str) -> Iterator[list[Any]]:
        for part in chain([later[name]], reading[name]):
            for one in raw_tables_of(draw({**nothing, name: part})):
                if one.caption == caption:
                    yield from one.lines[1:]

    filled_by = {
        one.caption: name
        for name in later
        for one in raw_tables_of(draw({**nothing, name: first[name]}))
        if one.lines != empty.get(one.caption)
    }
    return [
        (one.caption, _lines(one, more(filled_by[one.caption], one.caption) if one.caption in filled_by else iter([])))
        for one in raw_tables_of(draw(first))
    ]


def _lines(first: PageTable, later: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Leave out the columns that held buttons; what a later row has under a heading stays."""
    kept = kept_columns(first.lines, headed=True)
    for line in chain(first.lines, later):
        yield [line[place] if place < len(line) else "" for place in kept]
