"""Partners see the sites of the deployments shared with them, and cannot touch imports; a site in a deployment stays."""

import pytest

from audit.actor import Actor
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.rosters.actions.undo_import import UndoRefusedError, undo_import
from onboarding.rosters.models import RosterImport
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE

BY = Actor.system("test")


@pytest.mark.parametrize("who", ["vendor_manager", "hub_manager", "funder_manager"])
def test_a_partner_sees_the_shared_site_and_no_other(scene, client_of, who):
    with scope(scene.world.host.pk):
        other = Site(name="Elm Street")
        other.save()
    client = client_of(getattr(scene.world, who))
    assert client.get("/o/host/sites/").status_code == 404
    scene.share()
    page = client.get("/o/host/sites/").content.decode()
    assert ("Main Street" in page, "Elm Street" in page, "1 place of care" in page) == (True, False, True)
    assert client.get(f"/o/host/sites/{scene.site.pk}/").status_code == 200
    assert client.get(f"/o/host/sites/{other.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["vendor_manager", "hub_manager", "funder_manager"])
def test_a_partner_may_not_import(scene, client_of, who):
    scene.share()
    client = client_of(getattr(scene.world, who))
    assert client.get("/o/host/imports/").status_code == 403
    assert client.post("/o/host/imports/upload", {}).status_code == 403
    with scope(scene.world.host.pk):
        assert RosterImport.objects.count() == 0


def test_a_site_in_a_deployment_stands_in_the_way_of_undo(scene, reference, imported):
    with scope(scene.world.host.pk):
        roster = imported(b"Name,Street,ZIP,State\nNorth,1 Main St,06708,CT\nSouth,2 Main St,06708,CT\n")
        plan_deployment(scene.program, Site.objects.get(name="North"), go_live_on=GO_LIVE, by=scene.manager, wave=1)
        with pytest.raises(UndoRefusedError, match="North is in use by a deployment"):
            undo_import(roster, by=BY)
        assert Site.objects.filter(name__in=["North", "South"]).count() == 2


def test_a_list_of_sites_asks_the_database_as_often_for_forty_as_for_two(scene, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(scene.world.manager)
    client.get("/o/host/sites/")
    counts = []
    for number in (2, 38):
        with scope(scene.world.host.pk):
            Site.objects.bulk_create([Site(name=f"Site {number} {index}") for index in range(number)])
        with CaptureQueriesContext(connection) as seen:
            client.get("/o/host/sites/")
        counts.append(len(seen))
    assert counts[0] == counts[1]
