"""Filters of a list, declared by name: what is not declared is refused, not ignored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from api.problems import BadParameter

PAGING = {"cursor", "limit"}
LONGEST_TEXT = 160
Narrow = Callable[[QuerySet[Any], Any], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter: what it narrows (a lookup, or a function), how its text is read, and a line for the schema."""

    narrows: str | Narrow
    says: str
    reads: Callable[[str], Any]
    schema: dict[str, Any]

    def apply(self, queryset: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        """Return the narrowed queryset; raise BadParameter, naming the parameter."""
        try:
            value = self.reads(text)
        except ValueError as error:
            raise BadParameter(name, str(error)) from None
        return (
            queryset.filter(**{self.narrows: value}) if isinstance(self.narrows, str) else self.narrows(queryset, value)
        )


def choice(narrows: str | Narrow, values: Iterable[Any], says: str) -> Filter:
    """One of a closed list."""
    known = [str(value) for value in values]

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"Choose one of: {', '.join(known)}.")
        return text

    return Filter(narrows, says, read, {"type": "string", "enum": known})


def identifier(narrows: str | Narrow, says: str) -> Filter:
    """An id."""

    def read(text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            raise ValueError("That is not an id.") from None

    return Filter(narrows, says, read, {"type": "string", "format": "uuid"})


def day(narrows: str | Narrow, says: str) -> Filter:
    """A date."""

    def read(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("That is not a date: write it as 2026-11-24.") from None

    return Filter(narrows, says, read, {"type": "string", "format": "date"})


def moment(narrows: str | Narrow, says: str) -> Filter:
    """A moment with its offset."""

    def read(text: str) -> datetime:
        found = parse_datetime(text)
        if found is None or timezone.is_naive(found):
            raise ValueError("That is not a moment: write it as 2026-11-24T09:00:00Z.")
        return found

    return Filter(narrows, says, read, {"type": "string", "format": "date-time"})


def flag(narrows: str | Narrow, says: str) -> Filter:
    """true or false."""

    def read(text: str) -> bool:
        if text not in {"true", "false"}:
            raise ValueError("Write true or false.")
        return text == "true"

    return Filter(narrows, says, read, {"type": "boolean"})


def words(narrows: str | Narrow, says: str) -> Filter:
    """Free text."""

    def read(text: str) -> str:
        if not 0 < len(text) <= LONGEST_TEXT or "\x00" in text:
            raise ValueError(f"Write 1 to {LONGEST_TEXT} characters.")
        return text

    return Filter(narrows, says, read, {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT})


class Declared(BaseFilterBackend):
    """Applies the view's `filters`."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Narrow by every parameter given."""
        for name, declared in view.filters.items():
            if (text := request.query_params.get(name)) is not None:
                queryset = declared.apply(queryset, name, text)
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe each parameter."""
        return [
            {"name": name, "in": "query", "schema": declared.schema, "description": declared.says}
            for name, declared in view.filters.items()
        ]


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raise BadParameter for a parameter that the address does not have, or that is given twice."""
    for name, values in request.query_params.lists():
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise BadParameter(name, f"This address has no parameter {name}; it has: {listed}.")
        if len(values) > 1:
            raise BadParameter(name, f"Give {name} once.")
