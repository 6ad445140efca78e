"""The supervisor with small programs of our own: restarts, back-off, stopping, and the children of children."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.places import ROOT
from launcher.tests.processes import alive, wait_gone, wait_until

KEEP = """
import json, sys
from pathlib import Path
from launcher.program import Program
from launcher.supervisor import Supervisor
folder = Path(sys.argv[1])
programs = [
    Program(name=name, arguments=[sys.executable, "-c", source], log=folder / f"{name}.log",
            environment={}, folder=folder, grace_seconds=1.0)
    for name, source in json.loads(sys.argv[2]).items()
]
with Supervisor(quiet=True) as supervisor:
    supervisor.start(programs)
    print("up", flush=True)
    if len(sys.argv) > 3:
        sys.exit(supervisor.run([sys.executable, "-c", sys.argv[3]], {}, folder))
    supervisor.serve()
"""
NOTE = "import os, pathlib; f = pathlib.Path('pids').open('a'); print(os.getpid(), file=f); f.close(); "
SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


def keep(folder: Path, programs: dict[str, str], command: str | None = None) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", KEEP, str(folder), json.dumps(programs), *([command] if command else [])]
    return subprocess.Popen(
        arguments, cwd="/", env={**os.environ, "PYTHONPATH": str(ROOT / "platform")}, text=True, stderr=subprocess.PIPE
    )


def noted(folder: Path) -> list[int]:
    try:
        return [int(line) for line in (folder / "pids").read_text().split()]
    except FileNotFoundError:
        return []


def end(process: subprocess.Popen[str]) -> str:
    process.terminate()
    return process.communicate(timeout=120)[1]


def test_a_program_that_ends_is_started_again_later_each_time(tmp_path: Path) -> None:
    process = keep(tmp_path, {"brief": NOTE + "print('last words'); raise SystemExit(3)"})
    wait_until(lambda: len(noted(tmp_path)) >= 3, "three starts")
    words = end(process)
    assert "brief ended (status 3); again in 0.5 s" in words
    assert "brief ended (status 3); again in 1 s" in words
    assert "last words" in words
    assert len(set(noted(tmp_path))) == len(noted(tmp_path))


def test_a_program_that_stays_is_not_touched_when_another_falls(tmp_path: Path) -> None:
    process = keep(tmp_path, {"steady": NOTE + SLEEP, "brief": "raise SystemExit(1)"})
    wait_until(lambda: (tmp_path / "pids").exists() and (tmp_path / "brief.log").exists(), "both started")
    wait_until(lambda: len(noted(tmp_path)) == 1, "the steady one is up")
    steady = noted(tmp_path)[0]
    assert alive({steady}) == {steady}
    end(process)
    assert noted(tmp_path) == [steady]
    assert alive({steady}) == set()


def test_children_of_a_fallen_program_are_cleared_away_before_it_starts_again(tmp_path: Path) -> None:
    child = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    source = child + "open('pids', 'a').write(f'{p.pid}\\n'); raise SystemExit(1)"
    process = keep(tmp_path, {"leaver": source})
    wait_until(lambda: len(noted(tmp_path)) >= 2, "two starts")
    wait_gone({noted(tmp_path)[0]})
    end(process)
    assert alive(set(noted(tmp_path))) == set()


def test_a_program_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    process = keep(tmp_path, {"stubborn": STUBBORN + NOTE + SLEEP})
    wait_until(lambda: len(noted(tmp_path)) == 1, "it is up")
    end(process)
    assert process.returncode == 0
    assert alive(set(noted(tmp_path))) == set()


@pytest.mark.slow
def test_killing_the_supervisor_ends_stubborn_children_of_children_too(tmp_path: Path) -> None:
    child = STUBBORN + NOTE + SLEEP
    source = STUBBORN + NOTE + f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
    process = keep(tmp_path, {"stubborn": source})
    wait_until(lambda: len(noted(tmp_path)) == 2, "both are up")
    process.kill()
    process.communicate(timeout=120)
    wait_gone(set(noted(tmp_path)))


@pytest.mark.parametrize(("command", "status"), [("pass", 0), ("raise SystemExit(5)", 5)])
def test_a_command_gives_its_own_status_and_then_all_is_stopped(tmp_path: Path, command: str, status: int) -> None:
    process = keep(tmp_path, {"steady": NOTE + SLEEP}, command)
    process.communicate(timeout=120)
    assert process.returncode == status
    assert alive(set(noted(tmp_path))) == set()


def test_a_command_ended_by_a_signal_gives_the_shells_status_for_it(tmp_path: Path) -> None:
    process = keep(tmp_path, {}, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGKILL


def test_a_stop_signal_reaches_the_command(tmp_path: Path) -> None:
    process = keep(tmp_path, {}, NOTE + SLEEP)
    wait_until(lambda: len(noted(tmp_path)) == 1, "the command is up")
    end(process)
    assert process.returncode == 128 + signal.SIGTERM
    assert alive(set(noted(tmp_path))) == set()


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    leash = ROOT / "platform" / "launcher" / "leash.py"
    command = [sys.executable, "-I", "-S", str(leash), str(os.getpid()), "15", "-", "/no/such/program"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    assert tried.returncode == 1
    assert tried.stderr == "Cannot start /no/such/program: No such file or directory\n"


def test_a_leash_whose_holder_is_gone_starts_nothing(tmp_path: Path) -> None:
    leash = ROOT / "platform" / "launcher" / "leash.py"
    mark = tmp_path / "mark"
    command = [sys.executable, "-I", "-S", str(leash), "1073741824", "15", "-", "/bin/touch", str(mark)]
    assert subprocess.run(command, check=False).returncode == 1
    assert not mark.exists()
