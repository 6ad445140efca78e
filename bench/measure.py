"""Counts SQL statements and CPU of one operation, in this process and in its database backend."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of an operation costs. Database CPU is read in clock ticks, so it is a mean over many runs."""

    sql: int
    python_ms: float
    database_ms: float | None
    wall_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of both processes; of this one alone where the backend runs elsewhere."""
        return self.python_ms + (self.database_ms or 0)


def measure(prepare: Callable[[int], Any], work: Callable[[Any], object], runs: int) -> Cost:
    """Do `work(prepare(n))` so many times, after one that is not counted; only `work` is measured."""
    work(prepare(0))
    statements: list[int] = []
    python, wall, database = [], [], 0.0
    for number in range(1, runs + 1):
        thing = prepare(number)
        counted = 0

        def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal counted
            counted += 1
            return execute(sql, params, many, context)

        backend = backend_ms()
        with connection.execute_wrapper(count):
            started, cpu = time.perf_counter(), time.process_time()
            work(thing)
            python.append((time.process_time() - cpu) * 1000)
            wall.append((time.perf_counter() - started) * 1000)
        after = backend_ms()
        database += (after or 0) - (backend or 0)
        statements.append(counted)
    known = backend_ms() is not None
    return Cost(
        sql=round(statistics.median(statements)),
        python_ms=statistics.median(python),
        database_ms=database / runs if known else None,
        wall_ms=statistics.median(wall),
    )


def backend_ms() -> float | None:
    """CPU that this connection's backend has used, in milliseconds; None where it runs on another machine."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid  # asks nobody: libpq knows it
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * TICK_MS
