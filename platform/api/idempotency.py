"""`Idempotency-Key`: a write that may be sent again."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from api.callers import caller_of
from api.models import IdempotentRequest
from api.models.idempotent_request import AnotherRequest, digest_of
from api.problems import KeyReused

HEADER = "Idempotency-Key"
SHAPE = re.compile(rf"[\x21-\x7e]{{1,{IdempotentRequest.longest_key}}}")
Action = Callable[..., Any]


def once(action: Action) -> Action:
    """Let callers repeat this write under a key of theirs; without a key it is simply done."""

    @wraps(action)
    def replayable(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return action(view, request, *args, **kwargs)
        if not SHAPE.fullmatch(key):
            raise exceptions.ParseError(
                f"{HEADER} takes 1 to {IdempotentRequest.longest_key} visible ASCII characters."
            )

        def act() -> tuple[int, str]:
            answer = action(view, request, *args, **kwargs)
            return answer.status_code, JSONRenderer().render(answer.data).decode()

        deployment: UUID | None = kwargs.get("deployment")
        try:
            status, body, replayed = IdempotentRequest.answer_once(
                act,
                caller=caller_of(request),
                key=key,
                digest=digest_of(request.method or "", request.path, request._request.body),
                deployment_id=deployment,
            )
        except AnotherRequest:
            raise KeyReused(f"{HEADER} {key} was sent before with another request: take a new one.") from None
        headers = {"Idempotency-Replayed": "true"} if replayed else {}
        return HttpResponse(body, status=status, content_type="application/json", headers=headers)

    replayable.idempotent = True  # type: ignore[attr-defined]
    return replayable
