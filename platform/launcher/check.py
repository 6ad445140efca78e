"""`bin/check`: everything that is checked without running the product. All steps run; each says how it went."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from launcher import content, layout
from launcher.instance import Instance
from launcher.places import ENVIRONMENT, ROOT
from launcher.supervisor import Supervisor
from launcher.terminal import say
from launcher.test import take_free


@dataclass(frozen=True)
class Check:
    """A named step: a tool of the environment, or `manage.py` with the test servers up."""

    name: str
    command: Sequence[str]
    django: bool = False


CHECKS = (
    Check("lint", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("layers", ("lint-imports", "--no-cache")),
    Check("types", ("mypy",)),
    Check("system checks", ("check",), django=True),
    Check("migrations", ("makemigrations", "--check", "--dry-run"), django=True),
    Check("openapi", ("openapi", "--check"), django=True),
)


def main(arguments: list[str]) -> int:
    """Run every check, or those whose names are given; 1 if any failed."""
    unknown = set(arguments) - {check.name for check in CHECKS} - {"layout"}
    if unknown:
        say(
            f"No such check: {', '.join(sorted(unknown))}. There are: layout, {', '.join(check.name for check in CHECKS)}."
        )
        return 2
    failed: list[str] = []
    if not arguments or "layout" in arguments:
        findings = layout.findings(ROOT)
        say("\n".join(findings))
        _tell("layout", not findings, 0.0, failed)
    chosen = [check for check in CHECKS if not arguments or check.name in arguments]
    instance = take_free()
    instance.prepare()
    with Supervisor(temporary_folders=instance.temporary_folders, quiet=True) as supervisor:
        if any(check.django for check in chosen):
            supervisor.start(instance.programs)
            content.ensure_roles(instance, supervisor)
        for check in chosen:
            _run(check, instance, supervisor, failed)
    say(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nAll checks passed")
    return 1 if failed else 0


def _run(check: Check, instance: Instance, supervisor: Supervisor, failed: list[str]) -> None:
    say(f"\n== {check.name}")
    start = time.monotonic()
    if check.django:
        command = [sys.executable, str(ROOT / "manage.py"), *check.command]
    else:
        command = [str(ENVIRONMENT / "bin" / check.command[0]), *check.command[1:]]
    status = supervisor.run(command, instance.environment, ROOT)
    _tell(check.name, status == 0, time.monotonic() - start, failed)


def _tell(name: str, passed: bool, seconds: float, failed: list[str]) -> None:
    say(f"{'ok' if passed else 'FAILED'}  {name} ({seconds:.1f} s)")
    if not passed:
        failed.append(name)
