"""A member limited to sites: the attacks, over pages, exports, search, the API and both walls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from access.permissions import Part, Role
from accounts.models import ApiToken, Invitation, Membership, Seat, User
from accounts.models.membership import CannotLimit
from api.tests.callers import Caller
from audit.models import Event
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.people import host_people
from onboarding.deployments.portfolio import project
from onboarding.golive.models import Waiver
from onboarding.plans.actions.run_wave import start_wave, watch_waves
from onboarding.plans.models import WaveRun
from tenancy.models import Site
from tenancy.scope import WrongScope, joined, scope
from testing.cast import SETUP, World
from testing.scenes import GO_LIVE, Scene
from training.courses import document
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, Completion, LearnerProfile, Rollout

ClientOf = Callable[[User], Client]
ELSEWHERE = "Faraway Crossing"


@dataclass(frozen=True, slots=True)
class Limited:
    """The manager, limited to the scene's site, and what lies at another site of the same organization."""

    scene: Scene
    site: Site
    deployment: Deployment
    item: Item
    learner: LearnerProfile
    completion: Completion
    waiver: Waiver

    @property
    def manager(self) -> User:
        return self.scene.world.manager

    def seat(self) -> Seat:
        from tenancy.scope import person_scope

        with person_scope(self.manager.pk):
            return Seat.of(self.manager.pk)[0]


@pytest.fixture
def limited(scene: Scene) -> Limited:
    world = scene.world
    with scope(world.host.pk):
        site = Site(name=ELSEWHERE, kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
        site.save(force_insert=True)
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager, wave=1)
        for deployment in (scene.deployment, other):
            Rollout.introduce(
                deployment.pk, title="Tool", tool_version="1", site=deployment.site, go_live_on=GO_LIVE, by=SETUP
            )
            project(deployment.pk)
        learner = LearnerProfile.enroll(
            world.learner, job_role="prescriber", site=site, started_on=timezone.localdate(), by=SETUP
        )
        folder = document.CONTENT / "prescriber-risk-protocol"
        course = adopt_course(document.load_course(folder, starter=True), by=SETUP, source="library").course
        completion = Completion.reach(Assignment.assign(learner, course, by=SETUP, due_on=None), by=SETUP)
        item = Item.objects.filter(deployment=other, gate_class="conditional", completed_by_gate=False)[0]
        waiver = Waiver.ask(
            item, reason="Late", compensating_control="List", by=scene.by(world.contributor),
            expires_on=timezone.localdate() + timedelta(days=30),
        )  # fmt: skip
        for user in (world.manager, world.approver):
            Membership.objects.active().get(user=user).limit_to([scene.site], by=scene.by(world.owner))
    return Limited(scene, site, other, item, learner, completion, waiver)


def addresses(limited: Limited, deployment: Deployment) -> list[str]:
    at = f"/o/host/deployments/{deployment.pk}"
    number = limited.item.number
    return [
        f"{at}/", f"{at}/items/{number}/", f"{at}/stages/", f"{at}/team/", f"{at}/gates/", f"{at}/sharing/",
        f"{at}/waivers/", f"{at}/move/", f"{at}/hypercare/", f"/o/host/sites/{deployment.site_id}/", f"{at}/timeline/",
        f"{at}/board/", f"{at}/board/{number}/move/", f"{at}/calendar/", f"{at}/forward/", f"{at}/history/", f"{at}/log/",
        f"{at}/routines/", f"{at}/status/",
    ]  # fmt: skip


def test_what_lies_at_another_site_is_answered_like_what_does_not_exist(limited: Limited, client_of: ClientOf) -> None:
    client, unlimited = client_of(limited.manager), client_of(limited.scene.world.owner)
    certificate = f"/o/host/certificates/{limited.completion.pk}/"
    for own in addresses(limited, limited.scene.deployment):
        assert client.get(own).status_code == 200, own
    for address in [*addresses(limited, limited.deployment), certificate]:
        assert unlimited.get(address).status_code == 200, address
        assert client.get(address).status_code == 404, address


