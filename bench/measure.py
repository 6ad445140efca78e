"""Counts SQL statements and CPU of one operation, in this process and in its database backend."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from testing.statements import counts

NANOSECONDS_A_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of an operation costs: the median over the runs."""

    sql: int
    python_ms: float
    database_ms: float | None
    wall_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of both processes; of this one alone where the backend runs elsewhere."""
        return self.python_ms + (self.database_ms or 0)


def measure(prepare: Callable[[int], Any], work: Callable[[Any], object], runs: int, using: str = "default") -> Cost:
    """Do `work(prepare(n))` so many times, after one that is not counted; only `work` is measured."""
    work(prepare(0))
    statements: list[int] = []
    python, wall, database = [], [], []
    for number in range(1, runs + 1):
        thing = prepare(number)
        counted = 0

        def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal counted
            counted += counts(sql)
            return execute(sql, params, many, context)

        backend = backend_ms(using)
        with connections[using].execute_wrapper(count):
            started, cpu = time.perf_counter(), time.process_time()
            work(thing)
            python.append((time.process_time() - cpu) * 1000)
            wall.append((time.perf_counter() - started) * 1000)
        database.append((backend_ms(using) or 0) - (backend or 0))
        statements.append(counted)
    known = backend_ms(using) is not None
    return Cost(
        sql=round(statistics.median(statements)),
        python_ms=statistics.median(python),
        database_ms=statistics.median(database) if known else None,
        wall_ms=statistics.median(wall),
    )


def backend_ms(using: str = "default") -> float | None:
    """CPU that this connection's backend has used, in milliseconds; None where it runs on another machine."""
    connections[using].ensure_connection()
    pid = connections[using].connection.info.backend_pid  # asks nobody: libpq knows it
    try:
        on_cpu = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
    except OSError:
        return None
    return int(on_cpu) / NANOSECONDS_A_MS
