"""The entry points: what they take, which instance they choose, and what they refuse."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import application, instance, manage, places, run, test
from launcher.instance import Instance
from launcher.places import ROOT
from launcher.terminal import LauncherError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(instance, "STATE", tmp_path)
    monkeypatch.setattr(places, "STATE", tmp_path)
    for name in ("CAUSEWAY_PORT", *instance.DATABASE_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def up(port: int) -> Instance:
    """An instance that looks like a running one to the others."""
    found = Instance(name=str(port), port=port)
    assert found.take()
    found.environment = {"DATABASE_URL": f"postgresql://app@/causeway?host=/{port}", "HOME": "/not/told"}
    found.announce()
    return found


def test_manage_takes_the_usual_port_when_nothing_runs(home: Path) -> None:
    assert manage.choose().port == 8000


def test_manage_joins_the_one_that_runs(home: Path) -> None:
    up(8123)
    assert manage.choose().port == 8123


def test_manage_prefers_the_usual_port_among_several(home: Path) -> None:
    up(8123)
    up(8000)
    assert manage.choose().port == 8000


def test_manage_asks_which_when_several_others_run(home: Path) -> None:
    up(8123)
    up(8124)
    with pytest.raises(LauncherError, match=r"Several instances run \(8123, 8124\)"):
        manage.choose()


def test_manage_does_what_the_environment_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    up(8123)
    monkeypatch.setenv("CAUSEWAY_PORT", "8124")
    assert manage.choose().port == 8124


def test_an_instance_whose_launcher_is_gone_does_not_run(home: Path) -> None:
    gone = up(8123)
    os.close(gone._lock)
    assert instance.running() == []


def test_only_the_contract_is_left_for_others_and_only_its_owner_reads_it(home: Path) -> None:
    up(8123)
    words = home / "8123" / "running.json"
    assert json.loads(words.read_text()) == {"DATABASE_URL": "postgresql://app@/causeway?host=/8123"}
    assert words.stat().st_mode & 0o777 == 0o600


def test_emptying_leaves_only_the_lock(home: Path) -> None:
    mine = up(8123)
    (mine.state / "evidence").mkdir(parents=True)
    (mine.state / "evidence" / "file").write_text("kept by nobody")
    mine.empty()
    assert [path.name for path in mine.folder.iterdir()] == ["lock"]


def test_a_port_in_use_is_refused_by_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LauncherError, match=rf"Port {port} cannot be used \(Address already in use\)"):
            application.ensure_free(port)


@pytest.mark.parametrize("text", ["0", "65536", "eighty", "-1", ""])
def test_what_is_no_port_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run._options([f"--port={text}"])
    assert refused.value.code == 2
    assert f"{text!r} is not a port number (1 to 65535)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "added"),
    [
        ([], ["-n", "2"]),
        (["-x", "-q"], ["-n", "2"]),
        (["platform/launcher/tests/test_commands.py"], []),
        (["platform/launcher/tests/test_commands.py::test_x"], []),
        (["-n", "0"], []),
        (["-n4"], []),
        (["-k", "walk"], ["-n", "2"]),
    ],
)
def test_the_suite_runs_on_two_processes_unless_told_otherwise(arguments: list[str], added: list[str]) -> None:
    assert test.parallel(arguments) == added


def test_an_outside_server_is_used_and_none_started(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = {"DATABASE_URL": "postgresql://app@db/causeway", "REDIS_URL": "redis://cache/0", "SMTP_HOST": "mail"}
    for name, value in outside.items():
        monkeypatch.setenv(name, value)
    mine = Instance(name="8123", port=8123)
    assert mine.take()
    mine.prepare()
    assert mine.programs == []
    assert {name: mine.environment[name] for name in outside} == outside


@pytest.mark.parametrize("name", ["run", "manage", "test", "check"])
def test_the_scripts_say_what_is_wrong_when_no_python_is_new_enough(tmp_path: Path, name: str) -> None:
    (tmp_path / "bin").mkdir()
    for script in ("launch", name):
        (tmp_path / "bin" / script).write_text((ROOT / "bin" / script).read_text())
        (tmp_path / "bin" / script).chmod(0o755)
    (tmp_path / "path").mkdir()
    for tool in ("dirname", "env"):
        (tmp_path / "path" / tool).symlink_to(f"/usr/bin/{tool}")
    (tmp_path / "path" / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "path" / "python3").chmod(0o755)
    tried = subprocess.run(
        [tmp_path / "bin" / name], env={"PATH": str(tmp_path / "path")}, capture_output=True, text=True, check=False
    )
    assert tried.returncode == 1
    assert tried.stderr.startswith("Causeway needs Python 3.11 or newer")


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    question = "import launcher.__main__, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    isolated = [sys.executable, "-S", "-c", question]
    told = subprocess.run(
        isolated, env={"PYTHONPATH": str(ROOT / "platform")}, cwd="/", capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(told) - set(sys.stdlib_module_names) <= {"launcher", "__main__", "__mp_main__"}
