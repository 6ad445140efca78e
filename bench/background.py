"""What the workers' work costs: finding what is due, and checking the log."""

from collections.abc import Iterator

from django.db import connections

from audit import sealing, verification
from bench.ground import Ground
from bench.lines import RUNS, Line
from bench.measure import measure
from notices.engine import due_by_organization


def due_scan(ground: Ground) -> Iterator[Line]:
    """Find what is due among everything that waits, in all organizations."""
    with connections["steward"].cursor() as cursor:
        cursor.execute("select count(*) from notices_reminder where state in ('due', 'sending')")
        ((pending,),) = cursor.fetchall()
    cost = measure(lambda number: None, lambda nothing: due_by_organization(), RUNS, using="steward")
    yield Line(f"due scan, {pending:,} reminders pending", cost, goal="5 ms at 1,000,000")


def verification_speed(ground: Ground) -> Iterator[Line]:
    """Check an organization's whole log; beside it, bare hashlib over the same stored canonical bytes."""
    while sealing.seal(ground.host.pk):
        pass
    report = min((verification.verify(ground.host.pk) for _ in range(3)), key=lambda found: found.seconds)
    if not report.intact:
        raise RuntimeError(str(report.first_fault))
    count, seconds = verification.yardstick(ground.host.pk)
    reading = min(verification.reading_yardstick(ground.host.pk) for _ in range(3))
    bare = (report.events / report.seconds) / (count / seconds)
    name = f"verify a log of {report.events:,} events"
    yield Line(
        name,
        figure=f"{reading / report.seconds:.0%}",
        goal="40 %",
        note=f"of reading the stored bytes and hashing them with hashlib; {report.events / report.seconds:,.0f} events/s",
    )
    yield Line(
        name, figure=f"{bare:.0%}", note=f"of hashlib over bytes already in memory, {count / seconds:,.0f} events/s"
    )
