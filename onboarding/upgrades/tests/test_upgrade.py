"""Moving running deployments to a newer playbook version, and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Comment, Deployment, Evidence, Item, ItemDependency, Program, TeamRole
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import PlaybookVersion
from onboarding.playbooks.shape import Dependency, Role
from onboarding.upgrades.actions.upgrade import CannotUpgrade, Undecided, dry_run, undo_upgrade, upgrade
from onboarding.upgrades.merge import ITEM, OURS, THEIRS
from onboarding.upgrades.models import DeploymentUpgrade, Upgrade
from onboarding.upgrades.situation import situations
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.vault.files import store
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db


def fingerprint(deployment: Deployment) -> str:
    return situations([Deployment.objects.for_page().get(pk=deployment.pk)])[0].fingerprint


def changed(starter: PlaybookDocument, **besides: object) -> PlaybookDocument:
    """The starter with a title, an owner and a due date changed, an item less (another waited for it) and one more."""
    return later(
        starter,
        risk_register={"title": "Risks and issues, owned and dated", "offset_days": -130},
        single_sign_on={"owner": "SEC", "also": ()},
        load_test=None,
        tabletop={"title": "Tabletop of a crisis alert", "depends_on": (Dependency("crisis-protocol", 0),)},
        **besides,
    )


def move(scene: Scene, to: PlaybookVersion, choice: str = OURS, **options: bool) -> Upgrade:
    """Upgrade the scene's program with one choice for every conflict."""
    runs = dry_run(scene.program, to)
    decisions = {run.deployment.pk: {one.name: choice for one in run.merge.conflicts} for run in runs}
    found = upgrade(
        scene.program, to, [run.deployment.pk for run in runs], by=scene.manager, decisions=decisions, **options
    )
    assert found is not None
    return found


