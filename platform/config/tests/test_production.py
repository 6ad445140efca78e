"""Production settings: no secret has a default, the deploy checks are clean, old servers are refused."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config import servers
from config.servers import ServerTooOld, refuse_old_servers, shortcoming

ROOT = Path(settings.BASE_DIR)
NEEDED = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "CAUSEWAY_SECRET_KEY": "a-secret-key-of-at-least-fifty-characters-for-this-test-0123456789",
    "AUDIT_SIGNING_KEY": base64.b64encode(bytes(range(32))).decode(),
    "ALLOWED_HOSTS": "causeway.example",
    "PUBLIC_ADDRESS": "https://causeway.example",
    "DATABASE_URL": "postgresql://causeway_app@localhost:1/none",
    "REDIS_URL": "redis://localhost:1/0",
}


def manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run a command in an environment that holds what production needs, and nothing of this test run's."""
    environment = {name: value for name, value in {**NEEDED, **changes}.items() if value is not None}
    environment |= {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deploy_checks_are_clean() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", ["CAUSEWAY_SECRET_KEY", "AUDIT_SIGNING_KEY", "ALLOWED_HOSTS", "PUBLIC_ADDRESS", "DATABASE_URL", "REDIS_URL"]
)
def test_it_does_not_start_without(name: str) -> None:
    done = manage("check", **{name: None})
    assert done.returncode != 0
    assert name in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAUSEWAY_SECRET_KEY", "short"),
        ("AUDIT_SIGNING_KEY", "bm90IDMyIGJ5dGVz"),
        ("AUDIT_SIGNING_KEY", "not base64"),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", "sqlite:///db"),
    ],
)
def test_it_does_not_start_with(name: str, value: str) -> None:
    done = manage("check", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (150019, "15.19 is older than 15.20"),
        (160015, "16.15 is older than 16.16"),
        (170011, "17.11 is older than 17.12"),
        (180006, "18.6 is older than 18.7"),
        (140030, "14.30 is older than 15.20"),
        (150020, ""),
        (180007, ""),
        (190000, ""),
    ],
)
def test_the_oldest_server(version: int, said: str) -> None:
    assert said in shortcoming(version)
    assert bool(shortcoming(version)) == bool(said)


def test_an_old_server_is_refused_where_the_settings_say_so_and_else_told(
    db: None, settings: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(servers, "POSTGRESQL", {15: 99, 16: 99, 17: 99, 18: 99})
    monkeypatch.setattr(servers.connections["default"], "close", lambda: None)
    refuse_old_servers()
    assert "production would refuse it" in caplog.text
    settings.REFUSE_OLD_SERVERS = True  # type: ignore[attr-defined]
    with pytest.raises(ServerTooOld, match="update the server"):
        refuse_old_servers()
