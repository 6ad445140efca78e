"""What a load balancer asks: does the process live, and may it be sent requests?"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import cache as once

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notices.watch import sweep_age

log = logging.getLogger(__name__)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nothing else, so that a broken database does not restart it."""
    return HttpResponse("live\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, schema, cache and the workers' sweep answer, or 503 naming what does not. No detail: anybody may ask."""
    states = {name: _works(name, check) for name, check in CHECKS.items()}
    return JsonResponse(states, status=200 if all(state == "ok" for state in states.values()) else 503)


def _works(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        log.exception("readyz: %s", name)
        return "failed"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


def _migrations() -> None:
    _all_applied()


@once
def _all_applied() -> None:
    """Raise unless the database has every migration of this source; not asked again once it has."""
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError(f"{len(plan)} migrations are not applied, the first is {plan[0][0]}")


def _cache() -> None:
    cache.set("readyz", "ok", 10)
    if cache.get("readyz") != "ok":
        raise RuntimeError("the cache forgets")


def _sweep() -> None:
    """Raise if the workers stopped sweeping; an installation whose first worker has yet to start is not held up."""
    age = sweep_age()
    if age is not None and age > timedelta(minutes=settings.SWEEP_MINUTES):
        raise RuntimeError(f"the reminder sweep last ran {age} ago")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database, "migrations": _migrations, "cache": _cache, "sweep": _sweep,
}  # fmt: skip
