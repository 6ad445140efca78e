"""The status pack: page, PDF, workbook, and the link for those without an account. The attacks first."""

import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.models import Comment, Item, StatusLink
from onboarding.deployments.status import links
from onboarding.deployments.tests.test_use_paper import second_item
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def make(scene: Scene, subject: Any = None) -> tuple[StatusLink, str]:
    with scope(scene.world.host.pk):
        link = StatusLink.make(subject or scene.deployment, by=scene.manager, purpose="Steering group", days=7)
        return link, links.address_of(link, "host").removeprefix("http://localhost:8000")


def path(address: str) -> str:
    return "/s/" + address.split("/s/", 1)[1]


def test_a_link_shows_figures_and_titles_and_no_name_comment_or_reason(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        item.block(by=scene.manager, reason="They quarrel about money.", waits_for="SEC")
        Comment.add(item, body="Between us", by=scene.manager)
    _, address = make(scene)
    text = Client().get(path(address)).content.decode()
    assert "Stillwater CBT at Main Street" in text
    assert "As of" in text
    assert f"#1 {item.title}" in text
    assert "Waits for Security officer" in text
    for hidden in ("They quarrel", "Between us", "Manager Host", "Analyst Host"):
        assert hidden not in text


@pytest.mark.parametrize("ending", ["", "pdf", "xlsx"])
def test_an_ended_revoked_or_orphaned_link_is_a_missing_page(scene: Scene, ending: str) -> None:
    link, address = make(scene)
    place = path(address) + ending
    missing = Client().get("/s/host/status/nothing/" + ending)
    assert Client().get(place).status_code == 200
    with scope(scene.world.host.pk):
        StatusLink.objects.update(expires_at=timezone.now())
    assert Client().get(place).status_code == missing.status_code == 404
    with scope(scene.world.host.pk):
        StatusLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
        link.revoke(by=scene.manager)
    assert Client().get(place).status_code == 404
    with scope(scene.world.host.pk):
        StatusLink.objects.update(revoked_at=None)
        Membership.objects.active().get(user=scene.world.manager).end(by=scene.by(scene.world.owner))
    assert Client().get(place).status_code == 404


def test_a_link_of_another_organization_or_row_is_no_link(scene: Scene) -> None:
    link, address = make(scene)
    token = path(address).split("/")[4]
    for slug in ("elsewhere", "vendor", "nowhere"):
        assert Client().get(f"/s/{slug}/status/{token}/").status_code == 404
    bound = [str(link.organization_id), str(link.pk), link.key]
    for at, value in ((0, str(scene.world.elsewhere.pk)), (1, str(scene.deployment.pk)), (2, "0" * 32)):
        forged = signing.Signer(salt=links.SALT).sign_object([*bound[:at], value, *bound[at + 1 :]])
        assert Client().get(f"/s/host/status/{forged}/").status_code == 404
    assert Client().post(path(address)).status_code == 405


def test_only_who_may_share_makes_a_link_and_says_for_whom(scene: Scene, client_of: ClientOf) -> None:
    place = f"/o/host/deployments/{scene.deployment.pk}/status/links"
    good = {"purpose": "Board", "days": "30"}
    assert client_of(scene.world.contributor).post(place, good).status_code == 403
    scene.share()
    assert client_of(scene.world.vendor_manager).post(place, good).status_code == 403
    client = client_of(scene.world.manager)
    for bad in ({**good, "purpose": " "}, {**good, "days": "3650"}, {**good, "days": "x"}):
        client.post(place, bad)
    with scope(scene.world.host.pk):
        assert not StatusLink.objects.exists()
    client.post(place, good)
    with scope(scene.world.host.pk):
        link = StatusLink.objects.get()
    assert links.address_of(link, "host") in client.get(place.removesuffix("links")).content.decode()
    client.post(f"/o/host/status-links/{link.pk}/revoke")
    with scope(scene.world.host.pk):
        assert StatusLink.objects.get().revoked_at is not None
        made = Event.objects.filter(action__startswith="status_link").order_by("id")
        assert [event.action for event in made] == ["status_link.made", "status_link.revoked"]


def test_a_partner_reads_what_its_part_opens(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    place = f"/o/host/deployments/{scene.deployment.pk}/status/"
    funder = client_of(scene.world.funder_manager).get(place).content.decode()
    assert "Stages" in funder
    assert "Blocked</h2>" not in funder
    assert "Make a link" not in funder
    assert client_of(scene.world.vendor_manager).get(place).status_code == 200
    assert client_of(scene.world.vendor_manager).get(
        f"/o/host/programs/{scene.program.pk}/status/"
    ).status_code == 403  # fmt: skip


def test_the_pack_of_a_deployment_and_of_a_program_takes_at_most_two_seconds_of_cpu(
    scene: Scene, client_of: ClientOf
) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        second_item(scene)
    client.get(f"/o/host/deployments/{scene.deployment.pk}/status/pdf")  # a process loads the fonts and libraries once
    for place in (f"deployments/{scene.deployment.pk}", f"programs/{scene.program.pk}"):
        began = time.process_time()
        paper = client.get(f"/o/host/{place}/status/pdf")
        book = client.get(f"/o/host/{place}/status/xlsx")
        spent = time.process_time() - began
        assert paper.content[:5] == b"%PDF-"
        assert b"/MarkInfo" in paper.content or b"StructTreeRoot" in paper.content
        assert "attachment" in paper["Content-Disposition"]
        sheets = load_workbook(io.BytesIO(book.content))
        assert sheets["Status"]["A4"].value == "As of"
        assert spent < 2


def test_the_workbook_runs_no_formula(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        Item.objects.filter(number=1).update(title="=HYPERLINK(1)", state="blocked", due_on=timezone.localdate())
        from tenancy.models import Site

        Site.objects.update(name="=1+1")
    book = client_of(scene.world.manager).get(f"/o/host/programs/{scene.program.pk}/status/xlsx")
    sheet = load_workbook(io.BytesIO(book.content))["Sites"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("'=1+1", "s")


def test_the_pages_cost_the_same_for_few_and_for_many_sites(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    client, place = client_of(scene.world.manager), f"/o/host/programs/{scene.program.pk}/status/"

    def cost() -> int:
        with django_assert_max_num_queries(25) as seen:
            assert client.get(place).status_code == 200
        return len(seen.captured_queries)

    cost()
    few = cost()
    with scope(scene.world.host.pk):
        second_item(scene)
    assert cost() == few
