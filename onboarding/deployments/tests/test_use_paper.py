"""Papers of the vault on items: given once, used at every site, and what is open again when one ends."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.actor import Actor
from audit.models import Event
from facts.criteria import evaluate
from onboarding.deployments.actions.nightly_audit import nightly_audit
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Evidence, EvidenceVersion, Item, TeamRole
from onboarding.golive.models import GatePass
from onboarding.golive.readings import DeploymentReadings
from onboarding.vault.models import Paper, PaperRefused
from onboarding.vault.tests.shelf import paper, renew, stored
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

KEY = "interest-recorded"
NIGHT = Actor.system("deployment audit")


def wanted(item: Item) -> str:
    return str(item.required_evidence[0]["key"])


def use(scene: Scene, found: Paper, item: Item | None = None) -> Evidence:
    item = item or scene.item(KEY)
    return Evidence.use(item, found, by=scene.manager, wanted_key=wanted(item))


def second_item(scene: Scene) -> Item:
    """The same item at a second site."""
    site = Site.objects.create(name="Lake Street", kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
    other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
    return Item.objects.get(deployment=other, key=KEY)


def test_an_approved_paper_proves_the_item_at_once_at_two_sites(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        for item in (scene.item(KEY), second_item(scene)):
            evidence = use(scene, made, item)
            assert (evidence.state, evidence.paper_id, evidence.paper_version) == ("accepted", made.pk, 1)
            item.complete(by=scene.manager, may_accept=True)
            assert Item.objects.get(pk=item.pk).state == "accepted"
        assert {one.sha256 for one in EvidenceVersion.objects.all()} == {made.version(1).sha256}


def test_the_same_paper_again_changes_nothing(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        use(scene, made)
        before = Event.objects.count()
        use(scene, made)
        assert (Event.objects.count(), EvidenceVersion.objects.count()) == (before, 1)


def test_a_paper_that_waits_for_its_review_makes_evidence_in_review_until_it_is_approved(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager, approved=False)
        assert use(scene, made).state == "in_review"
        made.approve(by=scene.manager)
        assert Evidence.objects.get().state == "accepted"


@pytest.mark.parametrize("how", ["flagged", "revoked", "lapsed", "not ready"])
def test_what_is_not_good_is_not_used(scene: Scene, how: str) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager, approved=how != "not ready", ready=how != "not ready")
        if how == "lapsed":
            Paper.objects.filter(pk=made.pk).update(valid_until=date(2020, 1, 1))
        elif how != "not ready":
            getattr(made, how.removesuffix("ged") if how == "flagged" else "revoke")(by=scene.manager, reason="No.")
        with pytest.raises(PaperRefused, match=how):
            use(scene, Paper.objects.get(pk=made.pk))
        assert not Evidence.objects.exists()


def test_revoking_opens_what_it_proved_at_every_site_at_once_and_the_gate_with_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        first, second = scene.item(KEY), second_item(scene)
        TeamRole.objects.update(person=scene.world.contributor, vacant_since=None)
        Item.objects.exclude(pk__in=[first.pk, second.pk]).filter(stage=0).update(
            state="accepted", done_at=timezone.now()
        )
        for item in (first, second):
            Item.objects.filter(pk=item.pk).update(gate_class="blocks")
            use(scene, made, item)
            Item.objects.get(pk=item.pk).complete(by=scene.manager, may_accept=True)
        deployments = [first.deployment_id, second.deployment_id]
        gate = next(
            one for one in Deployment.objects.get(pk=deployments[0]).playbook_version.gates if one["stage"] == 0
        )
        assert GatePass.objects.in_force().filter(deployment__in=deployments, gate=gate["key"]).count() == 2
        made.revoke(by=scene.manager, reason="The assessor withdrew it.")
        for item in (first, second):
            found = Item.objects.get(pk=item.pk)
            assert found.state == "in_progress"
            assert "The assessor withdrew it." in found.note
            readings = DeploymentReadings(found.deployment_id)
            assert not evaluate(gate["criteria"], readings, timezone.now()).holds
        assert not GatePass.objects.in_force().filter(deployment__in=deployments, gate=gate["key"]).exists()
        assert {one.state for one in Evidence.objects.all()} == {"returned"}
        assert Event.objects.filter(action="item.reopened", actor_process="vault").count() == 2


def test_an_expired_paper_opens_it_in_the_night_and_a_newer_version_proves_every_site_again(scene: Scene) -> None:
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        made = paper(scene.manager, valid_until=today)
        for item in (scene.item(KEY), second_item(scene)):
            use(scene, made, item)
            Item.objects.get(pk=item.pk).complete(by=scene.manager, may_accept=True)
        assert nightly_audit(by=NIGHT)["reopened"] == 0
        yesterday = today - timedelta(days=1)
        Paper.objects.filter(pk=made.pk).update(valid_until=yesterday)
        Evidence.objects.update(valid_until=yesterday)
        assert nightly_audit(by=NIGHT)["reopened"] == 2
        assert nightly_audit(by=NIGHT)["reopened"] == 0
        assert set(Item.objects.filter(key=KEY).values_list("state", flat=True)) == {"in_progress"}
        renew(Paper.objects.get(pk=made.pk), scene.manager, valid_until=today + timedelta(days=365))
        for one in Evidence.objects.all():
            assert (one.state, one.paper_version, one.versions_count) == ("accepted", 2, 2)
            assert one.valid_until == today + timedelta(days=365)
            one.item.complete(by=scene.manager, may_accept=True)


def test_a_flag_that_was_a_mistake_is_taken_back_and_a_reviewers_own_no_stays(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        first, second = use(scene, made), use(scene, made, second_item(scene))
        second.send_back(by=scene.manager, reason="It does not name this site.")
        made.flag(by=scene.manager, reason="Wrong release.")
        assert Evidence.objects.get(pk=first.pk).state == "returned"
        Evidence.objects.filter(pk=second.pk).update(note="It does not name this site.")
        made.approve(by=scene.manager)
        assert Evidence.objects.get(pk=first.pk).state == "accepted"
        assert Evidence.objects.get(pk=second.pk).state == "returned"


def test_a_file_on_an_item_is_kept_in_the_vault_and_used_elsewhere(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item(KEY)
        evidence = Evidence.give(item, stored(), by=scene.manager, wanted_key=wanted(item))
        evidence.accept(by=scene.manager)
        made = evidence.keep(by=scene.manager)
        evidence.keep(by=scene.manager)
        made = Paper.objects.get(pk=made.pk)
        assert (made.shows, made.state, Paper.objects.count()) == (f"{KEY}/{wanted(item)}", "approved", 1)
        assert use(scene, made, second_item(scene)).state == "accepted"


def test_a_file_of_its_own_leaves_the_vaults_paper_alone(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        item = scene.item(KEY)
        use(scene, made)
        evidence = Evidence.give(item, stored(text="Just here"), by=scene.manager, wanted_key=wanted(item))
        assert (evidence.paper_id, evidence.state, evidence.versions_count) == (None, "in_review", 2)
        assert Paper.objects.get().versions_count == 1


def test_a_partner_puts_nothing_into_the_hosts_vault(scene: Scene) -> None:
    scene.share()
    with scope(scene.world.vendor.pk):
        from accounts.models import Membership

        vendor = Membership.objects.active().get(user=scene.world.vendor_manager).actor
    with scope(scene.world.host.pk, deployments=[scene.deployment.pk]):
        item = Item.objects.filter(owner="VEN", deployment=scene.deployment)[0]
        evidence = Evidence.give(item, stored(), by=vendor)
        with pytest.raises(PaperRefused, match="host's own"):
            evidence.keep(by=vendor)
        assert not Paper.objects.exists()


def test_a_reviewer_limited_to_one_site_revokes_it_at_every_site(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        made = paper(scene.manager)
        uses = [use(scene, made, item) for item in (scene.item(KEY), second_item(scene))]
    with scope(scene.world.host.pk, [scene.deployment.pk], [scene.site.pk]):
        Paper.objects.get(pk=made.pk).revoke(by=scene.manager, reason="Withdrawn.")
    with scope(scene.world.host.pk):
        assert {Evidence.objects.get(pk=one.pk).state for one in uses} == {"returned"}
