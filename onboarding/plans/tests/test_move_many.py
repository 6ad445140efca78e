"""Moving the go-live of a wave, or of what was ticked: one preview, one transaction, one undo."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.edit_items import PreviewIsOld
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.actions.undo_change import ChangedSince, undo_change
from onboarding.deployments.models import Change, Deployment, Item, Wave
from onboarding.deployments.portfolio import rebuild
from onboarding.plans.actions.move_dates import move_go_live
from onboarding.plans.actions.move_many import Target, digest, look, move_many
from onboarding.plans.models import Capacity, DateMove
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]
PAGE = "/o/host/go-lives/move/"
LATER = GO_LIVE + timedelta(days=14)


@pytest.fixture
def two(scene: Scene) -> list[Deployment]:
    """Main Street and North Quay, both in wave 1."""
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="North Quay", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
        rebuild()
        return [scene.deployment, other]


def dates() -> dict[object, object]:
    return dict(Item.objects.values_list("pk", "due_on"))


def go_lives() -> set[object]:
    return set(Deployment.objects.values_list("go_live_on", flat=True))


def seen(text: str) -> str:
    return text.split('name="seen" value="', 1)[1].split('"', 1)[0]


def wave_of(scene: Scene) -> Wave:
    return Wave.objects.get(program=scene.program, number=1)


def test_a_wave_moves_as_its_preview_said_and_one_undo_puts_every_date_back(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        before, wave = dates(), wave_of(scene)
        ids = [one.pk for one in two]
        lines = look(ids, Target(days=14), today=timezone.localdate())
        wanted = {shift.item.id: shift.after for line in lines if line.preview for shift in line.preview.shifts}
    asked = {"wave": str(wave.pk), "days": "14"}
    shown = client.get(PAGE, asked).content.decode()
    assert f"{len(wanted)} due dates would move" in shown
    assert "North Quay" in shown
    with scope(scene.world.host.pk):
        assert dates() == before
    applied = {**asked, "given": "yes", "apply": "yes", "seen": seen(shown), "reason": "The interface is late."}
    assert client.post(PAGE, {**applied, "reason": " "}).status_code == 422
    with scope(scene.world.host.pk):
        assert (go_lives(), DateMove.objects.count()) == ({GO_LIVE}, 0)
    assert client.post(PAGE, applied).status_code == 302
    with scope(scene.world.host.pk):
        assert go_lives() == {LATER}
        assert {pk: day for pk, day in dates().items() if day != before[pk]} == wanted
        assert Event.objects.filter(action="deployment.go_live_moved").count() == 2
        change = Change.objects.get()
        assert change.title == "2 deployments: go-live moved 14 days later"
    with scope(scene.world.host.pk):
        assert undo_change(change, by=scene.manager) == []
        assert dates() == before
        assert go_lives() == {GO_LIVE}


def test_what_was_ticked_is_shown_first_and_others_deployments_stay(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    picked = {"picked": [str(one.pk) for one in two]}
    first = client.post(PAGE, picked)
    assert first.status_code == 200
    assert "Main Street" in first.content.decode()
    assert client.post(PAGE, {**picked, "given": "yes"}).status_code == 422
    shown = client.post(PAGE, {**picked, "given": "yes", "to": LATER.isoformat()}).content.decode()
    assert (
        client.post(
            PAGE,
            {**picked, "given": "yes", "apply": "yes", "to": LATER.isoformat(), "reason": "Later", "seen": seen(shown)},
        ).status_code
        == 302
    )
    with scope(scene.world.host.pk):
        assert go_lives() == {LATER}
    scene.share()
    with scope(scene.world.host.pk):
        rebuild()
    theirs = client_of(scene.world.vendor_manager).post("/o/vendor/go-lives/move/", {**picked, "days": "7"})
    assert "Riverbend Community Health runs it: ask them." in theirs.content.decode()
    assert "due dates would move" not in theirs.content.decode()
    assert client_of(scene.world.vendor_manager).post(PAGE, {**picked, "days": "7"}).status_code == 403
    assert client_of(scene.world.contributor).post(PAGE, {**picked, "days": "7"}).status_code == 403


def test_a_preview_that_is_old_moves_nothing(scene: Scene, two: list[Deployment]) -> None:
    with scope(scene.world.host.pk):
        ids = [one.pk for one in two]
        mark = digest(look(ids, Target(days=14), today=timezone.localdate()))
        move_go_live(two[1], GO_LIVE + timedelta(days=7), by=scene.manager, reason="Earlier")
        before = dates()
        with pytest.raises(PreviewIsOld):
            move_many(ids, Target(days=14), by=scene.manager, reason="Later", said="moved", expected=mark)
        assert dates() == before
        assert not Change.objects.exists()


def test_one_that_is_live_is_named_and_stays_and_an_undo_names_what_moved_since(
    scene: Scene, two: list[Deployment]
) -> None:
    with scope(scene.world.host.pk):
        Deployment.objects.filter(pk=two[1].pk).update(state="discontinued")
        lines = look([one.pk for one in two], Target(days=14), today=timezone.localdate())
        assert {line.deployment.pk: line.refused for line in lines}[two[1].pk] == (
            "It is discontinued: there is no go-live to move."
        )
        change = move_many(
            [one.pk for one in two], Target(days=14), by=scene.manager, reason="Later", said="moved",
            expected=digest(lines),
        )  # fmt: skip
        assert change is not None
        assert [row["id"] for row in change.rows] == [str(two[0].pk)]
        move_go_live(two[0], GO_LIVE, by=scene.manager, reason="Back")
        with pytest.raises(ChangedSince):
            undo_change(change, by=scene.manager)


def test_the_preview_names_whom_the_move_gives_too_much_in_a_fixed_number_of_statements(
    scene: Scene, two: list[Deployment], client_of: ClientOf, django_assert_max_num_queries: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    today = date(2026, 6, 1)
    monkeypatch.setattr(timezone, "localdate", lambda value=None, zone=None: value.date() if value else today)
    with scope(scene.world.host.pk):
        pair = Item.objects.filter(deployment__in=two, number=64)
        assert set(pair.values_list("due_on", flat=True)) == {date(2027, 1, 15)}
        Item.objects.exclude(number=64).update(state="accepted", done_at=timezone.now())
        pair.update(assignee=scene.world.contributor)
        Capacity.set_hours(scene.world.contributor, 1, by=scene.manager)
        wave = wave_of(scene)
    client, asked = client_of(scene.world.manager), {"wave": str(wave.pk), "days": "14"}
    client.get(PAGE, asked)
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        page = client.get(PAGE, asked).content.decode()
    assert "Too much for one person, because of the move" in page
    assert "Main Street, North Quay" in page
    file = client.get(PAGE, {**asked, "as": "csv"})
    text = b"".join(file.streaming_content).decode()
    assert text.count("2027-01-15") == 2
    assert text.count("2027-01-29") == 2


@pytest.mark.parametrize("query", ["?wave=x", "?wave=%00&days=3", "?picked=%00", "?days=7"])
def test_nonsense_leads_back(scene: Scene, client_of: ClientOf, query: str) -> None:
    assert client_of(scene.world.manager).get(PAGE + query).status_code == 302


def test_a_member_limited_to_a_site_moves_that_one_alone(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    from accounts.models import Membership

    with scope(scene.world.host.pk):
        member = Membership.objects.active().get(user=scene.world.manager)
        member.limit_to([two[1].site], by=scene.by(scene.world.owner))
        wave = wave_of(scene)
    shown = client_of(scene.world.manager).get(PAGE, {"wave": str(wave.pk), "days": "14"}).content.decode()
    assert "North Quay" in shown
    assert "Main Street" not in shown
