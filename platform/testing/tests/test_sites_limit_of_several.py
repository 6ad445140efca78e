"""What tells of several sites at once, to a member limited to one: changes in one go, upgrades, status links, papers, files."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments.actions import edit_deployments
from onboarding.deployments.actions.edit_deployments import DeploymentEdit
from onboarding.deployments.models import Change, Deployment, Evidence, StatusLink, TeamRole
from onboarding.deployments.status import links
from onboarding.plans.actions import move_many
from onboarding.plans.actions.move_many import Target
from onboarding.playbooks.document import PlaybookDocument
from onboarding.upgrades.actions.upgrade import CannotUpgrade, dry_run, undo_upgrade, upgrade
from onboarding.upgrades.models import Upgrade
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.vault.tests.shelf import paper, stored
from tenancy.models import Site
from tenancy.scope import scope
from testing.tests.test_sites_limit import ELSEWHERE, Limited, limited

__all__ = ["limited"]
ClientOf = Callable[[User], Client]


def text_of(answer: Any) -> str:
    """What stands in a page, a CSV file or a workbook."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode()


def both(limited: Limited) -> list[UUID]:
    return [limited.scene.deployment.pk, limited.deployment.pk]


def fill_a_role(limited: Limited, deployments: list[UUID]) -> Change:
    by = limited.scene.by(limited.scene.world.owner)
    edit = DeploymentEdit("IM", limited.scene.world.contributor)
    seen = edit_deployments.digest(edit_deployments.look(deployments, edit))
    change = edit_deployments.edit_deployments(deployments, edit, by=by, said="filled IM", expected=seen)
    assert change is not None
    return change


def move_both(limited: Limited) -> Change:
    by, target = limited.scene.by(limited.scene.world.owner), Target(days=14)
    seen = move_many.digest(move_many.look(both(limited), target, today=timezone.localdate()))
    change = move_many.move_many(both(limited), target, by=by, reason="Training is late", said="moved", expected=seen)
    assert change is not None
    return change


@pytest.mark.parametrize("make", [lambda limited: fill_a_role(limited, both(limited)), move_both])
def test_a_change_that_reached_another_site_is_neither_seen_nor_undone(
    limited: Limited, client_of: ClientOf, make: Callable[[Limited], Change]
) -> None:
    host = limited.scene.world.host
    with scope(host.pk):
        change = make(limited)
        before = Event.objects.count()
    client, place = client_of(limited.manager), "/o/host/changes/"
    for address in (place, f"{place}?as=csv", f"{place}?as=xlsx"):
        text = text_of(client.get(address))
        assert change.title not in text
        assert ELSEWHERE not in text
    assert client.get(f"{place}{change.pk}/").status_code == 404
    assert client.post(f"{place}{change.pk}/", {"partly": "on"}).status_code == 404
    with scope(host.pk):
        change.refresh_from_db()
        assert (change.undone_at, Event.objects.count()) == (None, before)
    assert ELSEWHERE in text_of(client_of(limited.scene.world.owner).get(f"{place}{change.pk}/"))


def test_a_change_in_one_go_at_all_of_the_own_sites_is_seen_and_undone(limited: Limited, client_of: ClientOf) -> None:
    with scope(limited.scene.world.host.pk):
        change = fill_a_role(limited, [limited.scene.deployment.pk])
    place = f"/o/host/changes/{change.pk}/"
    assert client_of(limited.manager).get(place).status_code == 200
    assert client_of(limited.manager).post(place).status_code == 302
    with scope(limited.scene.world.host.pk):
        change.refresh_from_db()
        assert change.undone_at is not None
        assert TeamRole.objects.get(deployment=limited.scene.deployment, code="IM").person_id is None


