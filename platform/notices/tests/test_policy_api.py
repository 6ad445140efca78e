"""The reminder policy over the API: read, changed, and tried before it is changed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from api.tests.callers import Caller, caller
from audit.models import Event
from notices.ladder import OWNER, Plan
from notices.models import ReminderPolicy
from notices.planners import Planner
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one_item(world: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    """One thing that is due in a week, and nothing else that anybody plans."""
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
    plans: Callable[[], list[Plan]] = lambda: [Plan(site, ITEM, date(2026, 11, 24), "", [(world.contributor, OWNER)])]  # noqa: E731
    monkeypatch.setattr("notices.planners._planners", [Planner((ITEM,), plans)])
    return site


@pytest.fixture
def program(world: World) -> Caller:
    return caller(world, world.owner)


def policies(world: World) -> list[ReminderPolicy]:
    with scope(world.host.pk):
        return list(ReminderPolicy.objects.all())


def test_the_defaults_are_read_where_nobody_chose(world: World, program: Caller) -> None:
    found = program.get("reminder-policy").json()
    assert (found["ladder"], found["expiry"]) == ([-14, -7, -3, 0, 1, 3, 7], [90, 60, 30])
    assert (found["digest_at"], found["manager_after"], found["channels"]) == ("08:00:00", 3, {})
    assert policies(world) == []


def test_a_part_is_changed_and_the_rest_stays(world: World, program: Caller) -> None:
    wanted: dict[str, Any] = {
        "ladder": [3, -7, 0],
        "channels": {"test_item": ["webhook", "mail"], "test_urgent": ["push", "mail"]},
    }
    found = program.post("reminder-policy", wanted).json()
    assert (found["ladder"], found["manager_after"]) == ([-7, 0, 3], 3)
    assert found["channels"] == {"test_item": ["mail", "webhook"]}  # the other says what holds anyway
    with scope(world.host.pk):
        [event] = Event.objects.filter(action="reminder_policy.changed")
        assert "ladder from" in event.data["changes"]
    assert program.get("reminder-policy").json() == found


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"ladder": []}, "ladder"),
        ({"ladder": [99]}, "ladder"),
        ({"sponsor_after": 1}, "sponsor_after"),
        ({"channels": {"test_item": []}}, "channels"),
        ({"channels": {"test_item": ["pigeon"]}}, "channels"),
        ({"channels": {"nothing": ["mail"]}}, "channels"),
        ({"urgent": ["nothing"]}, "urgent"),
        ({"sla": {"nothing": 3}}, "sla"),
        ({"sla": {"test_item": 3}}, "sla"),
        ({"binding": ["digest_at"]}, "binding"),
        ({"volume": 11}, "volume"),
    ],
)
def test_what_makes_no_policy_is_refused_and_nothing_is_saved(
    world: World, program: Caller, wanted: dict[str, Any], field: str
) -> None:
    for address in ("reminder-policy", "reminder-policy/preview"):
        answer = program.post(address, wanted)
        assert answer.status_code == 422
        assert field in str(answer.json())
    assert policies(world) == []


def test_the_preview_names_who_gets_what(world: World, program: Caller, one_item: Site) -> None:
    found = program.get("reminder-policy/preview").json()
    assert found["count"] == len(found["reminders"]) == 4
    assert [(one["step"], one["due_at"][:10]) for one in found["reminders"]] == [
        ("-3", "2026-11-19"), ("0", "2026-11-24"), ("+1", "2026-11-25"), ("+3", "2026-11-30"),
    ]  # fmt: skip
    first = found["reminders"][0]
    assert (first["recipient"], first["subject_id"]) == (str(world.contributor.pk), str(one_item.pk))
    assert (first["title"], first["channel"], first["reason"]) == ("Main Street", "mail", "You own it.")


def test_another_policy_is_tried_and_not_saved(world: World, program: Caller, one_item: Site) -> None:
    found = program.post("reminder-policy/preview", {"ladder": [0]}).json()
    assert (found["before"], found["after"]) == (4, 1)
    [change] = found["changes"]
    assert (change["person"], change["before"], change["after"], change["added"]) == (str(world.contributor), 4, 1, [])
    assert [one["step"] for one in change["removed"]] == ["-3", "+1", "+3"]
    assert policies(world) == []


def test_only_who_manages_policies_may(world: World) -> None:
    program = caller(world, world.contributor)
    for answer in (
        program.get("reminder-policy"),
        program.get("reminder-policy/preview"),
        program.post("reminder-policy", {"ladder": [0]}),
        program.post("reminder-policy/preview", {"ladder": [0]}),
    ):
        assert answer.status_code == 403
    assert policies(world) == []