def test_a_halted_wave_is_told_without_the_name_of_a_site_they_do_not_see(
    limited: Limited, client_of: ClientOf
) -> None:
    scene, one = limited.scene, limited.scene.deployment
    with scope(scene.world.host.pk):
        run = WaveRun.set_rules(
            one.wave, canaries=[], stable_days=14, criteria=["nothing_halts"], by=scene.by(scene.world.owner)
        )
        start_wave(run, by=scene.by(scene.world.owner))
        Deployment.objects.filter(pk=limited.deployment.pk).update(
            gates={"G2": {"state": "lapsed", "on": "2027-01-01"}}
        )
        assert watch_waves(one.program_id) == 1
    place = f"/o/host/programs/{one.program_id}/waves/"
    assert f"G2 does not hold any more at {ELSEWHERE}." in client_of(scene.world.owner).get(place).content.decode()
    told = client_of(limited.manager).get(place).content.decode()
    assert "G2 does not hold any more at Another site." in told
    assert ELSEWHERE not in told


@pytest.mark.parametrize(
    "address",
    [
        "", "portfolio/", "portfolio/?as=csv", "sites/", "sites/?as=csv", "training/people/?as=csv", "admin/people/?as=csv", "find?q=Faraway", "training/",
        "training/people/", "training/access/", "training/rules/", "programs/", "inbox/", "closed-days/", "admin/people/",
        "programs/{program}/", "programs/{program}/timeline/", "programs/{program}/waves/", "programs/{program}/log/",
        "programs/{program}/status/", "go-lives/move/?wave={wave}&days=14", "go-lives/move/?wave={wave}&days=14&as=csv",
        "go-lives/move/?picked={elsewhere}&days=14", "workload/", "changes/", "joint/", "log/", "calendar-link/",
    ],
)  # fmt: skip
def test_no_list_export_or_search_names_another_site(limited: Limited, client_of: ClientOf, address: str) -> None:
    one = limited.scene.deployment
    address = address.format(program=one.program_id, wave=one.wave_id, elsewhere=limited.deployment.pk)
    answer = client_of(limited.manager).get(f"/o/host/{address}", follow=True)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert ELSEWHERE.encode() not in text
    assert str(limited.deployment.pk).encode() not in text


def test_a_verb_at_another_site_changes_nothing(limited: Limited, client_of: ClientOf) -> None:
    at = f"/o/host/deployments/{limited.deployment.pk}"
    client = client_of(limited.manager)
    with scope(limited.scene.world.host.pk):
        before = Event.objects.count()
    number = limited.item.number
    for path, body in (
        (f"items/{number}/start", {}), (f"items/{number}/block", {"reason": "x"}), ("gates/G6/convene/", {}),
        ("sharing/", {"slug": "hub", "part": "hub"}), ("team/IM/fill", {"person": str(limited.manager.pk)}),
        ("move/", {"go_live_on": "2027-06-01", "reason": "x"}),
    ):  # fmt: skip
        assert client.post(f"{at}/{path}", body).status_code == 404, path
    signer = client_of(limited.scene.world.approver)
    assert signer.post(f"/o/host/waivers/{limited.waiver.pk}/grant/").status_code == 404
    with scope(limited.scene.world.host.pk):
        assert Event.objects.count() == before


def test_a_verb_at_the_own_site_works_as_before(limited: Limited, client_of: ClientOf) -> None:
    with scope(limited.scene.world.host.pk):
        item = Item.objects.filter(deployment=limited.scene.deployment, state="todo", waits_for=None)[0]
    address = f"/o/host/deployments/{limited.scene.deployment.pk}/items/{item.number}/start"
    assert client_of(limited.manager).post(address).status_code in {200, 302, 303}
    with scope(limited.scene.world.host.pk):
        item.refresh_from_db()
        assert item.state == "in_progress"


