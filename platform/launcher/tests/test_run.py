"""`bin/run` from end to end: a first start, a kill, a second start, and Ctrl-C."""

import http.client
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from launcher.places import ROOT
from launcher.tests.processes import alive, family, wait_gone

PATIENCE_SECONDS = 180


class BinRun:
    """A `bin/run` process whose words are read as they come."""

    def __init__(self, home: Path, port: int) -> None:
        outside = ("DATABASE_", "REDIS_", "SMTP_", "DJANGO_", "CAUSEWAY_", "PYTEST_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
        self.environment |= {"CAUSEWAY_HOME": str(home)}
        self.command = [str(ROOT / "bin" / "run"), "--port", str(port), "--no-demo"]
        self.process = subprocess.Popen(self.command, env=self.environment, cwd="/", stderr=subprocess.PIPE)
        self.words = ""

    def wait_for(self, text: str) -> None:
        assert self.process.stderr is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.words:
            if not select.select([self.process.stderr], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"{text!r} was not said in {PATIENCE_SECONDS} s, only:\n{self.words}")
            read = os.read(self.process.stderr.fileno(), 4096).decode()
            if not read:
                pytest.fail(f"ended without saying {text!r}:\n{self.words}")
            self.words += read

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        status = self.process.wait(60)
        if self.process.stderr is not None:
            self.words += self.process.stderr.read().decode()
            self.process.stderr.close()
        return status


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def status_of(port: int, host: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=120)
    connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.slow
def test_it_starts_survives_a_kill_starts_again_and_stops(open_folder: Path) -> None:
    home, port = open_folder / "with a space", free_port()

    first = BinRun(home, port)
    first.wait_for("Ctrl-C")
    assert f"Open     http://localhost:{port}\n" in first.words
    assert "ok Database roles" in first.words
    assert "ok Database schema" in first.words
    assert "Demo" not in first.words
    assert status_of(port, "127.0.0.1") < 500
    again = subprocess.run(first.command, env=first.environment, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert again.stderr.endswith(f"bin/run: Causeway runs already: http://localhost:{port}\n")
    joined = subprocess.run(
        [ROOT / "bin" / "manage", "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.INSTANCE_PORT)"],
        env=first.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (joined.stdout, joined.returncode) == (f"{port}\n", 0), joined.stderr

    started = family(first.process.pid) - {first.process.pid}
    first.end(signal.SIGKILL)
    wait_gone(started)

    second = BinRun(home, port)
    second.wait_for("Ctrl-C")
    assert "Database" not in second.words  # nothing has changed since
    assert status_of(port, "127.0.0.1") < 500
    started = family(second.process.pid) - {second.process.pid}
    assert second.end(signal.SIGINT) == 0
    assert alive(started) == set()
    assert not (home / str(port) / "running.json").exists()
