"""The plan's pages: what they show, to whom, and at what cost."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import ClosedDay, Deployment, Item, TeamRole, Wave
from onboarding.plans.actions.commit_plan import commit_plan
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.actions.move_dates import move_go_live
from onboarding.plans.models import Baseline, BlackoutPeriod, CalendarFeed, Capacity, DateMove, WaveRun
from onboarding.plans.web.program_timeline import ties
from onboarding.plans.workload import workload
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]


def place(scene: Scene, page: str) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{page}/"


@pytest.mark.parametrize("query", ["", "?show=all&links=all&scale=weeks", "?show=critical&scale=quarters"])
def test_the_timeline_shows_items_and_the_same_facts_as_a_table(scene: Scene, client_of: ClientOf, query: str) -> None:
    with scope(scene.world.host.pk):
        compute_forecast(scene.deployment.pk)
        open_items = Item.objects.of_deployment(scene.deployment.pk).open().count()
    page = client_of(scene.world.manager).get(place(scene, "timeline") + query)
    text = page.content.decode()
    assert page.status_code == 200
    assert "80 % sure" in text
    assert "nobody has committed to it yet" in text
    assert 'style="' not in text
    shown = text.count('id="bar-') - 2  # go-live's own and kick-off's
    assert text.partition("<tbody>")[2].count("<tr data-row") == shown
    assert shown == (open_items if query == "" else shown)
    assert shown > 0


def test_an_older_baseline_can_be_compared_with(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        move_go_live(scene.deployment, GO_LIVE + timedelta(days=14), by=scene.manager, reason="Later")
        commit_plan(scene.deployment, by=scene.manager)
        first = Baseline.objects.order_by("at")[0]
        item = scene.item("g6-go-no-go")
        late = (item.due_on - date.fromisoformat(first.dates[str(item.pk)])).days
    client = client_of(scene.world.manager)
    newest = client.get(place(scene, "timeline")).content.decode()
    older = client.get(place(scene, "timeline") + f"?baseline={first.pk}").content.decode()
    assert late == 14
    assert "Compared with the baseline of" not in newest
    assert "Compared with the baseline of 1 Apr: As first planned" in older
    assert "+14" in older
    assert "+14" not in newest
    assert client.get(place(scene, "timeline") + "?baseline=%00").status_code == 200


def test_waves_that_wait_for_each_other_are_tied(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        ones = []
        for name, wave in (("North Quay", 1), ("Ferry Road", 2), ("Lake Street", 2)):
            site = Site.objects.create(name=name, region="NY", time_zone="America/New_York")
            ones.append(
                plan_deployment(
                    scene.program, site, go_live_on=GO_LIVE + timedelta(days=wave), by=scene.manager, wave=wave
                )
            )
        second = Wave.objects.get(program=scene.program, number=2)
        assert ties(scene.program, [*Deployment.objects.select_related("wave")]) == []
        WaveRun.set_rules(second, canaries=[ones[1].pk], stable_days=5, criteria=["wave_before_live"], by=scene.manager)
        found = ties(scene.program, [*Deployment.objects.select_related("wave")])
    assert [(tie.before, tie.after) for tie in found] == [
        (str(ones[0].pk), str(ones[1].pk)),
        (str(ones[1].pk), str(ones[2].pk)),
    ]
    page = client_of(scene.world.manager).get(f"/o/host/programs/{scene.program.pk}/timeline/").content.decode()
    assert page.count('class="dep') == 2 + 1  # and the key's own


def test_a_vendor_sees_its_side_of_the_timeline_and_moves_nothing(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        compute_forecast(scene.deployment.pk)
    vendor = client_of(scene.world.vendor_manager)
    text = vendor.get(place(scene, "timeline")).content.decode()
    assert "Tool dossier" in text
    assert "Executive sponsor named" not in text
    assert "Move a date" not in text
    assert vendor.get(place(scene, "move")).status_code == 403
    assert client_of(scene.world.funder_manager).get(place(scene, "timeline")).status_code == 403
    hub = client_of(scene.world.hub_manager).get(place(scene, "timeline")).content.decode()
    assert "Executive sponsor named" in hub


@pytest.mark.parametrize("page", ["timeline", "board", "calendar"])
def test_pages_take_a_fixed_number_of_statements(
    scene: Scene, client_of: ClientOf, page: str, django_assert_max_num_queries: object
) -> None:
    client = client_of(scene.world.manager)
    client.get(place(scene, page))
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        assert client.get(place(scene, page)).status_code == 200


def test_a_move_is_previewed_applied_and_undone_on_its_page(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    shown = client.get(place(scene, "move"), {"item": "", "to": "2027-03-16"}).content.decode()
    assert "due dates would move" in shown
    assert "Move go-live to 16 Mar 2027" in shown
    assert client.post(place(scene, "move"), {"item": "", "to": "2027-03-16", "reason": ""}).status_code == 422
    with scope(scene.world.host.pk):
        assert Deployment.objects.get(pk=scene.deployment.pk).go_live_on == GO_LIVE
    assert client.post(place(scene, "move"), {"item": "", "to": "2027-03-16", "reason": "Later"}).status_code == 302
    with scope(scene.world.host.pk):
        move = DateMove.objects.get()
    undo = f"/o/host/deployments/{scene.deployment.pk}/moves/{move.pk}/undo"
    assert undo in client.get(place(scene, "timeline")).content.decode()
    assert client.post(undo).status_code == 302
    with scope(scene.world.host.pk):
        assert Deployment.objects.get(pk=scene.deployment.pk).go_live_on == GO_LIVE


def test_a_contributor_moves_nothing_and_a_word_is_not_a_date(scene: Scene, client_of: ClientOf) -> None:
    wanted = {"item": "", "to": "2027-03-16", "reason": "Later"}
    assert client_of(scene.world.contributor).post(place(scene, "move"), wanted).status_code == 403
    assert client_of(scene.world.manager).post(place(scene, "move"), {**wanted, "to": "soon"}).status_code == 422
    with scope(scene.world.host.pk):
        assert not DateMove.objects.exists()
        assert Deployment.objects.get(pk=scene.deployment.pk).go_live_on == GO_LIVE


def test_a_move_that_cannot_be_and_has_no_reason_is_refused_in_words(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        after = Deployment.objects.get(pk=scene.deployment.pk).go_live_on + timedelta(days=7)
    sent = {"item": "kick-off", "to": after.isoformat(), "reason": ""}
    answer = client_of(scene.world.manager).post(place(scene, "move"), sent)
    assert answer.status_code == 422
    assert "Kick-off comes before go-live" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert not DateMove.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_closed_day_and_a_blackout_are_days_that_a_plan_reaches(scene: Scene, client_of: ClientOf, day: str) -> None:
    manager = client_of(scene.world.manager)
    closed = manager.post("/o/host/closed-days/", {"day": day, "title": "Retreat"})
    frozen = manager.post(
        "/o/host/blackouts/", {"blackout-first": day, "blackout-last": day, "blackout-title": "Freeze"}
    )
    assert (closed.status_code, frozen.status_code) == (422, 422)
    with scope(scene.world.host.pk):
        assert not ClosedDay.objects.exists()
        assert not BlackoutPeriod.objects.exists()


def test_what_is_taken_off_the_closed_days_is_said(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        day = ClosedDay.add(day=date(2027, 3, 3), title="Retreat", site=None, by=scene.manager)
        period = BlackoutPeriod.add(
            first=date(2027, 4, 1), last=date(2027, 4, 9), title="Freeze", site=None, by=scene.manager
        )
    manager = client_of(scene.world.manager)
    gone = manager.post(reverse("org:plans:day_open", kwargs={"org": "host", "day": day.pk}), follow=True)
    assert "Retreat: people work that day again" in gone.content.decode()
    gone = manager.post(reverse("org:plans:blackout_remove", kwargs={"org": "host", "period": period.pk}), follow=True)
    assert "Freeze: sites may go live again" in gone.content.decode()


def test_the_board_has_columns_by_state_or_owner_and_the_month_has_its_days(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        scene.item("tool-dossier").block(by=scene.manager, reason="No answer", waits_for="VEN")
    client = client_of(scene.world.manager)
    by_state = client.get(place(scene, "board")).content.decode()
    assert by_state.index("Blocked <") < by_state.index("Tool dossier") < by_state.index("To do <")
    assert 'class="lane" aria-label="Vendor' in client.get(place(scene, "board") + "?by=owner").content.decode()
    month = client.get(place(scene, "calendar") + "?month=2027-03").content.decode()
    assert "March 2027" in month
    assert month.index('datetime="2027-03-02"') < month.index("Go-live</b>") < month.index('datetime="2027-03-03"')
    assert client.get(place(scene, "calendar") + "?month=nonsense").status_code == 200


def test_a_feed_gives_a_persons_open_items_until_it_is_revoked_or_they_leave(scene: Scene, client_of: ClientOf) -> None:
    client, anybody = client_of(scene.world.contributor), Client()
    with scope(scene.world.host.pk):
        scene.item("tool-dossier").assign(scene.world.contributor, by=scene.manager)
        TeamRole.objects.get(deployment=scene.deployment, code="SEC").fill(scene.world.contributor, by=scene.manager)
        held = Item.objects.of_deployment(scene.deployment.pk).open().filter(owner="SEC", assignee=None).count()
    assert client.post("/o/host/calendar-link/make").status_code == 302
    with scope(scene.world.host.pk):
        feed = CalendarFeed.objects.get()
        address = f"/c/host/{feed.token}.ics"
    answer = anybody.get(address)
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert text.count("BEGIN:VEVENT") == 1 + held + 1  # the item given, those of the role, and go-live
    assert "DTSTART;VALUE=DATE:20270302" in text
    assert "SUMMARY:#9 Tool dossier: evidence\\, status\\, version\\, intended use" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert anybody.get(f"/c/elsewhere/{feed.token}.ics").status_code == 404
    assert anybody.get(address.replace(feed.token, feed.token[:-2] + "xx")).status_code == 404
    assert client_of(scene.world.manager).post("/o/host/calendar-link/revoke").status_code == 302
    assert anybody.get(address).status_code == 200  # another person's link is theirs
    assert client.post("/o/host/calendar-link/make").status_code == 302
    assert anybody.get(address).status_code == 404
    with scope(scene.world.host.pk):
        newer = f"/c/host/{CalendarFeed.objects.get(revoked_at=None).token}.ics"
    assert anybody.get(newer).status_code == 200
    assert client.post("/o/host/calendar-link/revoke").status_code == 302
    assert anybody.get(newer).status_code == 404


def test_workload_adds_up_over_sites_and_marks_what_is_too_much(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="Ferry Road", region="NY", time_zone="America/New_York")
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager)
        today = timezone.localdate()
        monday = today + timedelta(days=7 - today.weekday())
        item = Item.objects.select_related("playbook_item").filter(playbook_item__effort_hours=8).order_by("number")[0]
        pair = Item.objects.filter(key=item.key, deployment__in=[scene.deployment, other])
        Item.objects.exclude(pk__in=pair).update(state="accepted", done_at=timezone.now())
        pair.update(state="todo", due_on=monday + timedelta(days=3), assignee=scene.world.contributor)
        load = workload(today=today)
        (person,) = load.people
        week = person.weeks[monday]
        assert round(week.hours, 3) == 16
        assert len(week.items) == 2
        assert not load.over(person, monday)
        Capacity.set_hours(scene.world.contributor, 10, by=scene.manager)
        load = workload(today=today)
        assert load.over(load.people[0], monday)
        assert [(one[0].name, one[1]) for one in load.conflicts()] == [("Analyst Host", monday)]
    page = client_of(scene.world.manager).get("/o/host/workload/").content.decode()
    assert "Too much: " in page
    assert client_of(scene.world.contributor).get("/o/host/workload/").status_code == 403


def test_a_feed_of_a_member_limited_to_other_sites_holds_nothing_of_this_one(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        scene.item("tool-dossier").assign(scene.world.contributor, by=scene.manager)
        feed = CalendarFeed.make(scene.world.contributor, by=scene.manager)
        assert "Tool dossier" in Client().get(f"/c/host/{feed.token}.ics").content.decode()
        other = Site.objects.create(name="Lake Street", region="NY", time_zone="America/New_York")
        member = Membership.objects.active().get(user=scene.world.contributor)
        member.limit_to([other], by=scene.by(scene.world.owner))
        answer = Client().get(f"/c/host/{feed.token}.ics")
    assert answer.status_code == 200
    assert "BEGIN:VEVENT" not in answer.content.decode()
