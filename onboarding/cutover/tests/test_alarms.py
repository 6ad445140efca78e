"""A rollback trigger that fires starts a clock for the decision: shown on all screens, escalated when it lapses, recorded."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Event
from config.reactions import REACTIONS
from notices.models import Reminder
from onboarding.cutover.actions.alarms import decide, follow
from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.models import Alarm, LogEntry, Run, RunRefused
from onboarding.cutover.sweep import sweep
from onboarding.cutover.tasks import follow_alarm
from onboarding.cutover.tests.runs import FIVE, fresh, planned
from onboarding.cutover.waiting import alarms_at
from onboarding.deployments.models import PortfolioRow, TeamRole
from onboarding.deployments.portfolio import differences, project
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def cast(scene: Scene, **roles: User) -> None:
    """Give these team roles to these people, and leave every other role that decides vacant."""
    TeamRole.objects.filter(deployment=scene.deployment, code__in=("OPS", "CSO", "EXS", "IM")).update(
        person=None, deputy=None
    )
    for code, person in roles.items():
        TeamRole.objects.filter(deployment=scene.deployment, code=code).update(person=person)


def cut_over(scene: Scene) -> Run:
    """A cut-over that runs, with the analyst deciding on a rollback and the sponsor above."""
    sign_go(scene)
    run = planned(scene, "live")
    run.start(by=scene.manager)
    cast(scene, OPS=scene.world.contributor, EXS=scene.world.approver)
    return run


def told(run: Run) -> list[str]:
    return [
        one.action for one in Event.objects.about(run.pk).filter(action__startswith="run.alarm").order_by("xact", "id")
    ]


def test_one_result_on_the_wrong_patient_asks_at_once_and_the_decision_is_recorded(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False) as clock:
        run = cut_over(scene)
        report_figures(run, {"wrong_patient_results": 1}, by=scene.manager)
        alarm = Alarm.objects.get()
        assert (alarm.trigger, alarm.state, alarm.fired_at) == ("wrong-patient", "open", FIVE)
        assert alarm.decide_by == FIVE + minutes(15)
        said = LogEntry.objects.filter(run=run).values_list("text", flat=True)
        assert (
            said[0]
            == "Rollback trigger: A result on the wrong patient. Operations and service desk decides until 05:15."
        )
        clock.shift(minutes(4))
        decide(alarm, "go_on", reason="A test patient of ours.", by=scene.by(scene.world.contributor))
        decide(alarm, "go_on", reason="A test patient of ours.", by=scene.by(scene.world.contributor))
        alarm.refresh_from_db()
        assert (alarm.decision, alarm.decided_by, alarm.took) == ("go_on", scene.world.contributor, minutes(4))
        assert told(run) == ["run.alarm_raised", "run.alarm_decided"]
        assert fresh(run).state == "running"


@pytest.mark.parametrize("who", ["manager", "sponsor"])
def test_before_the_deadline_nobody_decides_but_whose_decision_it_is(scene: Scene, who: str) -> None:
    with scope(scene.world.host.pk):
        run = cut_over(scene)
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        by = scene.manager if who == "manager" else scene.by(scene.world.approver)
        before = Event.objects.count()
        with pytest.raises(RunRefused, match="Operations and service desk decides, and their deputies"):
            decide(Alarm.objects.get(), "roll_back", reason="Now.", by=by)
        assert Alarm.objects.get().state == "open"
        assert fresh(run).state == "running"
        assert Event.objects.count() == before


def test_a_decision_needs_its_reason_and_one_that_was_taken_stands(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = cut_over(scene)
        TeamRole.objects.filter(deployment=scene.deployment, code="CSO").update(person=scene.world.approver)
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        alarm = Alarm.objects.get()
        with pytest.raises(RunRefused, match="Say why"):
            decide(alarm, "go_on", reason=" ", by=scene.by(scene.world.contributor))
        assert Alarm.objects.get().state == "open"
        decide(alarm, "go_on", reason="Not ours.", by=scene.by(scene.world.contributor))
        with pytest.raises(RunRefused, match=r"Analyst Host decided at .*: go on"):
            decide(alarm, "roll_back", reason="Ours.", by=scene.by(scene.world.approver))
        assert fresh(run).state == "running"


def test_a_decision_that_nobody_takes_is_escalated_by_the_clock_alone(scene: Scene) -> None:
    with time_machine.travel(FIVE, tick=False) as clock, scope(scene.world.host.pk):
        run = cut_over(scene)
        report_figures(run, {"crisis_alerts_undelivered": 1}, by=scene.manager)
        alarm = Alarm.objects.get()
        clock.shift(minutes(14))
        follow(run)
        alarm.refresh_from_db()
        assert alarm.escalated_at is None
        clock.shift(minutes(1))
        version = fresh(run).version
        follow(run)
        follow(run)
        alarm.refresh_from_db()
        assert (alarm.escalated_at, alarm.state, alarm.due_at) == (FIVE + minutes(15), "open", None)
        assert fresh(run).version == version + 1  # every open page asks again
        assert told(run) == ["run.alarm_raised", "run.alarm_escalated"]
        assert "escalated" in LogEntry.objects.filter(run=run).order_by("-at", "-id")[0].text
        decide(alarm, "roll_back", reason="An alert was lost.", by=scene.by(scene.world.approver))
        assert (fresh(run).state, fresh(run).reason) == ("rolling_back", "An alert was lost.")
        assert Alarm.objects.get().decision == "roll_back"


def test_a_share_fires_when_it_has_lasted_and_falls_back_without_a_question(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False) as clock:
        run = cut_over(scene)
        report_figures(run, {"message_failure_share": 0.08}, by=scene.manager)
        counting = Alarm.objects.get()
        assert (counting.state, counting.due_at) == ("counting", FIVE + minutes(30))
        clock.shift(minutes(20))
        report_figures(run, {"message_failure_share": 0.01}, by=scene.manager)
        assert Alarm.objects.get().state == "fell_back"
        report_figures(run, {"message_failure_share": 0.09}, by=scene.manager)
        clock.shift(minutes(29))
        follow(run)
        assert not Alarm.objects.open().exists()
        clock.shift(minutes(1))
        follow(run)
        alarm = Alarm.objects.open().get()
        assert (alarm.since, alarm.fired_at) == (FIVE + minutes(20), FIVE + minutes(50))
        assert told(run) == ["run.alarm_raised"]


def test_after_go_on_the_same_figure_asks_no_more_and_one_more_event_does(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False) as clock:
        run = cut_over(scene)
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        decide(Alarm.objects.get(), "go_on", reason="Seen before.", by=scene.by(scene.world.contributor))
        clock.shift(minutes(5))
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        assert Alarm.objects.count() == 1
        clock.shift(minutes(5))
        report_figures(run, {"safety_events": 2}, by=scene.manager)
        assert [one.state for one in Alarm.objects.order_by("fired_at")] == ["decided", "open"]


def test_a_rollback_that_somebody_starts_answers_what_is_open(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        run = cut_over(scene)
        report_figures(run, {"safety_events": 1, "message_failure_share": 0.5}, by=scene.manager)
        run.roll_back(by=scene.manager, reason="Both at once.")
        states = dict(Alarm.objects.values_list("trigger", "state"))
        assert states == {"safety-event": "decided", "messages-failing": "fell_back"}
        assert Alarm.objects.get(state="decided").decided_by == scene.world.manager
        follow(run)
        assert not Alarm.objects.exclude(due_at=None).exists()


def test_the_deadline_is_the_runbooks_and_frozen_with_the_run(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        version = scene.deployment.playbook_version
        version.content["runbook"]["decide_within_minutes"] = 5
        type(version).objects.filter(pk=version.pk).update(content=version.content)
        assert planned(scene).decide_minutes == 5


def test_those_who_decide_are_told_at_once_at_any_hour_and_those_above_when_it_lapses(scene: Scene) -> None:
    for action in ("run.alarm_raised", "run.alarm_escalated", "run.alarm_decided"):
        assert "onboarding.cutover.tasks.follow_alarm" in REACTIONS[action]
    night = FIVE - timedelta(hours=2)  # three in the morning: quiet hours
    with time_machine.travel(night, tick=False) as clock, scope(scene.world.host.pk):
        run = cut_over(scene)
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        carry(scene, "run.alarm_raised")
        assert list(Reminder.objects.filter(kind="cutover.alarm").values_list("recipient", "due_at", "state")) == [
            (scene.world.contributor.pk, night, "due")
        ]
        clock.shift(minutes(15))
        follow(run)
        carry(scene, "run.alarm_escalated")
        later = Reminder.objects.filter(kind="cutover.alarm", step="escalated")
        assert set(later.values_list("recipient", flat=True)) == {scene.world.contributor.pk, scene.world.approver.pk}
        assert Reminder.retime() == 0
        decide(Alarm.objects.get(), "go_on", reason="Not ours.", by=scene.by(scene.world.approver))
        carry(scene, "run.alarm_decided")
        assert not Reminder.objects.filter(kind="cutover.alarm", state="due").exists()


def carry(scene: Scene, action: str) -> None:
    follow_alarm.run(str(scene.world.host.pk), str(Event.objects.get(action=action).pk))


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_the_workers_turn_fires_and_escalates_in_every_organization(scene: Scene) -> None:
    with time_machine.travel(FIVE, tick=False) as clock:
        with scope(scene.world.host.pk):
            run = cut_over(scene)
            report_figures(run, {"sign_in_failure_share": 0.4}, by=scene.manager)
        clock.shift(minutes(60))
        assert sweep() == 1
        with scope(scene.world.host.pk):
            assert Alarm.objects.get().state == "open"
        clock.shift(minutes(15))
        assert sweep() == 1
        assert sweep() == 0
        with scope(scene.world.host.pk):
            assert Alarm.objects.get().is_late


def test_the_room_shows_the_clock_to_all_and_the_form_to_whom_it_belongs(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        run = cut_over(scene)
        report_figures(run, {"safety_events": 1}, by=scene.manager)
        alarm = Alarm.objects.get()
    address = f"/o/host/deployments/{scene.deployment.pk}/cut-over/"
    seen = client_of(scene.world.manager).get(address).content.decode()
    assert "Rollback trigger: A patient-safety event that may come from the tool" in seen
    assert "Decides: Operations and service desk, until" in seen
    assert "15 minutes left" in seen
    assert "Decide…" not in seen
    client = client_of(scene.world.contributor)
    assert "Decide…" in client.get(address).content.decode()
    post = f"/o/host/cut-over-runs/{run.pk}/alarms/{alarm.pk}/decision/"
    said = {f"alarm-{alarm.pk}-decision": "go_on", f"alarm-{alarm.pk}-reason": "Not ours."}
    refused = client_of(scene.world.manager).post(post, said, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "your team role is another" in refused.content.decode()
    assert client.post(post, {}, headers={"HX-Request": "true"}).status_code == 422
    with scope(scene.world.host.pk):
        assert Alarm.objects.get().state == "open"
    region = client.post(post, said, headers={"HX-Request": "true"}).content.decode()
    assert "A patient-safety event that may come from the tool: go on" in region
    assert "Not ours." in region


def test_a_partners_own_portfolio_shows_an_alarm_to_those_who_see_items_and_to_nobody_else(
    scene: Scene, client_of: ClientOf
) -> None:
    world = scene.world
    scene.share()
    for action in ("run.alarm_raised", "run.alarm_decided"):
        assert "onboarding.deployments.tasks.carry_portfolio" in REACTIONS[action]
    seats = {
        "vendor": world.vendor_manager,
        "hub": world.hub_manager,
        "funder": world.funder_manager,
        "elsewhere": world.stranger,
    }

    def told() -> set[str]:
        what = "Rollback trigger: A result on the wrong patient"
        return {name for name, user in seats.items() if what in client_of(user).get(f"/o/{name}/portfolio/").text}

    with time_machine.travel(FIVE, tick=False):
        with scope(world.host.pk):
            run = cut_over(scene)
            project(scene.deployment.pk)
        assert told() == set()
        with scope(world.host.pk):
            report_figures(run, {"wrong_patient_results": 1}, by=scene.manager)
            project(scene.deployment.pk)
            assert list(differences()) == []
        assert told() == {"vendor", "hub"}
        for organization in (world.host, world.vendor, world.funder):
            with scope(organization.pk):
                PortfolioRow.objects.update(state="live")  # the first tab shows those on their way
        assert told() == {"vendor", "hub"}
        above = client_of(world.manager).get("/o/host/portfolio/").text.partition("<table")[0]
        assert "Rollback trigger: A result on the wrong patient" in above
        with scope(world.host.pk):
            project(scene.deployment.pk)
        for organization in (world.funder, world.elsewhere):
            with scope(organization.pk):
                assert not PortfolioRow.objects.exclude(alert="").exists()
        with scope(world.host.pk):
            scene.deployment.withdraw_share(world.vendor, by=scene.manager)
            project(scene.deployment.pk)
        assert told() == {"hub"}
        with scope(world.host.pk):
            decide(Alarm.objects.get(), "go_on", reason="A test patient.", by=scene.by(world.contributor))
            project(scene.deployment.pk)
        assert told() == set()


def test_an_open_alarm_is_seen_by_who_does_not_have_the_run_open(scene: Scene, client_of: ClientOf) -> None:
    """On each page of the deployment, in its portfolio row, in My work of who decides and of who leads; until it is decided."""
    scene.share()
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False):
        run = cut_over(scene)
        report_figures(run, {"wrong_patient_results": 1}, by=scene.manager)
        project(scene.deployment.pk)
    pages = ("", "command-center/", "hypercare/", "gates/")
    what = "Rollback trigger: A result on the wrong patient"
    with time_machine.travel(FIVE + minutes(2), tick=False):
        lead, decider = client_of(scene.world.manager), client_of(scene.world.contributor)
        sponsor = client_of(scene.world.approver)
        for page in pages:
            shown = lead.get(f"/o/host/deployments/{scene.deployment.pk}/{page}").content.decode()
            assert what in shown, page
            assert "Go on or roll back: decides Operations and service desk, until 05:15." in shown
            assert f'href="/o/host/deployments/{scene.deployment.pk}/cut-over/"' in shown
        own = lead.get(f"/o/host/deployments/{scene.deployment.pk}/cut-over/").content.decode()
        assert "Open the cut-over" not in own
        assert what in lead.get("/o/host/portfolio/").content.decode()
        mine = lead.get("/o/host/inbox/").content.decode()
        assert "Decision open" in mine
        assert '<h2 id="w1">Decide now</h2>' in mine
        assert "Decision wanted" in decider.get("/o/host/inbox/").content.decode()
        assert "A result on the wrong patient" not in sponsor.get("/o/host/inbox/").content.decode()
    with time_machine.travel(FIVE + minutes(16), tick=False):
        with scope(scene.world.host.pk):
            follow(run)
        late = client_of(scene.world.approver).get("/o/host/inbox/").content.decode()
        assert (
            "Nobody decided by 05:15; escalated. Decides now: Operations and service desk or Executive sponsor." in late
        )
        with scope(scene.world.host.pk):
            decide(Alarm.objects.get(), "go_on", reason="A test patient.", by=scene.by(scene.world.approver))
        lead = client_of(scene.world.manager)
        for page in ("portfolio/", "inbox/", *(f"deployments/{scene.deployment.pk}/{page}" for page in pages)):
            assert "A result on the wrong patient" not in lead.get(f"/o/host/{page}").content.decode(), page


def test_three_alarms_are_told_in_as_many_statements_as_one(
    scene: Scene, django_assert_max_num_queries: Callable
) -> None:
    with scope(scene.world.host.pk), time_machine.travel(FIVE, tick=False):
        run = cut_over(scene)
        report_figures(run, {"wrong_patient_results": 1}, by=scene.manager)
        with django_assert_max_num_queries(3):
            assert len(alarms_at([scene.deployment.pk])) == 1
        report_figures(run, {"safety_events": 1, "crisis_alerts_undelivered": 1}, by=scene.manager)
        with django_assert_max_num_queries(3):
            assert len(alarms_at([scene.deployment.pk])) == 3