def test_a_token_reaches_no_further_than_its_maker_does_now(limited: Limited) -> None:
    world = limited.scene.world
    with scope(world.host.pk):
        owner = limited.scene.by(world.owner)
        deputy = User.objects.create_user("deputy@host.example", name="Deputy Host")
        member = Membership.add(deputy, roles=[Role.ADMINISTRATOR], by=SETUP)
        scopes = ["deployment.read", "item.read", "site.read", "audit.read", "token.manage", "training.names"]
        _, secret = ApiToken.make(
            name="Reader", scopes=scopes, expires_at=timezone.now() + timedelta(days=9), by=member.actor
        )
    program = Caller(secret)
    assert ELSEWHERE in program.get("sites").content.decode()
    with scope(world.host.pk):
        member.set_reach([Role.IMPLEMENTATION_MANAGER], [limited.scene.site], by=owner)
    for path in ("sites", "deployments", "training/assignments"):
        text = program.get(path).content.decode()
        assert ELSEWHERE not in text
        assert str(limited.deployment.pk) not in text
    assert str(limited.scene.deployment.pk) in program.get("deployments").content.decode()
    assert program.get(f"sites/{limited.site.pk}").status_code == 404
    assert program.get(f"deployments/{limited.deployment.pk}").status_code == 404
    assert program.get(f"deployments/{limited.deployment.pk}/items").status_code == 404
    assert program.get("events").status_code == 403


def test_the_limit_holds_from_the_next_request_and_so_does_its_end(limited: Limited, client_of: ClientOf) -> None:
    client, world = client_of(limited.manager), limited.scene.world
    address = f"/o/host/deployments/{limited.deployment.pk}/"
    assert client.get(address).status_code == 404
    with scope(world.host.pk):
        Membership.objects.active().get(user=world.manager).limit_to([], by=limited.scene.by(world.owner))
    assert client.get(address).status_code == 200


def test_what_concerns_the_organization_as_a_whole_is_not_theirs(limited: Limited, client_of: ClientOf) -> None:
    client = client_of(limited.manager)
    for address in ("/o/host/imports/", "/o/host/training/rules/new/", "/o/host/admin/deliveries/"):
        assert client_of(limited.scene.world.owner).get(address).status_code == 200, address
        assert client.get(address).status_code == 403, address


def test_the_database_alone_holds_the_limit(limited: Limited) -> None:
    """Raw SQL, with the Python wall out of the way."""
    tables = {
        "tenancy_site": limited.site.pk, "deployments_deployment": limited.deployment.pk,
        "deployments_item": limited.item.pk, "golive_waiver": limited.waiver.pk, "learning_learnerprofile": limited.learner.pk,
        "learning_rollout": limited.deployment.pk, "learning_completion": limited.completion.pk,
    }  # fmt: skip
    with limited.seat().scope(), connection.cursor() as cursor:
        for table, foreign in tables.items():
            cursor.execute(SQL("select count(*) from {} where id = %s").format(Identifier(table)), [foreign])
            assert cursor.fetchone() == (0,), table
        cursor.execute("select count(*) from deployments_portfoliorow")
        assert cursor.fetchone() == (1,)
        cursor.execute("update deployments_item set title = 'Taken' where id = %s", [limited.item.pk])
        assert cursor.rowcount == 0
        cursor.execute("select count(*) from accounts_membership")
        assert cursor.fetchone() == (6,)  # the people belong to the organization, not to a site


@pytest.mark.django_db(transaction=True)
def test_the_python_wall_alone_holds_the_limit(limited: Limited, as_administrator: None) -> None:
    with limited.seat().scope():
        assert [site.pk for site in Site.objects.all()] == [limited.scene.site.pk]
        assert [one.pk for one in Deployment.objects.all()] == [limited.scene.deployment.pk]
        assert not Waiver.objects.exists()
        assert not LearnerProfile.objects.exists()
        assert not Completion.objects.exists()
        assert not Item.objects.filter(pk=limited.item.pk).exists()


