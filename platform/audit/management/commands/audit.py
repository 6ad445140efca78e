"""`bin/manage audit verify | export | seal | rotate | expire | upkeep | advance`: the seal on the event log, and its months."""

import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection
from django.utils import timezone

from audit import archive, ending, keys, retention, sealing, verification
from audit.web.formats import FORMATS
from tenancy import months
from tenancy.models import Organization

PER_TURN = 100_000


class Command(BaseCommand):
    """Verify, export or seal the event log."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the seven verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, says in (
            ("verify", "recompute everything and name the first bad event"),
            ("export", "write the sealed log: as JSON lines with proofs, as CSV, or as OCSF"),
            ("seal", "seal now what the workers would seal in a few seconds"),
            ("rotate", "sign the next heads with a new key; what the old one signed still verifies"),
            ("expire", "end the keeping of what is older than AUDIT_RETENTION_YEARS and under no legal hold"),
            ("upkeep", "make the months ahead, move old rows into theirs, and expire: once a day"),
            ("advance", "after a restore on another server: count transactions up to where the log is"),
        ):
            child = verbs.add_parser(verb, help=says)
            if verb in {"verify", "seal", "expire"}:
                child.add_argument("--organization", metavar="SLUG", help="default: every organization")
            elif verb == "export":
                child.add_argument("--organization", metavar="SLUG", required=True)
                child.add_argument("--as", dest="kind", choices=sorted(FORMATS), default="jsonl")
                child.add_argument("--after", type=int, default=0, metavar="BATCH", help="go on after this batch")
            elif verb == "upkeep":
                child.add_argument(
                    "--every", type=float, metavar="HOURS", help="stay, and do it again after so many hours"
                )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Run the verb."""
        getattr(self, verb)(**options)

    def verify(self, organization: str | None = None, **options: Any) -> None:
        """Verify one log or all; fail if anything does not hold."""
        bad = 0
        for found in _organizations(organization):
            report = verification.verify(found.pk)
            self.stdout.write(
                f"{found.slug}: {'intact' if report.intact else 'NOT INTACT'}: {report.events:,} events in"
                f" {report.batches:,} batches, {report.images:,} row images, {report.unsealed:,} not sealed yet,"
                f" head {report.head.hex()[:16]}"
            )
            for fault in report.faults[:20]:
                self.stdout.write(f"  {fault}")
            if report.faults:
                bad += 1
                self.stdout.write(f"  The first bad one: {report.first_fault}")
            if report.events:
                self._speed(found.pk, report)
        if bad:
            raise CommandError(f"{bad} logs are not intact")

    def _speed(self, organization_id: UUID, report: verification.Report) -> None:
        count, seconds = verification.yardstick(organization_id)
        ours, bare = report.events / report.seconds, count / seconds
        reading = verification.reading_yardstick(organization_id)
        self.stdout.write(
            f"  {ours:,.0f} events/s: {100 * reading / report.seconds:.0f} % of reading the stored bytes and hashing them with"
            f" bare hashlib, {100 * ours / bare:.0f} % of bare hashlib over canonical bytes that lie in memory"
        )

    def export(self, organization: str, kind: str = "jsonl", after: int = 0, **options: Any) -> None:
        """Stream one log to standard output."""
        [found] = _organizations(organization)
        for line in FORMATS[kind][2](found.pk, after):
            sys.stdout.write(line)

    def seal(self, organization: str | None = None, **options: Any) -> None:
        """Seal one log or all."""
        for found in _organizations(organization):
            while batch := sealing.seal(found.pk):
                self.stdout.write(f"{found.slug}: batch {batch.number}, events {batch.first:,} to {batch.last:,}")

    def rotate(self, **options: Any) -> None:
        """Exchange the signing key, or say what to exchange where the environment gives it."""
        if settings.AUDIT_SIGNING_KEY:
            new, former = keys.fresh()
            listed = ",".join([*settings.AUDIT_FORMER_KEYS, former])
            self.stdout.write(f"AUDIT_SIGNING_KEY={new}\nAUDIT_FORMER_KEYS={listed}")
            self.stderr.write(
                "Put both into the environment of web and workers and start them again; nothing has changed yet."
            )
            return
        before, after = keys.rotate()
        self.stdout.write(f"Heads are signed by {after} from now on; those signed by {before} verify as before.")

    def expire(self, organization: str | None = None, **options: Any) -> None:
        """End the keeping of what is old enough, organization by organization; a hold is told and passed over.

        Over all organizations, months of which nothing is kept any more go whole.
        """
        _refuse_all_but_the_owner()
        before = retention.cutoff()
        spared = ending.ending(before) if organization is None else (retention.NOTHING, retention.NOTHING)
        for found in _organizations(organization):
            try:
                done = retention.expire(found.pk, spared=spared, archive=archive.write)
            except retention.Held as hold:
                self.stdout.write(f"{found.slug}: {hold}")
                continue
            if done.batches:
                self.stdout.write(
                    f"{found.slug}: {done.events:,} events and {done.images:,} row images of {done.batches:,} batches ended"
                )
        for gone in ending.drop_months(before) if organization is None else ():
            self.stdout.write(f"{gone.table}: {gone.month} dropped whole, {gone.kept:,} row images stay")

    def upkeep(self, every: float | None = None, **options: Any) -> None:
        """Look after the months and expire; with `every` again and again, whatever went wrong the time before.

        What fails is told and hinders nothing else: a month that could not be moved keeps nothing from ending.
        """
        _refuse_all_but_the_owner()
        while True:
            done = [self._done(step) for step in (self._make_ahead, self._settle, self.expire)]
            if every is None:
                if not all(done):
                    raise CommandError("Not everything was done; the next turn tries again.")
                return
            if not all(done):
                self.stderr.write(f"Again in {every:g} hours.")
            self.stdout.flush()  # into a file or a pipe it is written by the block
            connection.close()
            time.sleep(every * 3600)

    def _done(self, step: Callable[[], None]) -> bool:
        try:
            step()
        except (Error, OSError) as fault:
            self.stderr.write(f"upkeep: {str(fault).strip()}")
            connection.close_if_unusable_or_obsolete()
            return False
        return True

    def _make_ahead(self) -> None:
        for name in months.make_ahead(timezone.now()):
            self.stdout.write(f"{name} made")

    def _settle(self) -> None:
        for name, rows in months.settle(timezone.now(), oldest=retention.cutoff()):
            self.stdout.write(f"{name}: {rows:,} rows moved into it")

    def advance(self, **options: Any) -> None:
        """Use up transaction numbers until the server's counter is past every log's."""
        from audit.models import Batch, Event
        from tenancy.scope import scope

        reached = 0
        for found in Organization.objects.order_by("slug"):
            with scope(found.pk):
                newest = Batch.objects.newest()
                last = Event.objects.order_by("-xact").first()
            reached = max(reached, newest.through if newest else 0, last.xact + 1 if last else 0)
        while (missing := reached - _counter()) > 0:
            with connection.cursor() as cursor:
                cursor.execute(
                    "do $$ begin for turn in 1.."
                    + str(min(missing, PER_TURN))
                    + " loop perform pg_current_xact_id(); commit; end loop; end $$"
                )
            self.stdout.write(f"{missing:,} to go")
        self.stdout.write(f"The server counts from {_counter():,}; the logs reach {reached:,}")


def _refuse_all_but_the_owner() -> None:
    if settings.DATABASE_ROLE != "migrator":
        raise CommandError("Only the database's owner deletes from the log: set CAUSEWAY_DATABASE_ROLE=migrator.")


def _counter() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _organizations(slug: str | None) -> list[Organization]:
    found = Organization.objects.order_by("slug")
    if slug is None:
        return list(found)
    if not (one := found.filter(slug=slug).first()):
        raise CommandError(f"There is no organization {slug}.")
    return [one]
