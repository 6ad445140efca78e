"""What each request costs, for Prometheus: how many, how long, by view and status. Nothing about any organization.

Web runs in several processes, and any of them may be asked. Where METRICS_FOLDER names a folder each keeps its numbers in files
there, and whoever is asked adds them up. A process takes the first free place rather than its own number: one that is started anew
goes on in the files of the one before, so that they do not pile up.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NOWHERE = "-"
"""The view of a request that reached none: a file of ours, an address that does not exist, or what a middleware answered."""

_held: dict[int, tuple[int, IO[bytes]]] = {}
"""By process: its place, and the lock on it that lasts as long as the process does."""


def place() -> int:
    """Return this process's place among those that count in the folder: the first that no living process holds."""
    pid = os.getpid()
    if pid not in _held:
        _held.clear()  # a child's copy of its parent's
        number = 0
        while (lock := _locked(Path(settings.METRICS_FOLDER) / f"place-{number}.lock")) is None:
            number += 1
        _held[pid] = (number, lock)
    return _held[pid][0]


def _locked(path: Path) -> IO[bytes] | None:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


if settings.METRICS_FOLDER:
    Path(settings.METRICS_FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_FOLDER
    values.ValueClass = values.MultiProcessValue(process_identifier=place)  # type: ignore[no-untyped-call]

OWN = CollectorRegistry()
REQUESTS = Counter(
    "causeway_requests", "Requests answered", labelnames=("view", "method", "status"), registry=OWN
)  # fmt: skip
DURATION = Histogram(
    "causeway_request_seconds", "Seconds until an answer begins", labelnames=("view", "status"), buckets=SECONDS,
    registry=OWN,
)  # fmt: skip


class RequestMetrics:
    """Counts and times every request, from before the first middleware to after the last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed  # nobody may read it
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note it."""
        start = time.perf_counter()
        answer = self.get_response(request)
        match = request.resolver_match
        view, status = (match.view_name if match else NOWHERE), str(answer.status_code)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, status).inc()
        DURATION.labels(view, status).observe(time.perf_counter() - start)
        return answer


def add_to(registry: CollectorRegistry) -> None:
    """Let a registry that is asked give the numbers of all web processes."""
    if settings.METRICS_FOLDER:
        collector: Any = MultiProcessCollector
        collector(registry, path=settings.METRICS_FOLDER)
    else:
        registry.register(OWN)
