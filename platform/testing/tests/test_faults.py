"""A small run of every fault on servers of its own. The full ones are `bin/manage faults scenarios` and `… reminders`."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from notices import fault_points
from testing.faults.scenarios import POISONED, SCENARIOS

COUNT = 20
LINE = re.compile(r"^([a-z0-9-]+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+[\d.]+(.*)$", re.MULTILINE)


@pytest.mark.slow
def test_every_named_fault_loses_nothing_and_doubles_nothing_without_saying_so() -> None:
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "faults",
        "scenarios",
        "--haste",
        "--count",
        str(COUNT),
    ]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=2400
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {name: [int(cell) for cell in cells] for name, *cells, _ in LINE.findall(done.stdout)}
    assert list(found) == list(SCENARIOS)
    for name, (wanted, sent, lost, doubled, flagged, failed, cancelled) in found.items():
        assert (wanted - sent, lost, doubled) == (failed + cancelled, 0, flagged), name
        assert wanted >= COUNT, name
    assert found["poison-row"][5] == POISONED
    assert 0 < found["smtp-5xx"][5] < COUNT
    assert 0 < found["cancel-while-sending"][6] <= COUNT // 2
    assert {name for name, cells in found.items() if cells[3]} <= {"cannot-be-asked"}
    assert {name for name, cells in found.items() if cells[5]} == {"poison-row", "smtp-5xx"}


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
