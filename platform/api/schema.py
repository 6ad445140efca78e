"""The OpenAPI document: drawn from the endpoints, so that it cannot say something else."""

from functools import cache
from typing import Any

from django.utils.text import capfirst
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from access.permissions import SAYS
from api.idempotency import HEADER
from api.models import IdempotentRequest
from api.problems import KINDS, MEDIA_TYPE
from api.serializers import Problem

READ_REFUSALS = (400, 401, 403, 404, 429)
WRITE_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429)
ADDRESS = "/o/{org}/api/v1"


class Operation(AutoSchema):
    """Adds to each operation what every view of ours has: its permission, its refusals, its headers."""

    view: Any

    def get_operation_id(self) -> str:
        """Name an operation after its view and action: stable, whatever becomes of the address."""
        subject = type(self.view).__name__.removesuffix("ViewSet").removesuffix("View")
        return f"{subject[:1].lower()}{subject[1:]}.{self.view.action}"

    def get_tags(self) -> list[str]:
        """Group by the first word of the address."""
        return [capfirst(self.path.split("/")[1].replace("-", " "))]

    def get_summary(self) -> str:
        """Take the first sentence of the action's docstring."""
        return self._words()[0]

    def get_description(self) -> str:  # type: ignore[override]
        """Say the rest of it, and what it needs."""
        permission = self.view.needs[self.view.action]
        return f"{self._words()[1]}\n\nNeeds `{permission.value}`: {SAYS[permission].lower()}.".strip()

    def get_override_parameters(self) -> list[Any]:
        """Add the key of a write."""
        return []

    def get_filter_backends(self) -> list[Any]:
        """Name filters where the endpoints read them: on a list (`ScopedViewSet` refuses them elsewhere)."""
        found: list[Any] = super().get_filter_backends()
        return found if self.view.action == "list" else []

    def _get_paginator(self) -> Any:
        """Show pages on a list only: what a write answers row by row is one plain array."""
        return super()._get_paginator() if self.view.action == "list" else None  # type: ignore[no-untyped-call]

    def _words(self) -> tuple[str, str]:
        words = (getattr(self.view, self.view.action).__doc__ or "").strip()
        first, _, rest = words.partition("\n\n")
        return " ".join(first.split()), " ".join(rest.split())

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        if getattr(getattr(self.view, self.view.action), "idempotent", False):
            parameters.append(
                {
                    "name": HEADER,
                    "in": "header",
                    "schema": {"type": "string", "minLength": 1, "maxLength": IdempotentRequest.longest_key},
                    "description": "A name of your own for this request, kept for 24 hours: sent again, it gets the first answer.",
                }
            )
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        reference = self.resolve_serializer(Problem, "response").ref
        for code in READ_REFUSALS if self.method == "GET" else WRITE_REFUSALS:
            bodies[str(code)] = {"description": KINDS[code][1], "content": {MEDIA_TYPE: {"schema": reference}}}
        return bodies


class TokenOrSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The two ways in."""

    target_class = "api.callers.TokenOrSession"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: Any) -> Any:
        """Describe them."""
        return [
            {"type": "http", "scheme": "bearer", "description": "A token of the organization: cw_…"},
            {
                "type": "apiKey",
                "in": "cookie",
                "name": "session",
                "description": "A signed-in browser; writes need CSRF.",
            },
        ]


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; drawn once a process."""
    found: dict[str, Any] = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    _plain(found)
    found["servers"] = [
        {
            "url": ADDRESS,
            "variables": {"org": {"default": "your-organization", "description": "The organization's short name"}},
        }
    ]
    return found


def _plain(schema: Any) -> None:
    """Let "any value" include null: the generator says "either anything or null", which null fulfills twice."""
    if isinstance(schema, dict):
        if schema.get("oneOf") == [{}, {"type": "null"}]:
            del schema["oneOf"]
        for inner in schema.values():
            _plain(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _plain(inner)