def test_the_database_alone_keeps_a_change_over_several_sites_and_a_program_s_link(limited: Limited) -> None:
    with scope(limited.scene.world.host.pk):
        by = limited.scene.by(limited.scene.world.owner)
        change = fill_a_role(limited, both(limited))
        whole = StatusLink.make(limited.scene.program, by=by, purpose="Board", days=30)
        own = StatusLink.make(limited.scene.deployment, by=by, purpose="Clinic", days=30)
    with limited.seat().scope(), connection.cursor() as cursor:
        cursor.execute("select count(*) from deployments_change where id = %s", [change.pk])
        assert cursor.fetchone() == (0,)
        cursor.execute("select id from deployments_statuslink where id = any(%s)", [[whole.pk, own.pk]])
        assert cursor.fetchall() == [(own.pk,)]


def test_the_link_to_a_program_s_status_is_not_shown_made_or_closed(limited: Limited, client_of: ClientOf) -> None:
    scene = limited.scene
    with scope(scene.world.host.pk):
        link = StatusLink.make(scene.program, by=scene.by(scene.world.owner), purpose="Steering group", days=30)
        address = links.address_of(link, "host")
        before = Event.objects.count()
    client, place = client_of(limited.manager), f"/o/host/programs/{scene.program.pk}/status/"
    text = text_of(client.get(place))
    assert "Main Street" in text
    for secret in (ELSEWHERE, "Steering group", address.rsplit("/", 2)[-2], "Make a link"):
        assert secret not in text
    assert ELSEWHERE not in text_of(client.get(f"{place}xlsx"))
    made = client.post(f"{place}links", {"purpose": "Mine", "days": "30"}, follow=True)
    assert "ask somebody who reaches all of them" in text_of(made)
    assert client.post(f"/o/host/status-links/{link.pk}/revoke").status_code == 404
    with scope(scene.world.host.pk):
        assert StatusLink.objects.get().revoked_at is None
        assert Event.objects.count() == before
    assert ELSEWHERE in text_of(client_of(scene.world.owner).get(place))


def test_the_link_of_somebody_who_was_limited_since_opens_nothing(limited: Limited) -> None:
    scene = limited.scene
    with scope(scene.world.host.pk):
        member = Membership.objects.active().get(user=limited.manager)
        member.limit_to([], by=scene.by(scene.world.owner))
        link = StatusLink.make(scene.program, by=member.actor, purpose="Board", days=30)
        address = urlsplit(links.address_of(link, "host")).path
    assert ELSEWHERE in text_of(Client().get(address))
    with scope(scene.world.host.pk):
        member.limit_to([scene.site], by=scene.by(scene.world.owner))
    assert Client().get(address).status_code == 404


def test_an_upgrade_over_several_sites_is_not_undone_by_halves(
    limited: Limited, client_of: ClientOf, starter: PlaybookDocument
) -> None:
    scene = limited.scene
    with scope(scene.world.host.pk):
        by = scene.by(scene.world.owner)
        to = publish(later(starter, risk_register={"title": "Risks, owned and dated"}), by=by)
        ledger = upgrade(scene.program, to, both(limited), by=by, decisions={})
        assert ledger is not None
        before = Event.objects.count()
    place = f"/o/host/upgrades/{ledger.pk}/"
    client = client_of(limited.manager)
    for address in (place, f"{place}?as=csv", "/o/host/upgrades/?as=xlsx"):
        assert ELSEWHERE not in text_of(client.get(address))
    answer = client.post(f"{place}undo")
    assert answer.status_code == 422
    assert "reached sites that you do not see" in text_of(answer)
    with limited.seat().scope(), pytest.raises(CannotUpgrade, match="sites that you do not see"):
        undo_upgrade(Upgrade.objects.get(pk=ledger.pk), by=scene.manager)
    with scope(scene.world.host.pk):
        assert Upgrade.objects.get().undone_at is None
        assert set(Deployment.objects.values_list("playbook_version", flat=True)) == {to.pk}
        assert Event.objects.count() == before


