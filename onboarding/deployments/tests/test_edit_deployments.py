"""One thing done to many rows of the portfolio, and undone."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.actions.undo_change import ChangedSince, undo_change
from onboarding.deployments.models import Change, Deployment, TeamRole
from onboarding.deployments.portfolio import rebuild
from onboarding.deployments.tests.test_edit_items import seen
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]
BULK = "/o/host/portfolio/bulk"


@pytest.fixture
def two(scene: Scene) -> list[Deployment]:
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="North Quay", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
        other = plan_deployment(scene.program, site, go_live_on=GO_LIVE, by=scene.manager)
        rebuild()
        return [scene.deployment, other]


def applied(client: Client, two: list[Deployment], **data: str) -> Change:
    asked = {"picked": [str(one.pk) for one in two], "given": "yes", **data}
    shown = client.post(BULK, asked)
    assert shown.status_code == 200, shown.content.decode()
    done = client.post(BULK, {**asked, "apply": "yes", "seen": seen(shown.content.decode())})
    assert done.status_code == 302
    return Change.objects.latest("made_at")


def test_ticked_go_lives_are_moved_by_the_plan_on_its_own_page(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    asked = client_of(scene.world.manager).post(BULK, {"picked": [str(one.pk) for one in two], "do": "go_live"})
    assert (asked.status_code, asked["Location"]) == (307, "/o/host/go-lives/move/")


def test_a_person_takes_a_role_in_both_teams_and_an_undo_leaves_what_changed_since(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        change = applied(client, two, do="team", code="SEC", person=str(scene.world.contributor.pk))
        held = TeamRole.objects.filter(code="SEC", person=scene.world.contributor)
        assert held.count() == 2
        assert Event.objects.filter(action="team.role_filled").count() == 2
        held.get(deployment=two[1]).fill(scene.world.approver, by=scene.manager)
        with pytest.raises(ChangedSince):
            undo_change(change, by=scene.manager)
        left = undo_change(change, by=scene.manager, partly=True)
        assert left == [f"{held.model.objects.get(deployment=two[1], code='SEC').title}, {two[1]}"]
        assert TeamRole.objects.get(deployment=two[0], code="SEC").person is None


def test_a_mistake_or_an_old_preview_changes_nothing(scene: Scene, two: list[Deployment], client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    data = {"picked": [str(one.pk) for one in two], "do": "team", "given": "yes", "code": "SEC"}
    assert client.post(BULK, data).status_code == 422
    data["person"] = str(scene.world.contributor.pk)
    assert client.post(BULK, {**data, "apply": "yes", "seen": "x"}).status_code == 409
    with scope(scene.world.host.pk):
        assert not TeamRole.objects.filter(code="SEC", person=scene.world.contributor).exists()
        assert not Change.objects.exists()


def test_another_hosts_deployments_and_those_who_do_not_plan_are_refused(
    scene: Scene, two: list[Deployment], client_of: ClientOf
) -> None:
    scene.share()
    with scope(scene.world.host.pk):
        rebuild()
    data = {"picked": [str(two[0].pk)], "do": "team", "given": "yes", "code": "SEC"}
    vendor = client_of(scene.world.vendor_manager).post("/o/vendor/portfolio/bulk", data)
    assert "Riverbend Community Health runs it: ask them." in vendor.content.decode()
    assert client_of(scene.world.vendor_manager).post(BULK, data).status_code == 403
    assert client_of(scene.world.contributor).post(BULK, data).status_code == 403
