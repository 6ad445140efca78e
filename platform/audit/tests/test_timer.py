"""The workers' own clock: a turn that fails costs itself only."""

import threading

import pytest

from audit import timer
from audit.timer import Turn, every, turns


def test_a_turn_that_fails_is_taken_again_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(timer.connections, "close_all", lambda: None)
    bad, good = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        bad.release()
        raise RuntimeError("not now")

    monkeypatch.setattr(timer, "_turns", {"bad": Turn("bad", 0.01, fail), "good": Turn("good", 0.01, good.release)})
    stop = timer.start()
    try:
        for _ in range(3):
            assert bad.acquire(timeout=120)
            assert good.acquire(timeout=120)
    finally:
        stop.set()
    assert "the turn bad failed" in caplog.text


def test_a_name_is_declared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "_turns", {})
    every(1, "one")(lambda: None)
    with pytest.raises(ValueError, match="The turn one is declared twice"):
        every(1, "one")(lambda: None)
    assert [turn.name for turn in turns()] == ["one"]


def test_the_products_turns_are_declared() -> None:
    assert {"event relay", "reactions left over", "reminder sweep", "job plan", "job sweep"} <= {
        t.name for t in turns()
    }
