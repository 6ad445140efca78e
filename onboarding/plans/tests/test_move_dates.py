"""Moving go-live and items: seen first, applied with a reason, taken back exactly or not at all."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from audit.models import Event
from onboarding.deployments.models import ClosedDay, Deployment, Item
from onboarding.deployments.models.deployment import CannotMove
from onboarding.golive.gates import recompute
from onboarding.golive.models import GatePass
from onboarding.plans.actions.commit_plan import CannotCommit, commit_at_gate, commit_plan
from onboarding.plans.actions.move_dates import (
    move_go_live,
    move_item,
    move_kick_off,
    pull_forward,
    undo_move,
)
from onboarding.plans.models import Baseline, BlackoutPeriod, DateMove
from onboarding.plans.preview import (
    CannotMoveDate,
    preview_forward,
    preview_go_live,
    preview_item,
    preview_kick_off,
)
from onboarding.playbooks.models import PlaybookItem, PlaybookVersion
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

TODAY = date(2026, 6, 1)
LATER = date(2027, 3, 16)

pytestmark = pytest.mark.usefixtures("summer")


@pytest.fixture
def summer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monday 1 June 2026, when nothing of the plan is late yet but its first items."""
    monkeypatch.setattr(timezone, "localdate", lambda value=None, zone=None: value.date() if value else TODAY)


def dates(deployment: Deployment) -> str:
    """A hash of every date of a deployment."""
    rows = Item.objects.of_deployment(deployment.pk).values_list("key", "due_on", "due_fixed", "baseline_due_on")
    held = Deployment.objects.values_list("go_live_on", "baseline_go_live_on").get(pk=deployment.pk)
    return hashlib.sha256(repr((list(rows), held)).encode()).hexdigest()


def events() -> int:
    return Event.objects.count()


def test_a_preview_shows_every_shift_and_moves_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before, told = dates(scene.deployment), events()
        preview = preview_go_live(scene.deployment, LATER, today=TODAY)
        assert (dates(scene.deployment), events()) == (before, told)
        shifts = {shift.item.number: (shift.before, shift.after) for shift in preview.shifts}
    assert len(shifts) > 90
    assert shifts[92] == (GO_LIVE, LATER)
    # 45 days before 2 March is Saturday 16 January: Friday; before 16 March it is Saturday 30 January: Friday.
    assert shifts[64] == (date(2027, 1, 15), date(2027, 1, 29))


