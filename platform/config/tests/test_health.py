"""What a load balancer is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Cursor
from config import health

EVERYTHING = {"database": "ok", "migrations": "ok", "cache": "ok", "sweep": "ok"}


def broken() -> None:
    raise RuntimeError("secret detail")


@pytest.fixture(autouse=True)
def forget() -> None:
    health._all_applied.cache_clear()


def test_livez_asks_nothing() -> None:
    answer = Client().get("/livez")  # without the database fixture a query would fail
    assert (answer.status_code, answer.content) == (200, b"live\n")
    assert "no-store" in answer["Cache-Control"]


def test_readyz_asks_everything_that_serving_needs(db: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, EVERYTHING)


@pytest.mark.parametrize("name", ["database", "migrations", "cache", "sweep"])
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


@pytest.mark.parametrize(("minutes", "state"), [(4, "ok"), (6, "failed")])
def test_workers_that_stopped_sweeping_are_not_ready(db: None, minutes: int, state: str) -> None:
    Cursor.objects.create(name="reminder sweep", moved_at=timezone.now() - timedelta(minutes=minutes))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["sweep"]) == (200 if state == "ok" else 503, state)
    assert Client().get("/livez").status_code == 200
