"""Programs, dates, teams and shares through their pages."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import ClosedDay, Deployment, Item, Program, TeamRole
from onboarding.playbooks.models import PlaybookVersion
from tenancy.models import Share, Site
from tenancy.scope import scope
from testing.cast import World
from testing.scenes import GO_LIVE, Scene

ClientOf = Callable[[User], Client]


def test_a_program_for_small_sites_adopts_the_light_playbook_as_it_starts(world: World, client_of: ClientOf) -> None:
    form = {"title": "Small sites", "tool": "Stillwater CBT", "version": "4.2", "tier": "full"}
    answer = client_of(world.manager).post(
        "/o/host/programs/start/", {**form, "playbook_version": "library:behavioral-health-light"}
    )
    assert answer.status_code == 302
    with scope(world.host.pk):
        playbook = PlaybookVersion.objects.get()
        assert (playbook.playbook.key, playbook.items.count()) == ("behavioral-health-light", 46)


def test_from_an_empty_organization_to_a_planned_deployment(world: World, client_of: ClientOf) -> None:
    client = client_of(world.manager)
    assert "No programs yet" in client.get("/o/host/programs/").content.decode()
    offered = client.get("/o/host/programs/start/").content.decode()
    assert "Behavioral health tool at a small site 1.0, from the library" in offered
    adopted = client.post("/o/host/playbooks/adopt")
    assert adopted.status_code == 302
    with scope(world.host.pk):
        playbook = PlaybookVersion.objects.get()
        sites = [Site.objects.create(name=name, region="NY") for name in ("Main Street", "Ferry Road", "Old Mill")]
    form = {
        "title": "Stillwater",
        "tool": "Stillwater CBT",
        "version": "4.2",
        "playbook_version": str(playbook.pk),
        "tier": "light",
    }
    started = client.post("/o/host/programs/start/", {**form, "ehr_launched": "on"})
    assert started.status_code == 302
    picked = [str(site.pk) for site in sites[:2]]
    answer = client.post(f"{started['Location']}sites/", {"picked": picked, "go_live_on": "2027-03-02", "wave": "1"})
    assert answer.status_code == 302
    with scope(world.host.pk):
        assert set(Deployment.objects.values_list("site__name", "tier", "wave__number")) == {
            ("Main Street", "light", 1),
            ("Ferry Road", "light", 1),
        }
    with time_machine.travel(datetime(2026, 11, 26, 15, tzinfo=UTC), tick=False):
        left = client.get(f"{started['Location']}sites/").content.decode()
    assert "The playbook begins 280 days before go-live. Before 2 September 2027 its first items are squeezed." in left
    assert "Old Mill" in left
    assert "Ferry Road" not in left
    assert "Ferry Road" in client.get(started["Location"]).content.decode()


def test_one_bad_site_plans_none(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        good = Site.objects.create(name="Ferry Road", region="NY")
        closed = Site.objects.create(name="Old Mill", closed_on=date(2026, 1, 5))
    with scope(scene.world.elsewhere.pk):
        foreign = Site.objects.create(name="Elsewhere Main")
    client = client_of(scene.world.manager)
    for bad in ([str(good.pk), str(closed.pk)], [str(good.pk), str(foreign.pk)], [], ["x"]):
        answer = client.post(f"/o/host/programs/{scene.program.pk}/sites/", {"picked": bad, "go_live_on": "2027-03-02"})
        assert answer.status_code == 422
    with scope(scene.world.host.pk):
        assert Deployment.objects.count() == 1


def test_a_release_is_not_changed_in_passing(scene: Scene, client_of: ClientOf) -> None:
    form = {
        "title": "Again", "tool": "Stillwater CBT", "version": "4.2", "tier": "full",
        "playbook_version": str(scene.program.playbook_version_id), "generative_ai": "on",
    }  # fmt: skip
    answer = client_of(scene.world.manager).post("/o/host/programs/start/", form)
    assert answer.status_code == 422
    assert "is registered with other properties" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert Program.objects.count() == 1


def test_a_contributor_plans_nothing_and_a_partner_sees_no_programs(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    assert client_of(scene.world.contributor).get("/o/host/programs/start/").status_code == 403
    assert client_of(scene.world.vendor_manager).get("/o/host/programs/").status_code == 403
    assert client_of(scene.world.hub_manager).get("/o/host/playbooks/").status_code == 403


def test_go_live_is_seen_before_it_is_moved(scene: Scene, client_of: ClientOf) -> None:
    client, place = client_of(scene.world.manager), f"/o/host/deployments/{scene.deployment.pk}/move/"
    preview = client.get(place, {"to": "2027-03-16"}).content.decode()
    assert "due dates would move" in preview
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == GO_LIVE
    refused = client.post(place, {"to": "2027-03-16", "reason": " "})
    assert refused.status_code == 422
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == GO_LIVE
    assert client.post(place, {"to": "2027-03-16", "reason": "The board meets later."}).status_code == 302
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == date(2027, 3, 16)
        assert Item.objects.get(number=92).due_on == date(2027, 3, 16)
        assert Event.objects.get(action="deployment.go_live_moved").data["reason"] == "The board meets later."


def test_a_closed_day_pushes_due_dates_planned_after_it(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    assert client.post("/o/host/closed-days/", {"day": "2027-03-16", "title": "Staff day"}).status_code == 302
    client.post(f"/o/host/deployments/{scene.deployment.pk}/move/", {"to": "2027-03-16", "reason": "x"})
    with scope(scene.world.host.pk):
        assert Item.objects.get(number=92).due_on == date(2027, 3, 15)
        closed = ClosedDay.objects.get()
    client.post(f"/o/host/closed-days/{closed.pk}/open")
    with scope(scene.world.host.pk):
        assert not ClosedDay.objects.exists()


def test_roles_are_filled_from_the_organization_and_its_partners(scene: Scene, client_of: ClientOf) -> None:
    client, team = client_of(scene.world.manager), f"/o/host/deployments/{scene.deployment.pk}/team/"
    person = {"person": str(scene.world.contributor.pk), "deputy": str(scene.world.approver.pk)}
    assert client.post(f"{team}INT/fill", person).status_code == 302
    vendor = {"person": str(scene.world.vendor_manager.pk)}
    assert client.post(f"{team}VEN/fill", vendor).status_code == 422
    scene.share()
    assert client.post(f"{team}INT/fill", vendor).status_code == 422
    assert client.post(f"{team}VEN/fill", vendor).status_code == 302
    assert client.post(f"{team}SEC/fill", {"person": str(scene.world.stranger.pk)}).status_code == 422
    with scope(scene.world.host.pk):
        filled = dict(TeamRole.objects.exclude(person=None).values_list("code", "person_id"))
        assert filled == {"INT": scene.world.contributor.pk, "VEN": scene.world.vendor_manager.pk}
    client.post(f"{team}INT/vacate")
    with scope(scene.world.host.pk):
        role = TeamRole.objects.get(code="INT")
        assert (role.person_id, role.deputy_id) == (scene.world.approver.pk, None)
    assert "Vacant" in client.get(team).content.decode()
    assert client_of(scene.world.contributor).post(f"{team}SEC/fill", person).status_code == 403
    assert client_of(scene.world.funder_manager).get(team).status_code == 403


def test_a_deployment_is_shared_by_exact_address_and_withdrawn(scene: Scene, client_of: ClientOf) -> None:
    client, place = client_of(scene.world.manager), f"/o/host/deployments/{scene.deployment.pk}/sharing/"
    for slug in ("vend", "host", ""):
        assert client.post(place, {"slug": slug, "part": "vendor"}).status_code == 422
    with scope(scene.world.host.pk):
        assert not Share.objects.exists()
    assert client.post(place, {"slug": "vendor", "part": "vendor"}).status_code == 302
    checklist = f"/o/host/deployments/{scene.deployment.pk}/"
    assert client_of(scene.world.vendor_manager).get(checklist).status_code == 200
    assert client.post(f"{place}{scene.world.vendor.pk}/withdraw").status_code == 302
    assert client_of(scene.world.vendor_manager).get(checklist).status_code == 404
    assert client_of(scene.world.contributor).post(place, {"slug": "vendor", "part": "vendor"}).status_code == 403
