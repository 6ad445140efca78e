"""The base of every endpoint: in scope, guarded by a permission for each action, strict about what it is asked."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from access.permissions import Permission
from access.require import demand
from api.filters import PAGING, Filter, refuse_unknown
from audit.actor import Actor

READS = {"GET", "HEAD"}
BY_API = "through the API"
"""How somebody came to a sensitive paper, as the read log says it."""
OPTIONS = "metadata"
"""REST framework's name for the action of a method that none of ours answers."""


class ScopedViewSet(GenericViewSet[Any]):
    """Lists and shows rows of the organization in scope.

    A subclass names `needs` (action to permission), `filters`, `keyset` (order of the list, last field unique) and
    `rows()`. What `rows()` leaves out is answered with the same 404 as what does not exist.
    """

    http_method_names = ["get", "head", "post"]

    needs: ClassVar[Mapping[str, Permission]] = {}
    filters: ClassVar[Mapping[str, Filter]] = {}
    parameters: ClassVar[Mapping[str, set[str]]] = {}
    """Query parameters of actions other than `list`."""
    keyset: ClassVar[tuple[str, ...]] = ("id",)
    follows: ClassVar[bool] = False
    """Whether `next` is given at the end too, for callers that come back for what is new."""

    def rows(self) -> QuerySet[Any]:
        """Return what the caller may see."""
        raise NotImplementedError

    def read(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """Read one page of a list."""
        return list(rows)

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows; nothing while the schema is drawn, outside any scope."""
        if getattr(self, "swagger_fake_view", False):
            return self.serializer_class.Meta.model.objects.none()  # type: ignore[union-attr, no-any-return]
        return self.rows()

    @property
    def by(self) -> Actor:
        """Who acts."""
        return self.request.actor  # type: ignore[attr-defined, no-any-return]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check caller, permission, rate and parameters before anything is read."""
        if request.method not in READS:
            request._request.body  # noqa: B018 - reads it under DATA_UPLOAD_MAX_MEMORY_SIZE; the parser would not
        super().initial(request, *args, **kwargs)
        if self.action is not None:
            known = set(self.filters) | PAGING if self.action == "list" else set()
            refuse_unknown(request, known | self.parameters.get(self.action, set()))

    def check_permissions(self, request: Request) -> None:
        """Demand the action's permission; an address without the method answers 405 further on."""
        super().check_permissions(request)
        if self.action is not None and self.action != OPTIONS:
            demand(request._request, self.needs[self.action])

    def get_object(self) -> Any:
        """Return the row of the address; raise Http404."""
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def list(self, request: Request, **kwargs: Any) -> Response:
        """Show a page of rows."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.shown(page or []))

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show one row, or say that the caller has it already."""
        found = self.get_object()
        return self.answer(found)

    def shown(self, rows: Any) -> Any:
        """Return the rows as data. What a list says of a row depends on the row alone: its serializer has no context."""
        reader = _reader(self.get_serializer_class())  # type: ignore[arg-type]  # a class is hashable
        return [reader.to_representation(row) for row in rows]

    def version_of(self, found: Any) -> tuple[Any, ...] | None:
        """Return what changes whenever the row's representation does; None where nothing such is kept."""
        return None

    def answer(self, found: Any, status: int = 200) -> Response:
        """Show one row with its entity tag; 304 without serializing where the caller has this version."""
        version = self.version_of(found)
        if version is None:
            return Response(self.get_serializer(found).data, status=status)
        tag = f'"{hashlib.sha256(repr((found.pk, *version)).encode()).hexdigest()[:24]}"'
        if self.request.method in READS and tag in parse_etags(self.request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": tag})
        return Response(self.get_serializer(found).data, status=status, headers={"ETag": tag})

    def body(self, serializer: Any) -> dict[str, Any]:
        """Return the checked body; raise a problem that names each wrong field."""
        form = serializer(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return form.validated_data  # type: ignore[no-any-return]


@cache
def _reader(serializer: Any) -> Any:
    """Return one serializer for all lists: to find out its fields is half of what a page of rows costs."""
    return serializer()