def test_a_deployment_is_planned_at_the_own_site_and_at_no_other(limited: Limited) -> None:
    world = limited.scene.world
    with scope(world.host.pk):
        second = Site(name="Second own", kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
        second.save(force_insert=True)
        member = Membership.objects.active().get(user=world.manager)
        member.limit_to([limited.scene.site, second], by=limited.scene.by(world.owner))
    with limited.seat().scope():
        made = plan_deployment(limited.scene.program, second, go_live_on=GO_LIVE, by=member.actor)
        assert not Site.objects.filter(pk=limited.site.pk).exists()
    with limited.seat().scope():
        assert set(Deployment.objects.values_list("pk", flat=True)) == {limited.scene.deployment.pk, made.pk}
        planned = Item.objects.filter(deployment=made).count()
        assert planned == Item.objects.filter(deployment=limited.scene.deployment).count() > 90


def test_a_partner_cannot_join_a_deployment(scene: Scene) -> None:
    with scope(scene.world.host.pk, deployments=[]), pytest.raises(WrongScope), joined(scene.deployment.pk):
        pass


def test_nobody_limited_elsewhere_is_offered_for_a_team(limited: Limited) -> None:
    world = limited.scene.world
    with scope(world.host.pk):
        assert world.manager.pk in {one.id for one in host_people(limited.scene.deployment.pk)}
        assert world.manager.pk not in {one.id for one in host_people(limited.deployment.pk)}
        assert world.contributor.pk in {one.id for one in host_people(limited.deployment.pk)}


def test_whoever_is_limited_at_home_takes_no_part_in_what_others_share(limited: Limited, client_of: ClientOf) -> None:
    world, own = limited.scene.world, limited.scene.deployment
    helper = User.objects.create_user("helper@hub.example", name="Helper Hub")
    with scope(world.hub.pk):
        place = Site(name="Hub office", kind=Site.Kind.COMMUNITY)
        place.save(force_insert=True)
        member = Membership.add(helper, roles=[Role.IMPLEMENTATION_MANAGER], by=SETUP)
    with scope(world.host.pk):
        own.share_with(world.hub, part=Part.HUB, by=limited.scene.by(world.owner))
    client = client_of(helper)
    assert client.get(f"/o/host/deployments/{own.pk}/").status_code == 200
    with scope(world.hub.pk):
        member.limit_to([place], by=SETUP)
    assert client.get(f"/o/host/deployments/{own.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR])
def test_a_role_that_manages_the_organization_is_never_limited(
    limited: Limited, client_of: ClientOf, role: Role
) -> None:
    world, site = limited.scene.world, limited.scene.site
    with scope(world.host.pk):
        by = limited.scene.by(world.owner)
        member = Membership.objects.active().get(user=world.manager)
        with pytest.raises(CannotLimit):
            Invitation.make(email="new@host.example", roles=[role], sites=[site], by=by)
        with pytest.raises(CannotLimit):
            member.change_roles([role], by=by)
        with pytest.raises(CannotLimit):
            Membership.objects.active().get(user=world.owner).limit_to([site], by=by)
        assert not Invitation.objects.exists()
    address = f"/o/host/admin/people/{member.pk}/"
    answer = client_of(world.owner).post(address, {"roles": [role.value], "sites": [str(site.pk)]})
    assert answer.status_code == 422
    assert "reaches every site" in answer.content.decode()
    assert limited.seat().roles == ["implementation_manager"]
    answer = client_of(world.owner).post(address, {"roles": [role.value], "sites": []})
    assert answer.status_code == 302
    assert (limited.seat().roles, limited.seat().sites) == ([role.value], [])


def test_saving_the_roles_of_somebody_whose_site_closed_does_not_lift_the_limit(
    limited: Limited, client_of: ClientOf
) -> None:
    world, site = limited.scene.world, limited.scene.site
    with scope(world.host.pk):
        Site.objects.filter(pk=site.pk).update(closed_on=timezone.localdate())
        member = Membership.objects.active().get(user=world.manager)
    page = client_of(world.owner).get(f"/o/host/admin/people/{member.pk}/").content.decode()
    assert f'value="{site.pk}" selected' in page


def test_an_accepted_invitation_is_limited_as_it_promised(world: World, client_of: ClientOf) -> None:
    with scope(world.host.pk):
        site = Site(name="Main Street")
        site.save(force_insert=True)
        Site(name=ELSEWHERE).save(force_insert=True)
        by = Membership.objects.active().get(user=world.owner).actor
        invitation, _ = Invitation.make(
            email="new@host.example", roles=[Role.IMPLEMENTATION_MANAGER], sites=[site], by=by
        )
        user = invitation.accept_as_new(name="New Person", password="")
    text = client_of(user).get("/o/host/sites/").content.decode()
    assert "Main Street" in text
    assert ELSEWHERE not in text


def test_a_limit_needs_the_deployments_there(world: World) -> None:
    with pytest.raises(ValueError, match="limited to the deployments"), scope(world.host.pk, sites=[UUID(int=1)]):
        pass
