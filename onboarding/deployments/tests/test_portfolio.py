"""The portfolio: carried from the log, to everybody who sees a deployment and nobody else."""

import io
from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import User
from audit.models import Event
from config.reactions import REACTIONS
from onboarding.deployments.models import PortfolioRow
from onboarding.deployments.portfolio import differences, project
from onboarding.deployments.tasks import carry_portfolio
from onboarding.plans.actions.move_dates import move_go_live
from tenancy.ids import uuid7
from tenancy.models import Organization
from tenancy.scope import scope
from tenancy.tests.test_catalogue import administrator
from testing.scenes import GO_LIVE, Scene
from testing.statements import counted

__all__ = ["administrator"]
ClientOf = Callable[[User], Client]


def rows_of(organization: Organization) -> list[PortfolioRow]:
    with scope(organization.pk):
        return list(PortfolioRow.objects.order_by("pk"))


def carry(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        project(scene.deployment.pk)


def test_the_host_and_each_party_get_a_row_of_their_own(scene: Scene) -> None:
    scene.share()
    carry(scene)
    world = scene.world
    parts = {
        one.slug: [row.part for row in rows_of(one)] for one in (world.host, world.vendor, world.hub, world.funder)
    }
    assert parts == {"host": [""], "vendor": ["vendor"], "hub": ["hub"], "funder": ["funder"]}
    assert rows_of(world.elsewhere) == []
    row = rows_of(world.hub)[0]
    assert (row.site, row.host_name, row.go_live_on, row.done) == ("Main Street", world.host.name, GO_LIVE, 0)


def test_a_withdrawn_share_takes_the_row_away(scene: Scene) -> None:
    scene.share()
    carry(scene)
    with scope(scene.world.host.pk):
        scene.deployment.withdraw_share(scene.world.vendor, by=scene.manager)
    carry(scene)
    assert rows_of(scene.world.vendor) == []
    assert len(rows_of(scene.world.hub)) == 1


def test_the_reaction_to_an_event_carries_the_change(scene: Scene) -> None:
    carry(scene)
    with scope(scene.world.host.pk):
        move_go_live(scene.deployment, date(2027, 3, 16), by=scene.manager, reason="The board meets later.")
        event = Event.objects.get(action="deployment.go_live_moved")
    assert "onboarding.deployments.tasks.carry_portfolio" in REACTIONS[event.action]
    carry_portfolio(str(scene.world.host.pk), str(event.pk))
    row = rows_of(scene.world.host)[0]
    assert (row.go_live_on, row.baseline_go_live_on) == (date(2027, 3, 16), GO_LIVE)


def test_the_command_rebuilds_what_the_check_finds_wrong(scene: Scene) -> None:
    scene.share()
    carry(scene)
    with scope(scene.world.hub.pk):
        PortfolioRow.objects.update(blocked=7)
    with scope(scene.world.host.pk):
        found = list(differences())
    assert [text.split(": ")[1] for text in found] == ["blocked"]
    with pytest.raises(CommandError, match="blocked"):
        call_command("rebuild_portfolio", "--check")
    call_command("rebuild_portfolio")
    call_command("rebuild_portfolio", "--check")
    assert rows_of(scene.world.hub)[0].blocked == 0


def test_each_party_reads_its_own_portfolio_and_follows_it_to_the_host(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    carry(scene)
    address = f"/o/host/deployments/{scene.deployment.pk}/"
    for user, slug in (
        (scene.world.manager, "host"),
        (scene.world.vendor_manager, "vendor"),
        (scene.world.funder_manager, "funder"),
    ):
        client = client_of(user)
        text = client.get(f"/o/{slug}/portfolio/").content.decode()
        assert address in text
        assert client.get(address).status_code == 200
    assert address not in client_of(scene.world.stranger).get("/o/elsewhere/portfolio/").content.decode()
    assert client_of(scene.world.vendor_manager).get("/o/host/portfolio/").status_code == 403


def _many(scene: Scene, count: int) -> None:
    with scope(scene.world.host.pk):
        first = PortfolioRow.objects.get()
        for number in range(count):
            first.pk, first.deployment_id, first.site = uuid7(), uuid7(), f"Site {number:03}"
            first.save(force_insert=True)


def test_pages_follow_each_other_without_gap_or_repetition_in_few_statements(scene: Scene, client_of: ClientOf) -> None:
    carry(scene)
    client = client_of(scene.world.manager)
    client.get("/o/host/portfolio/")
    with CaptureQueriesContext(connection) as few:
        client.get("/o/host/portfolio/")
    _many(scene, 119)
    with CaptureQueriesContext(connection) as many:
        text = client.get("/o/host/portfolio/").content.decode()
    assert len(counted(few)) == len(counted(many)) <= 8
    seen: list[str] = []
    for _ in range(3):
        seen += [part.split("<")[0] for part in text.split('">Stillwater CBT, ')[1:]]
        if 'rel="next"' not in text:
            break
        following = text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        text = client.get(f"/o/host/portfolio/{following}").content.decode()
    assert len(seen) == len(set(seen)) == 120


def test_filters_and_a_broken_place_in_the_address(scene: Scene, client_of: ClientOf) -> None:
    carry(scene)
    client = client_of(scene.world.manager)
    assert "Main Street" in client.get("/o/host/portfolio/?q=main&sort=blocked&group=tool").content.decode()
    assert "No deployment matches" in client.get("/o/host/portfolio/?show=live").content.decode()
    for broken in ("x", "WzFd", "bnVsbA==", "%00"):
        assert client.get(f"/o/host/portfolio/?after={broken}").status_code == 200


def test_the_rows_leave_as_csv_and_as_a_workbook_and_run_no_formula(scene: Scene, client_of: ClientOf) -> None:
    carry(scene)
    with scope(scene.world.host.pk):
        PortfolioRow.objects.update(site="=1+1")
    client = client_of(scene.world.manager)
    text = b"".join(client.get("/o/host/portfolio/?as=csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Organization,Tool,Version")
    assert "'=1+1" in text
    book = load_workbook(io.BytesIO(b"".join(client.get("/o/host/portfolio/?as=xlsx").streaming_content)))
    assert book.active.cell(2, 6).value == "'=1+1"
    assert client.get("/o/host/portfolio/export.pdf").status_code == 404


def test_the_figures_are_read_from_an_index_alone_walls_included(
    scene: Scene, client_of: ClientOf, administrator: psycopg.Connection
) -> None:
    """On a large portfolio this is the page's largest statement; one column more, and it reads every row."""
    scene.share()
    with CaptureQueriesContext(connection) as asked:
        client_of(scene.world.hub_manager).get("/o/hub/portfolio/")
    [counts] = [one["sql"] for one in asked if one["sql"] and '"slipping"' in one["sql"]]
    large = {"relpages": 1000, "reltuples": 20000, "relallvisible": 1000}
    administrator.execute(
        "select pg_restore_relation_stats('schemaname', 'public', 'relname', 'deployments_portfoliorow',"
        + ", ".join(f"'{name}', {value}" for name, value in large.items())
        + ")"
    )
    administrator.execute("set local role causeway_app")
    for other in ("seqscan", "bitmapscan"):
        administrator.execute(f"set local enable_{other} = off")
    plan = "\n".join(line for (line,) in administrator.execute(f"explain {counts}"))
    administrator.rollback()
    assert "Index Only Scan using portfolio_counts" in plan, plan
