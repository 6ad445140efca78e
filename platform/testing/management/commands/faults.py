"""`bin/manage faults scenarios [NAME ...]`: every named fault by itself, and what it lost and doubled.

`bin/manage faults reminders`: send reminders while everything around them is struck down, and count.

`bin/manage faults rate`: send reminders in peace, and hold their rate against the mail sink's own.

`bin/manage faults decisions`: let many approvers decide the same gate review at once, and count the winners.
"""

import random
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

ON_OWN_GROUND = ("seed", "poison", "cancel", "decide")


class Command(BaseCommand):
    """Runs on servers of its own, started in a temporary folder and removed at the end."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Four are runs; `seed`, `poison`, `cancel` and `decide` are what they call on their own ground."""
        parser.add_argument("what", choices=["scenarios", "reminders", "rate", "decisions", *ON_OWN_GROUND])
        parser.add_argument("names", nargs="*", help="of scenarios; all by default")
        parser.add_argument("--haste", action="store_true", help="with shorter leases, for a run that must end soon")
        parser.add_argument("--rivals", type=int, default=50)
        parser.add_argument("--rounds", type=int, default=None, help="1,000 of decisions, 5 of rates")
        parser.add_argument("--count", type=int, default=None, help="10,000 reminders; 200 for each scenario")
        parser.add_argument("--kills", type=int, default=40)
        parser.add_argument("--flushes", type=int, default=3)
        parser.add_argument("--crashes", type=int, default=5)
        parser.add_argument("--chance", type=int, default=None, help="repeat the blows of a run by its number")
        parser.add_argument("--seconds", type=float, default=0)
        parser.add_argument("--batch", default="storm")
        parser.add_argument("--batches", nargs="*", default=[], help="seed these, to fall due when the run says so")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; the exit status is 1 unless nothing was lost and nothing doubled, or every decision had one winner."""
        if options["what"] in ON_OWN_GROUND:
            self._on_own_ground(options)
            return
        if options["what"] == "scenarios":
            self._scenarios(options["names"], options["count"] or 200, haste=options["haste"])
            return
        if options["what"] == "decisions":
            self._decisions(options["rivals"], options["rounds"] or 1000)
            return
        if options["what"] == "rate":
            self._rate(options["count"] or 10_000, options["rounds"] or 5)
            return
        from testing.faults.run import run

        number = options["chance"] if options["chance"] is not None else random.SystemRandom().randrange(10**6)
        self.stdout.write(f"Chance {number}")
        result = run(
            options["count"] or 10_000,
            kills=options["kills"],
            flushes=options["flushes"],
            crashes=options["crashes"],
            chance=random.Random(number),  # noqa: S311 - it must repeat
            say=self._say,
        )
        points = ", ".join(f"{point} {count}" for point, count in sorted(result.points.items()))
        for name, value in (
            ("reminders", f"{result.wanted:,}"),
            ("messages", f"{result.messages:,}"),
            ("worker kills", f"{result.kills} (at named points: {points or 'none'})"),
            ("flushes", result.flushes),
            ("crashes", result.crashes),
            ("sent", f"{result.sent:,}"),
            ("lost", result.lost),
            ("doubled", result.doubled),
            ("flagged", result.flagged),
            ("not marked sent", result.unmarked),
            ("duration", f"{result.seconds:.1f} s under blows"),
        ):
            self.stdout.write(f"{name:<16}{value}")
        for line in result.left_over:
            self.stdout.write(f"  {line}")
        if not result.good:
            raise CommandError("Reminders were lost, doubled or left unmarked.")

    def _rate(self, count: int, rounds: int) -> None:
        from testing.faults.rate import median_share, run

        found = run(count, rounds, random.Random(0), self._say)  # noqa: S311 - nothing here is left to chance
        self.stdout.write(f"{'share':<16}{median_share(found):.0%} of the sink's own rate (median of {rounds})")

    def _scenarios(self, names: list[str], count: int, *, haste: bool) -> None:
        from testing.faults.scenarios import SCENARIOS, run

        if unknown := set(names) - SCENARIOS.keys():
            raise CommandError(f"There is no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}.")
        bad, columns = [], ("wanted", "sent", "lost", "doubled", "flagged", "failed", "cancelled")
        self._say(f"{'scenario':24}" + "".join(f"{name:>10}" for name in (*columns, "seconds")))
        for found in run(names or list(SCENARIOS), count, haste=haste, say=self._say):
            cells = "".join(f"{getattr(found, name):>10,}" for name in columns)
            self._say(f"{found.name:24}{cells}{found.seconds:>10.1f}" + "".join(f"  {words}" for words in found.wrong))
            if not found.good:
                bad.append(found.name)
        if bad:
            raise CommandError(f"Reminders were lost, doubled or left unmarked: {', '.join(bad)}.")

    def _decisions(self, rivals: int, rounds: int) -> None:
        from testing.faults.decisions import run

        result = run(rivals, rounds, self._say)
        for name, value in (
            ("rivals", f"{result.rivals} over {result.connections} connections"),
            ("rounds", f"{result.rounds:,}"),
            ("winners", f"{result.winners:,}"),
            ("refused", f"{result.refused:,}"),
            ("decided go", f"{result.went:,}"),
            ("wrong rounds", len(result.wrong)),
            ("errors", sum(result.errors.values())),
            ("a round", f"{result.median_ms:.0f} ms (median, until the last rival had an answer)"),
            ("duration", f"{result.seconds:.1f} s"),
        ):
            self.stdout.write(f"{name:<16}{value}")
        for line in [*result.wrong[:20], *(f"{count} x {text}" for text, count in result.errors.most_common(10))]:
            self.stdout.write(f"  {line}")
        if not result.good:
            raise CommandError("A decision had no winner, or more than one.")

    def _on_own_ground(self, options: dict[str, Any]) -> None:
        from django.conf import settings

        if not settings.FAULT_POINTS:
            raise CommandError("Seeding belongs to a fault run; it is refused on any other ground.")
        if options["what"] == "decide":
            from testing.faults.decisions import decide

            decide(options["rivals"], options["rounds"] or 1000, self._say)
            return
        from testing.faults import seed

        if options["what"] == "poison":
            seed.poison(options["batch"], options["count"])
        elif options["what"] == "cancel":
            seed.cancel(options["batch"])
        elif options["batches"]:
            for batch in options["batches"]:
                seed.seed(options["count"], None, batch)
        else:
            seed.seed(options["count"], options["seconds"], options["batch"])

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