def test_moving_go_live_moves_what_the_preview_said_and_keeps_the_baseline(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        said = {shift.item.id: shift.after for shift in preview_go_live(scene.deployment, LATER, today=TODAY).shifts}
        move = move_go_live(scene.deployment, LATER, by=scene.manager, reason="The board meets later.")
        now = dict(Item.objects.of_deployment(scene.deployment.pk).values_list("pk", "due_on"))
        deployment = Deployment.objects.get(pk=scene.deployment.pk)
        event = Event.objects.get(action="deployment.go_live_moved")
        assert {pk: now[pk] for pk in said} == said
        assert (deployment.go_live_on, deployment.baseline_go_live_on) == (LATER, GO_LIVE)
        assert scene.item("g6-go-no-go").baseline_due_on < scene.item("g6-go-no-go").due_on
        assert move is not None
        assert (move.reason, len(move.shifts)) == ("The board meets later.", len(said))
        assert (event.data["before"], event.data["after"], event.data["moved"]) == (
            "2027-03-02",
            "2027-03-16",
            len(said),
        )


def test_undo_puts_every_date_back_exactly_and_twice_is_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        before = dates(scene.deployment)
        move = move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        assert move is not None
        assert dates(scene.deployment) != before
        undo_move(move, by=scene.manager)
        told = events()
        assert dates(scene.deployment) == before
        undo_move(move, by=scene.manager)
        assert events() == told
        assert Event.objects.filter(action="deployment.go_live_moved").order_by("-id")[0].data["after"] == "2027-03-02"


def test_undo_is_refused_with_words_when_a_date_moved_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        move = move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        again = move_item(
            scene.deployment, scene.item("tool-dossier").pk, date(2026, 7, 1), by=scene.manager, reason="Vendor asks"
        )
        assert move is not None
        assert again is not None
        held, told = dates(scene.deployment), events()
        with pytest.raises(CannotMoveDate, match=r"#9 Tool dossier.*moved again since"):
            undo_move(move, by=scene.manager)
        assert (dates(scene.deployment), events()) == (held, told)
        undo_move(again, by=scene.manager)
        undo_move(move, by=scene.manager)
        assert Deployment.objects.get(pk=scene.deployment.pk).go_live_on == GO_LIVE


def test_undo_is_refused_when_an_item_was_finished_since(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        move = move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        assert move is not None
        scene.settle("interest-recorded")
        held = dates(scene.deployment)
        with pytest.raises(CannotMoveDate, match="#1 Interest recorded with date and source was finished since"):
            undo_move(move, by=scene.manager)
        assert dates(scene.deployment) == held


def test_an_item_moved_by_hand_pushes_what_waits_for_it_and_stays_when_go_live_moves(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("site-profile")
        target = item.due_on + timedelta(days=30)
        while target.weekday() > 4:
            target += timedelta(days=1)
        preview = preview_item(scene.deployment, item.pk, target, today=TODAY)
        behind = {shift.item.key: shift.after for shift in preview.shifts}
        assert behind["site-profile"] == target
        assert behind["eligible-population"] >= target
        move_item(scene.deployment, item.pk, target, by=scene.manager, reason="The clinic moves house.")
        assert scene.item("site-profile").due_fixed
        assert not scene.item("eligible-population").due_fixed
        assert scene.item("eligible-population").due_on == behind["eligible-population"]
        move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        assert scene.item("site-profile").due_on == target


def test_moving_an_item_earlier_moves_nothing_else_and_names_what_it_waits_for(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("eligible-population")
        early = scene.item("site-profile").due_on - timedelta(days=7)
        preview = preview_item(scene.deployment, item.pk, early, today=TODAY)
    assert [shift.item.key for shift in preview.shifts] == ["eligible-population"]
    assert any("is due before #7 Site profile complete, which it waits for" in one.says for one in preview.new)


def test_conflicts_of_a_move_are_told_before_it_is_made(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        BlackoutPeriod.add(first=date(2027, 3, 15), last=date(2027, 3, 19), title="EHR upgrade", by=scene.manager)
        ClosedDay.add(day=LATER, title="Founders' day", by=scene.manager)
        later = preview_go_live(scene.deployment, LATER, today=TODAY)
        soon = preview_go_live(scene.deployment, date(2026, 7, 1), today=TODAY)
    assert {"closed", "blackout"} <= {one.kind for one in later.new}
    assert any("“EHR upgrade”" in one.says for one in later.new)
    assert sum(one.kind == "past" for one in soon.new) > 40
    assert any(one.kind == "late" for one in soon.new)


def test_a_move_needs_its_reason_and_a_deployment_on_its_way(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        held, told = dates(scene.deployment), events()
        with pytest.raises(ValueError, match="Say why go-live moves"):
            move_go_live(scene.deployment, LATER, by=scene.manager, reason=" ")
        with pytest.raises(ValueError, match="Say why the date moves"):
            move_item(scene.deployment, scene.item("tool-dossier").pk, LATER, by=scene.manager, reason="")
        scene.settle("tool-dossier")
        with pytest.raises(CannotMoveDate, match="Only an open item"):
            move_item(scene.deployment, scene.item("tool-dossier").pk, LATER, by=scene.manager, reason="Why not")
        scene.deployment.record_go_live(by=scene.manager)
        told += 1
        with pytest.raises(CannotMove, match="that is live has no go-live to move"):
            move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        assert (dates(scene.deployment), events()) == (held, told)
        assert DateMove.objects.count() == 0


def test_the_date_it_has_already_changes_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        told = events()
        assert move_go_live(scene.deployment, GO_LIVE, by=scene.manager, reason="Same") is None
        item = scene.item("tool-dossier")
        assert move_item(scene.deployment, item.pk, item.due_on, by=scene.manager, reason="Same") is None
        assert (events(), DateMove.objects.count()) == (told, 0)


def test_an_early_finish_pulls_nothing_forward_until_somebody_confirms_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = scene.item("interest-recorded")
        Item.objects.filter(pk=first.pk).update(due_on=date(2026, 6, 22), baseline_due_on=date(2026, 6, 22))
        Item.objects.filter(key="problem-statement").update(due_on=date(2026, 7, 1))
        before = dates(scene.deployment)
        scene.settle("interest-recorded")
        Item.objects.filter(pk=first.pk).update(done_at="2026-06-08T12:00:00Z")
        assert dates(scene.deployment) == before
        preview = preview_forward(scene.deployment, today=TODAY)
        won = {shift.item.key: shift.after for shift in preview.shifts}
        # Ten working days between 8 and 22 June, less Juneteenth: nine. 1 July less nine, the 19th again left out.
        assert won["problem-statement"] == date(2026, 6, 17)
        move = pull_forward(scene.deployment, by=scene.manager)
        assert scene.item("problem-statement").due_on == date(2026, 6, 17)
        assert Deployment.objects.get(pk=scene.deployment.pk).go_live_on == GO_LIVE
        assert move is not None
        undo_move(move, by=scene.manager)
        assert dates(scene.deployment) == before


def test_committing_keeps_the_dates_as_the_baseline_and_the_old_ones_on_record(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        first = commit_plan(scene.deployment, by=scene.manager)
        told = events()
        assert commit_plan(scene.deployment, by=scene.manager) == first
        assert events() == told
        move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        with pytest.raises(CannotCommit, match="Say why the team commits to other dates"):
            commit_plan(scene.deployment, by=scene.manager)
        assert Deployment.objects.get(pk=scene.deployment.pk).baseline_go_live_on == GO_LIVE
        commit_plan(scene.deployment, by=scene.manager, reason="The sponsor agreed.")
        deployment = Deployment.objects.get(pk=scene.deployment.pk)
        assert (deployment.baseline_go_live_on, deployment.committed_on) == (LATER, TODAY)
        item = scene.item("g6-go-no-go")
        assert item.baseline_due_on == item.due_on
        assert [one.go_live_on for one in Baseline.objects.order_by("at")] == [GO_LIVE, LATER]


def test_a_preview_takes_a_fixed_number_of_statements(scene: Scene, django_assert_max_num_queries: object) -> None:
    with scope(scene.world.host.pk), django_assert_max_num_queries(6):  # type: ignore[operator]
        preview_go_live(scene.deployment, LATER, today=TODAY)


def test_the_first_commitment_keeps_the_plan_as_it_was_made_too(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        kept = commit_plan(scene.deployment, by=scene.manager)
        first, second = Baseline.objects.order_by("at")
        assert (first.reason, first.go_live_on, first.at) == (
            "As first planned", GO_LIVE, Deployment.objects.get(pk=scene.deployment.pk).planned_at
        )  # fmt: skip
        assert (second.pk, second.go_live_on) == (kept.pk, LATER)
        key = str(scene.item("tool-dossier").pk)
        assert first.dates[key] < second.dates[key]


def test_the_commitment_gate_makes_the_plan_the_baseline_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        version = PlaybookVersion.objects.get(pk=scene.deployment.playbook_version_id)
        before = {"G0", "G1", "G2", "G3"}
        keys = [item.key for item in Item.objects.filter(gate__in=before)]
        assert next(gate for gate in version.gates if gate["key"] == "G3")["kind"] == "automatic"
        move_go_live(scene.deployment, LATER, by=scene.manager, reason="Later")
        assert not Baseline.objects.exists()
        scene.settle(*keys)
        for gate in sorted(before - {"G3"}):
            if not GatePass.objects.filter(gate=gate).exists():
                GatePass(deployment=scene.deployment, gate=gate).save(force_insert=True)
        recompute(scene.deployment.pk, scene.manager)
        assert GatePass.objects.filter(gate="G3", ended_at=None).exists()
        assert [(one.reason, one.go_live_on) for one in Baseline.objects.order_by("at")] == [
            ("As first planned", GO_LIVE),
            ("G3 was passed.", LATER),
        ]
        assert Deployment.objects.get(pk=scene.deployment.pk).baseline_go_live_on == LATER
        move_go_live(scene.deployment, GO_LIVE, by=scene.manager, reason="Back")
        commit_at_gate(scene.deployment, "G3")
        assert Baseline.objects.count() == 2


def test_a_partner_whose_work_closes_the_commitment_gate_commits_the_host(scene: Scene) -> None:
    with scope(scene.world.host.pk, [scene.deployment.pk]):
        commit_at_gate(scene.deployment, "G2")
        commit_at_gate(scene.deployment, "G3")
    with scope(scene.world.host.pk):
        assert [one.go_live_on for one in Baseline.objects.all()] == [GO_LIVE]


def test_kick_off_moves_what_is_counted_from_it_and_nothing_else(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = Item.objects.select_related("playbook_item").get(deployment=scene.deployment, key="tool-dossier")
        PlaybookItem.objects.filter(pk=item.playbook_item_id).update(
            offset_from="kick_off", offset_days=200, until_days=None
        )
        kick_off = scene.deployment.kick_off_on
        Item.objects.filter(pk=item.pk).update(offset_days=70, due_on=kick_off + timedelta(days=70))
        before = dates(scene.deployment)
        with pytest.raises(CannotMoveDate, match="Kick-off comes before go-live"):
            move_kick_off(scene.deployment, GO_LIVE + timedelta(days=1), by=scene.manager, reason="Later")
        with pytest.raises(ValueError, match="Say why"):
            move_kick_off(scene.deployment, kick_off + timedelta(days=14), by=scene.manager, reason=" ")
        assert dates(scene.deployment) == before
        said = preview_kick_off(scene.deployment, kick_off + timedelta(days=14), today=TODAY)
        assert [(shift.item.id, shift.before, shift.after) for shift in said.shifts] == [
            (item.pk, date(2026, 6, 10), date(2026, 6, 24))
        ]
        move = move_kick_off(
            scene.deployment, kick_off + timedelta(days=14), by=scene.manager, reason="The team is new."
        )
        assert move is not None
        deployment = Deployment.objects.get(pk=scene.deployment.pk)
        assert (deployment.kick_off_on, deployment.go_live_on) == (kick_off + timedelta(days=14), GO_LIVE)
        assert {UUID(row[0]) for row in move.shifts} == {shift.item.id for shift in said.shifts}
        assert move_kick_off(deployment, kick_off + timedelta(days=14), by=scene.manager, reason="Same") is None
        undo_move(move, by=scene.manager)
        assert dates(scene.deployment) == before
        assert Deployment.objects.get(pk=scene.deployment.pk).kick_off_on == kick_off
