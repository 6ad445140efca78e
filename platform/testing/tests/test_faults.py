"""A small fault run on servers of its own: nothing lost, nothing doubled. The full one is `bin/manage faults reminders`."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from notices import fault_points


@pytest.mark.slow
def test_two_hundred_reminders_survive_kills_a_flush_and_a_crash() -> None:
    command = [
        "faults",
        "reminders",
        "--count",
        "200",
        "--calm",
        "0",
        "--kills",
        "6",
        "--flushes",
        "1",
        "--crashes",
        "1",
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
        env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = dict(re.findall(r"^(\w[\w ]*?)\s{2,}(\S+)", done.stdout, re.MULTILINE))
    assert (found["sent"], found["lost"], found["doubled"]) == ("200", "0", "0")
    assert (found["flushes"], found["crashes"]) == ("1", "1")
    assert int(found["worker kills"]) >= 5


def test_the_points_of_death_do_nothing_outside_a_fault_run(monkeypatch: pytest.MonkeyPatch) -> None:
    struck: list[int] = []
    monkeypatch.setattr(fault_points.os, "kill", lambda pid, number: struck.append(pid))
    monkeypatch.setenv("CAUSEWAY_FAULT_POINTS", "/dev/null")
    for point in fault_points.POINTS:
        fault_points.reach(point)
    assert struck == []


def test_seeding_is_refused_on_any_other_ground() -> None:
    with pytest.raises(CommandError, match="belongs to a fault run"):
        call_command("faults", "seed")
