"""What a load balancer is told."""

from typing import Any

import pytest
from django.test import Client

from config import health


def broken() -> None:
    raise RuntimeError("secret detail")


@pytest.fixture(autouse=True)
def forget() -> None:
    health._all_applied.cache_clear()


def test_livez_asks_nothing() -> None:
    answer = Client().get("/livez")  # without the database fixture a query would fail
    assert (answer.status_code, answer.content) == (200, b"live\n")
    assert "no-store" in answer["Cache-Control"]


def test_readyz_asks_database_migrations_and_cache(db: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "migrations": "ok", "cache": "ok"})


@pytest.mark.parametrize("name", ["database", "migrations", "cache"])
def test_readyz_names_what_fails_and_no_more(db: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(health.CHECKS, name, broken)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert [one for one, state in answer.json().items() if state == "failed"] == [name]
    assert b"secret" not in answer.content


def test_a_missing_migration_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: Any = health.MigrationExecutor
    monkeypatch.setattr(
        applied, "migration_plan", lambda *_: [(type("M", (), {"__str__": lambda _: "api.0009"})(), False)]
    )
    assert Client().get("/readyz").json()["migrations"] == "failed"
