"""Every refusal of the API, in one shape: `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from rest_framework import exceptions, status
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
KINDS = {
    400: ("bad-request", "The request cannot be read"),
    401: ("not-signed-in", "No valid token"),
    403: ("not-allowed", "Not allowed"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "This address does not answer the method"),
    406: ("not-acceptable", "Only application/json is answered"),
    409: ("refused", "Refused as things stand"),
    413: ("too-large", "The body is too large"),
    415: ("unsupported-media-type", "Only application/json is read"),
    422: ("invalid", "Some values are not valid"),
    429: ("too-many-requests", "Too many requests"),
    500: ("server-error", "Something failed here"),
}
DETAILS = {
    401: "Send a token of this organization as Authorization: Bearer cw_…, or sign in.",
    404: "There is nothing here that you may see.",
    405: "See the OpenAPI document for what it answers.",
    500: "Nothing was saved. Give the reference to whoever runs Causeway.",
}
KEPT_HEADERS = ("Allow", "Retry-After", "X-Reference")


class BadParameter(exceptions.APIException):
    """A query parameter that is unknown, repeated or malformed."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, parameter: str, detail: str) -> None:
        self.parameter = parameter
        super().__init__(detail)


class Refused(exceptions.APIException):
    """A verb refused; its message says why and what would change it. Nothing was saved."""

    status_code = status.HTTP_409_CONFLICT


class KeyReused(exceptions.APIException):
    """An idempotency key came again with another request."""

    status_code = status.HTTP_409_CONFLICT
    kind = "idempotency-key-reused"


@contextmanager
def refusing(*refusals: type[Exception]) -> Iterator[None]:
    """Turn what a verb raises to refuse into a problem with its words."""
    try:
        yield
    except DjangoValidationError:
        raise  # it names fields; `handler` keeps them
    except refusals as refusal:
        raise Refused(str(refusal)) from refusal


def describe(code: int, detail: str = "", *, kind: str = "", **more: Any) -> dict[str, Any]:
    """Return the members of a problem."""
    known, title = KINDS.get(code, KINDS[500 if code >= 500 else 400])
    return {
        "type": f"urn:causeway:problem:{kind or known}",
        "title": title,
        "status": code,
        "detail": detail or DETAILS.get(code, f"{title}."),
        **more,
    }


def response(code: int, detail: str = "", **more: Any) -> HttpResponse:
    """Return a problem from outside a view."""
    text = json.dumps(describe(code, detail, **more), ensure_ascii=False, separators=(",", ":"))
    answer = HttpResponse(text, status=code, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
    if code == status.HTTP_401_UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="causeway"'
    return answer


def normalized(answer: HttpResponseBase) -> HttpResponseBase:
    """Give an answer of the pages below the API the API's shape.

    A missing object, a foreign one, an organization one does not belong to and an address that does not exist give
    the same bytes and the same headers.
    """
    code = answer.status_code
    if code == status.HTTP_404_NOT_FOUND:
        return response(code)
    if code in {301, 302, 303, 307, 308}:
        return response(403, "Your role needs a second factor: prove it in the browser first, or use a token.")
    if code < 400 or answer.get("Content-Type", "").startswith(MEDIA_TYPE):
        return answer
    more = {"reference": answer["X-Reference"]} if answer.has_header("X-Reference") else {}
    problem = response(code, **more)
    for name in KEPT_HEADERS:
        if answer.has_header(name):
            problem[name] = answer[name]
    return problem


def handler(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a view; None lets it become a 500 with a reference."""
    headers: dict[str, str] = {}
    if isinstance(exception, Http404):
        data = describe(404)
    elif isinstance(exception, PermissionDenied):
        data = describe(403, str(exception))
    elif isinstance(exception, RequestDataTooBig):
        data = describe(413)
    elif isinstance(exception, DjangoValidationError):
        data = describe(422, errors=_of_django(exception))
    elif isinstance(exception, exceptions.ValidationError):
        data = describe(422, errors=list(pointers(exception.detail)))
    elif isinstance(exception, exceptions.APIException):
        data, headers = _of_api(exception)
    else:
        return None
    return Response(data, status=data["status"], content_type=MEDIA_TYPE, headers=headers)


def pointers(detail: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Yield each mistake with the JSON pointer of the value it is about; an empty pointer means the whole body."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from pointers(inner, at if name == "non_field_errors" else f"{at}/{name}")
    elif isinstance(detail, list | tuple):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from pointers(inner, f"{at}/{position}" if nested else at)
    else:
        yield {"pointer": at, "detail": str(detail)}


def _of_api(exception: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait))
    more = {"parameter": exception.parameter} if isinstance(exception, BadParameter) else {}
    kind = getattr(exception, "kind", "")
    code = exception.status_code
    detail = "" if code in {401, 405} else str(exception.detail)
    return describe(code, detail, kind=kind, **more), headers


def _of_django(exception: DjangoValidationError) -> list[dict[str, str]]:
    if hasattr(exception, "error_dict"):
        return list(pointers({name: list(texts) for name, texts in exception.message_dict.items()}))
    return list(pointers(exception.messages))
