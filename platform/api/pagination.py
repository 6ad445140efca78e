"""Pages by place, not by number: rows that come or go meanwhile are neither skipped nor shown twice."""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import BadParameter

LIMIT, LARGEST = 50, 200
LONGEST_CURSOR = 400


class Keyset(BasePagination):
    """Orders by the view's `keyset` (the last field unique) and goes on after the last row shown; costs the same on every page."""

    def __init__(self) -> None:
        self.following: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return one page, and keep where it ends."""
        limit = _limit(request.query_params.get("limit"))
        keyset = view.keyset
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(after(queryset, keyset, cursor))
        rows: list[Any] = view.read(queryset.order_by(*keyset)[: limit + 1])
        page = rows[:limit]
        if page and (len(rows) > limit or view.follows):
            self.following = self._address(request, encode([getattr(page[-1], name) for name in keyset]))
        elif view.follows and cursor is not None:
            self.following = self._address(request, cursor)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Wrap the rows."""
        return Response({"results": data, "next": self.following})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the wrapping."""
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri-reference",
                    "description": "The address of the following page; null at the end.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two parameters."""
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string", "maxLength": LONGEST_CURSOR},
                "description": "Where to go on: taken from `next`, not to be made up.",
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": LIMIT},
                "description": "Rows on a page.",
            },
        ]

    def _address(self, request: Request, cursor: str) -> str:
        query = {**request.query_params.dict(), "cursor": cursor}
        return f"{request.path}?{urlencode(query)}"


def encode(values: list[Any]) -> str:
    """Return a place as text that says nothing to people."""
    text = json.dumps([value if isinstance(value, int) else str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(queryset: QuerySet[Any], keyset: tuple[str, ...], cursor: str) -> GreaterThan:
    """Return the condition of the rows behind a place; raise BadParameter for text that is none."""
    fields = [queryset.model._meta.get_field(name) for name in keyset]
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(found, list):
            raise ValueError
        values = [field.get_prep_value(field.to_python(value)) for field, value in zip(fields, found, strict=True)]
        if None in values:
            raise ValueError
    except (ValueError, TypeError, binascii.Error, ValidationError):
        raise BadParameter("cursor", "This is no cursor: take it from the `next` of a page.") from None
    place = [Value(value, output_field=field) for field, value in zip(fields, values, strict=True)]
    return GreaterThan(_Row(*map(F, keyset)), _Row(*place))


class _Row(Func):
    """Values compared as one: an index over them begins at the very place, however many rows share the first of them."""

    template = "(%(expressions)s)"
    output_field = TextField()


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LARGEST:
        raise BadParameter("limit", f"Choose a whole number from 1 to {LARGEST}.")
    return int(text)
