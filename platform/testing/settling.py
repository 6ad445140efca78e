"""Readers of the event log stop below the oldest running transaction of the server, and every test worker has one open."""

from django.db import connection


def settle() -> None:
    """Return when every transaction that was running on the server at this moment has ended; fail after five minutes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmax(pg_current_snapshot())::text")
        (until,) = cursor.fetchone()
        for _ in range(30_000):
            cursor.execute("select pg_snapshot_xmin(pg_current_snapshot()) >= %s::text::xid8", [until])
            if cursor.fetchone() == (True,):
                return
            cursor.execute("select pg_sleep(0.01)")
    raise TimeoutError(f"A transaction older than {until} runs for more than five minutes on the test server.")