def test_what_new_sites_get_is_not_decided_by_somebody_who_sees_one(
    limited: Limited, client_of: ClientOf, starter: PlaybookDocument
) -> None:
    scene = limited.scene
    with scope(scene.world.host.pk):
        to = publish(later(starter), by=scene.by(scene.world.owner))
    with limited.seat().scope(), pytest.raises(CannotUpgrade, match="What new sites get"):
        upgrade(scene.program, to, both(limited), by=scene.manager, decisions={}, for_new_sites=True)
    form = {"to": str(to.pk), "picked": [str(pk) for pk in both(limited)], "for_new_sites": "on"}
    answer = client_of(limited.manager).post(f"/o/host/programs/{scene.program.pk}/upgrade/", form)
    assert answer.status_code == 302
    with scope(scene.world.host.pk):
        scene.program.refresh_from_db()
        moved = dict(Deployment.objects.values_list("pk", "playbook_version"))
        assert scene.program.playbook_version_id != to.pk
        assert (moved[scene.deployment.pk], moved[limited.deployment.pk] == to.pk) == (to.pk, False)
        assert [run.deployment.pk for run in dry_run(scene.program, to)] == [limited.deployment.pk]


def test_the_vault_names_no_item_at_another_site_where_a_paper_stands(limited: Limited, client_of: ClientOf) -> None:
    scene = limited.scene
    with scope(scene.world.host.pk):
        by = scene.by(scene.world.owner)
        shared = paper(by, "Assurance report")
        for deployment in (scene.deployment, limited.deployment):
            item = deployment.items.filter(state="todo", completed_by_gate=False).exclude(evidence_wanted=[]).first()
            Evidence.use(item, shared, by=by, wanted_key=str(item.evidence_wanted[0]["key"]))
        given = Evidence.give(limited.item, stored("minutes.txt", "Minutes"), by=by)
        given.accept(by=by)
        kept = given.keep(by=by, valid_until=timezone.localdate() + timedelta(days=90))
    client = client_of(limited.manager)
    for rest in ("", f"{shared.pk}/", f"{kept.pk}/", "controls/", "offers/"):
        for form in ("", "?as=csv", "?as=xlsx"):
            answer = client.get(f"/o/host/vault/{rest}{form}")
            assert answer.status_code == 200
            text = text_of(answer)
            assert ELSEWHERE not in text, (rest, form)
            assert str(limited.deployment.pk) not in text
    assert "Main Street" in text_of(client.get(f"/o/host/vault/{shared.pk}/"))
    assert ELSEWHERE in text_of(client_of(scene.world.owner).get(f"/o/host/vault/{shared.pk}/"))


@pytest.mark.parametrize("form", ["", "?as=csv", "?as=xlsx", "?state=sent&as=csv"])
def test_the_message_ledger_stays_shut(limited: Limited, client_of: ClientOf, form: str) -> None:
    for ledger in ("admin/deliveries/", "admin/reminders/"):
        answer = client_of(limited.manager).get(f"/o/host/{ledger}{form}")
        assert answer.status_code == 403, ledger
        assert ELSEWHERE not in text_of(answer)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_table_leaves_with_a_row_of_another_site(limited: Limited, client_of: ClientOf, kind: str) -> None:
    with scope(limited.scene.world.host.pk):
        Site.objects.filter(pk=limited.scene.site.pk).update(name="Own Street")
    client, one = client_of(limited.manager), limited.scene.deployment
    own = f"deployments/{one.pk}/"
    for table in (
        "portfolio/", "sites/", "training/people/", "training/", "training/access/", "programs/", f"programs/{one.program_id}/",
        f"programs/{one.program_id}/timeline/", f"programs/{one.program_id}/waves/", f"programs/{one.program_id}/status/",
        "log/", "adaptations/", "reviews/", "stage-metrics/", "workload/", "changes/", "upgrades/", "joint/", "closed-days/",
        own, f"{own}timeline/", f"{own}board/", f"{own}history/as-of/", f"{own}team/", f"{own}sharing/",
    ):  # fmt: skip
        answer = client.get(f"/o/host/{table}", {"as": kind})
        assert answer.status_code == 200, table
        text = text_of(answer)
        assert ELSEWHERE not in text, table
        assert str(limited.deployment.pk) not in text, table