def test_the_checklist_follows_the_newer_version(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        to = publish(changed(starter), by=scene.manager)
        ledger = move(scene, to)

        assert scene.item("risk-register").title == "Risks and issues, owned and dated"
        assert scene.item("risk-register").due_on == date(2026, 10, 23)
        assert (scene.item("single-sign-on").owner, scene.item("single-sign-on").also) == ("SEC", [])
        assert scene.item("load-test").state == Item.State.RETIRED
        assert scene.item("tabletop").state == Item.State.TODO
        assert [one.key for one in scene.item("tabletop").predecessors()] == ["crisis-protocol"]
        found = Deployment.objects.get(pk=scene.deployment.pk)
        assert found.playbook_version == to
        assert ledger.counts == {"sites": 1, "changed": 3, "added": 1, "retired": 1, "conflicts": 0, "untouched": 97}
        assert {
            item.playbook_item.version_id
            for item in Item.objects.filter(deployment=found).exclude(key="load-test").select_related("playbook_item")
        } == {to.pk}


def test_a_dry_run_counts_and_writes_nothing(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        to = publish(changed(starter), by=scene.manager)
        before, events = fingerprint(scene.deployment), Event.objects.count()
        run = dry_run(scene.program, to)[0]

        assert run.counts == {"changed": 3, "added": 1, "retired": 1, "conflicts": 0, "untouched": 97}
        assert (fingerprint(scene.deployment), Event.objects.count()) == (before, events)


def test_finished_work_stays_finished_and_what_left_the_playbook_is_retired(
    scene: Scene, starter: PlaybookDocument
) -> None:
    with scope(scene.world.host.pk):
        scene.settle("risk-register", "load-test")
        done = scene.item("load-test")
        paper = Evidence.give(done, store(scene.world.host.pk, "Load.txt", [b"40 users"]), by=scene.manager)
        Comment.add(done, body="40 users at once", by=scene.manager)
        move(scene, publish(changed(starter), by=scene.manager))

        retired = scene.item("load-test")
        assert (retired.state, retired.retired_from, retired.done_at) == (Item.State.RETIRED, "accepted", done.done_at)
        assert Evidence.objects.get(pk=paper.pk).item_id == retired.pk
        assert Comment.objects.get(item=retired).body == "40 users at once"
        kept = scene.item("risk-register")
        assert (kept.state, kept.title) == (Item.State.ACCEPTED, "Risks and issues, owned and dated")
        assert kept.due_on == kept.baseline_due_on


def test_a_conflict_has_to_be_decided_and_nothing_happens_before(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        scene.item("risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        to = publish(changed(starter), by=scene.manager)
        before, events = fingerprint(scene.deployment), Event.objects.count()
        with pytest.raises(Undecided, match="1 conflict not decided"):
            upgrade(scene.program, to, [scene.deployment.pk], by=scene.manager, decisions={})

        assert (fingerprint(scene.deployment), Event.objects.count()) == (before, events)
        assert Upgrade.objects.count() == 0


@pytest.mark.parametrize(("choice", "due"), [(OURS, date(2026, 12, 1)), (THEIRS, date(2026, 10, 23))])
def test_a_date_set_by_hand_stays_or_follows_as_decided(
    scene: Scene, starter: PlaybookDocument, choice: str, due: date
) -> None:
    with scope(scene.world.host.pk):
        scene.item("risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        ledger = move(scene, publish(changed(starter), by=scene.manager), choice)

        assert scene.item("risk-register").due_on == due
        entry = DeploymentUpgrade.objects.get(upgrade=ledger)
        assert entry.decisions == [
            {
                "key": "risk-register",
                "field": "due",
                "base": scene.item("risk-register").baseline_due_on.isoformat(),
                "ours": "2026-12-01",
                "theirs": "2026-10-23",
                "decision": choice,
            }
        ]


@pytest.mark.parametrize(("choice", "state"), [(OURS, Item.State.IN_PROGRESS), (THEIRS, Item.State.RETIRED)])
def test_an_item_in_work_that_left_the_playbook_stays_or_goes_as_decided(
    scene: Scene, starter: PlaybookDocument, choice: str, state: str
) -> None:
    with scope(scene.world.host.pk):
        scene.item("load-test").start(by=scene.manager)
        to = publish(changed(starter), by=scene.manager)
        assert [one.name for one in dry_run(scene.program, to)[0].merge.conflicts] == [("load-test", ITEM)]
        move(scene, to, choice)

        assert scene.item("load-test").state == state


def test_upgrading_twice_is_upgrading_once(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        scene.item("risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        to = publish(changed(starter), by=scene.manager)
        move(scene, to)
        before, events = fingerprint(scene.deployment), Event.objects.count()
        again = upgrade(scene.program, to, [scene.deployment.pk], by=scene.manager, decisions={})

        assert again is None
        assert dry_run(scene.program, to) == []
        assert (fingerprint(scene.deployment), Event.objects.count()) == (before, events)


@pytest.mark.parametrize("choice", [OURS, THEIRS])
def test_undo_restores_the_fingerprint_of_the_state_before(
    scene: Scene, starter: PlaybookDocument, choice: str
) -> None:
    with scope(scene.world.host.pk):
        scene.settle("load-test")
        scene.item("risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        before = fingerprint(scene.deployment)
        with_role = replace(
            changed(starter), roles=(*starter.roles, Role("PEE", "peer", "Peer specialist", "host", "Walks along."))
        )
        ledger = move(scene, publish(with_role, by=scene.manager), choice, for_new_sites=True)
        entry = DeploymentUpgrade.objects.get(upgrade=ledger)
        assert (entry.before_sha256, entry.after_sha256) == (before, fingerprint(scene.deployment))
        assert TeamRole.objects.filter(deployment=scene.deployment, code="PEE").exists()
        undo_upgrade(ledger, by=scene.manager)

        assert fingerprint(scene.deployment) == before
        assert not Item.objects.filter(key="tabletop").exists()
        assert not ItemDependency.objects.filter(item__key="tabletop").exists()
        assert Program.objects.get(pk=scene.program.pk).playbook_version_id == entry.from_version_id
        events = Event.objects.count()
        undo_upgrade(ledger, by=scene.manager)
        assert Event.objects.count() == events


def test_undo_keeps_what_was_done_since_elsewhere(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        ledger = move(scene, publish(changed(starter), by=scene.manager))
        scene.settle("single-sign-on", "wave-plan")
        undo_upgrade(ledger, by=scene.manager)

        assert scene.item("wave-plan").state == Item.State.ACCEPTED
        assert (scene.item("single-sign-on").state, scene.item("single-sign-on").owner) == (Item.State.ACCEPTED, "INT")


def test_undo_is_refused_where_it_would_lose_work(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        ledger = move(scene, publish(changed(starter), by=scene.manager))
        scene.item("tabletop").start(by=scene.manager)
        before, events = fingerprint(scene.deployment), Event.objects.count()
        with pytest.raises(CannotUpgrade, match="work has been done since on #103 Tabletop of a crisis alert") as told:
            undo_upgrade(ledger, by=scene.manager)
        assert "move the sites to their former version instead" in str(told.value)

        assert (fingerprint(scene.deployment), Event.objects.count()) == (before, events)


def test_undo_takes_no_date_that_was_set_by_hand_since(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        ledger = move(scene, publish(changed(starter), by=scene.manager))
        brought = scene.item("risk-register").due_on
        for day in (date(2026, 12, 1), brought):
            scene.item("risk-register").move_due(day, by=scene.manager)
        with pytest.raises(CannotUpgrade, match="work has been done since on #52"):
            undo_upgrade(ledger, by=scene.manager)

        assert (scene.item("risk-register").due_on, scene.item("risk-register").due_fixed) == (brought, True)


def test_a_later_upgrade_is_undone_first(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        first = move(scene, publish(changed(starter), by=scene.manager))
        second = move(scene, publish(later(starter, "1.2"), by=scene.manager))
        with pytest.raises(CannotUpgrade, match="A later upgrade stands on this one"):
            undo_upgrade(first, by=scene.manager)
        undo_upgrade(second, by=scene.manager)
        undo_upgrade(first, by=scene.manager)

        assert Upgrade.objects.filter(undone_at=None).count() == 0


def test_an_item_that_comes_back_takes_up_where_it_was_left(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        scene.settle("load-test")
        move(scene, publish(changed(starter), by=scene.manager))
        move(scene, publish(later(starter, "1.2"), by=scene.manager))

        back = scene.item("load-test")
        assert (back.state, back.retired_from) == (Item.State.ACCEPTED, "")
        assert scene.item("tabletop").state == Item.State.RETIRED


def test_a_condition_that_no_longer_holds_leaves_out_only_what_nobody_began(
    scene: Scene, starter: PlaybookDocument
) -> None:
    with scope(scene.world.host.pk):
        schools = {"condition": starter.item("school-and-minors").condition}
        scene.item("wave-plan").start(by=scene.manager)
        scene.item("school-and-minors").mark_not_applicable(by=scene.manager, reason="No pupils here")
        to = publish(
            later(starter, wave_plan=schools, risk_register=schools, school_and_minors={"condition": None}),
            by=scene.manager,
        )
        run = dry_run(scene.program, to)[0]
        move(scene, to)

        assert scene.item("risk-register").state == Item.State.NOT_APPLICABLE
        assert scene.item("risk-register").left_out_by_plan
        assert scene.item("wave-plan").state == Item.State.IN_PROGRESS
        assert [key for key, _ in run.merge.kept] == ["wave-plan"]


def test_a_wave_moves_alone_and_new_sites_follow_if_wanted(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="River Road", kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
        second = plan_deployment(scene.program, site, go_live_on=date(2027, 6, 1), by=scene.manager, wave=2)
        to = publish(changed(starter), by=scene.manager)
        upgrade(scene.program, to, [second.pk], by=scene.manager, decisions={}, for_new_sites=True)

        assert Deployment.objects.get(pk=second.pk).playbook_version == to
        assert Deployment.objects.get(pk=scene.deployment.pk).playbook_version != to
        assert Program.objects.get(pk=scene.program.pk).playbook_version == to


def test_one_wave_alone_does_not_bring_new_sites_along_unless_it_is_said(
    scene: Scene, starter: PlaybookDocument, client_of: Callable[[User], Client]
) -> None:
    with scope(scene.world.host.pk):
        to = publish(changed(starter), by=scene.manager)
    client, address = client_of(scene.world.manager), f"/o/host/programs/{scene.program.pk}/upgrade/?to={to.pk}"
    assert 'name="for_new_sites" checked' in client.get(address).content.decode()
    assert 'name="for_new_sites">' in client.get(f"{address}&wave=1").content.decode()


def test_a_draft_is_refused(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        to = publish(changed(starter), by=scene.manager)
        PlaybookVersion.objects.filter(pk=to.pk).update(published_at=None)
        to.published_at = None
        with pytest.raises(CannotUpgrade, match="is a draft: publish it first"):
            upgrade(scene.program, to, [scene.deployment.pk], by=scene.manager, decisions={})


def test_reading_ten_deployments_takes_as_many_statements_as_reading_one(
    scene: Scene, starter: PlaybookDocument, django_assert_num_queries: object
) -> None:
    with scope(scene.world.host.pk):
        to = publish(changed(starter), by=scene.manager)
        for number in range(3):
            site = Site.objects.create(name=f"Site {number}", kind=Site.Kind.CLINIC, time_zone="America/New_York")
            plan_deployment(scene.program, site, go_live_on=date(2027, 6, 1), by=scene.manager)
        with django_assert_num_queries(9):  # type: ignore[operator]
            assert len(dry_run(scene.program, to)) == 4
