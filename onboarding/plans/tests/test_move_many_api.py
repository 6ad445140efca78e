"""Moving a wave's go-lives over the API: the preview, its mark, and one transaction."""

from datetime import timedelta
from typing import Any

import pytest

from api.tests.callers import Caller, assert_problem, caller
from onboarding.deployments.actions.undo_change import undo_change
from onboarding.deployments.models import Change, Deployment
from onboarding.plans.tests.test_move_many import ClientOf, dates, go_lives, two, wave_of
from tenancy.ids import uuid7
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

__all__ = ["two"]
LATER = GO_LIVE + timedelta(days=14)


@pytest.fixture
def program(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


def body(scene: Scene, seen: str, **more: Any) -> dict[str, Any]:
    with scope(scene.world.host.pk):
        return {"wave": str(wave_of(scene).pk), "days": 14, "reason": "Training is late", "seen": seen, **more}


def test_a_wave_moves_as_its_preview_said_and_is_undone_in_one(
    scene: Scene, two: list[Deployment], program: Caller
) -> None:
    with scope(scene.world.host.pk):
        before, wave = dates(), wave_of(scene).pk
    seen = program.get(f"go-live-moves?wave={wave}&days=14").json()
    assert {one["deployment_id"] for one in seen["results"]} == {str(one.pk) for one in two}
    assert {one["move"]["after"] for one in seen["results"]} == {f"{LATER}"}
    assert all(one["refused"] == "" and len(one["move"]["shifts"]) > 50 for one in seen["results"])
    with scope(scene.world.host.pk):
        assert dates() == before
    made = program.post("go-live-moves", body(scene, seen["seen"])).json()
    assert made["title"] == "2 deployments: go-live moved 14 days later"
    with scope(scene.world.host.pk):
        assert go_lives() == {LATER}
        undo_change(Change.objects.get(pk=made["id"]), by=scene.manager)
        assert (go_lives(), dates()) == ({GO_LIVE}, before)


def test_an_old_preview_moves_nothing(scene: Scene, two: list[Deployment], program: Caller) -> None:
    with scope(scene.world.host.pk):
        wave = wave_of(scene).pk
    old = program.get(f"go-live-moves?wave={wave}&days=7").json()["seen"]
    assert_problem(program.post("go-live-moves", body(scene, old)), 409, "refused")
    with scope(scene.world.host.pk):
        assert go_lives() == {GO_LIVE}
        assert not Change.objects.exists()


def test_what_stands_there_already_is_left(scene: Scene, two: list[Deployment], program: Caller) -> None:
    ids = ",".join(str(one.pk) for one in two)
    seen = program.get(f"go-live-moves?deployments={ids}&to={GO_LIVE}").json()
    assert {one["refused"] for one in seen["results"]} == {"It goes live on that day already."}
    asked = {"deployments": ids.split(","), "to": f"{GO_LIVE}", "reason": "Same", "seen": seen["seen"]}
    assert program.post("go-live-moves", asked).status_code == 204


@pytest.mark.parametrize(
    "query",
    ["", "?days=7", "?wave=x&days=7", "?deployments=x&days=7", "?deployments=%00&days=7", "?wave={wave}&deployments={wave}&days=7",
     "?wave={wave}&days=7&to=2027-03-02", "?wave={wave}&days=9999999999", "?wave={wave}&days=-", "?wave={wave}&days=%C2%B2",
     "?wave={wave}&to=soon", "?wave={wave}&days=7&page=2"],
)  # fmt: skip
def test_nonsense_is_told(scene: Scene, two: list[Deployment], program: Caller, query: str) -> None:
    with scope(scene.world.host.pk):
        query = query.format(wave=wave_of(scene).pk)
    assert program.get(f"go-live-moves{query}").status_code == 400
    assert_problem(program.get(f"go-live-moves?wave={uuid7()}&days=7"), 404, "not-found")


@pytest.mark.parametrize(
    "more", [{"deployments": []}, {"to": "2027-03-02"}, {"days": 400}, {"reason": " "}, {"to": "x"}]
)
def test_a_body_that_says_both_or_too_much_is_refused(
    scene: Scene, two: list[Deployment], program: Caller, more: dict[str, Any]
) -> None:
    assert program.post("go-live-moves", body(scene, "0" * 32, **more)).status_code == 422
    with scope(scene.world.host.pk):
        assert go_lives() == {GO_LIVE}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_far_away_is_answered(
    scene: Scene, two: list[Deployment], program: Caller, client_of: ClientOf, day: str
) -> None:
    with scope(scene.world.host.pk):
        wave = wave_of(scene).pk
    one = f"deployments/{scene.deployment.pk}"
    for path in (f"go-live-moves?wave={wave}&to={day}", f"{one}/move-go-live?go_live_on={day}"):
        assert program.get(path).status_code == 400, path
    assert program.post(f"{one}/move-go-live", {"go_live_on": day, "reason": "x"}).status_code == 422
    pages = client_of(scene.world.manager)
    for path in (
        f"go-lives/move/?wave={wave}&to={day}",
        f"{one}/move/?to={day}",
        f"{one}/move/?item=kick-off&to={day}",
    ):
        assert pages.get(f"/o/host/{path}").status_code in (200, 422), path
