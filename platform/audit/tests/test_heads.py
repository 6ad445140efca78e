"""The heads outside the database: whoever seals a log anew, with the very key, is found by what was noted before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from audit import heads, sealing
from audit.tests.sealed_log import happen
from audit.tests.test_seal import run
from audit.verification import verify
from testing.cast import World

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state"),
]


def file_of(organization_id: UUID, settings: Any) -> Path:
    path: Path = settings.STATE_DIR / "heads" / str(organization_id)
    return path


def seal_anew(host: UUID) -> None:
    """Change the first event, forget the seal, seal everything again with the key of the house: nothing in the database betrays it."""
    with transaction.atomic():
        run("set local session_replication_role = replica")
        run("update audit_event set actor_id = gen_random_uuid() where id = (select event_id from audit_leaf"
            " where number = 1 and organization_id = %s)", host)  # fmt: skip
        run("delete from audit_leaf where organization_id = %s", host)
        run("delete from audit_batch where organization_id = %s", host)
    while sealing.seal(host):
        pass


def test_a_log_that_was_sealed_anew_is_found_by_the_heads_noted_before(sealed: World, as_administrator: None) -> None:
    host = sealed.host.pk
    seal_anew(host)
    happen(sealed.host, 2)
    assert sealing.seal(host)
    assert verify(host, newest=1).faults == []  # the database agrees with itself
    first = verify(host).first_fault
    assert first is not None
    assert (first.number, first.what) == (1, "batch 1 was sealed with another head")


def test_a_file_of_heads_that_is_gone_is_missed(sealed: World, settings: Any) -> None:
    assert verify(sealed.host.pk).faults == []
    file_of(sealed.host.pk, settings).unlink()
    assert [str(fault) for fault in verify(sealed.host.pk).faults] == [
        "the log: no head of it is noted outside the database: its file is missing"
    ]
    assert verify(sealed.elsewhere.pk).faults == []


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text.replace("2 ", "2 x", 1), "line 2"),
        (lambda text: text[:-5], "line 3"),
        (lambda text: "", "its file is missing"),
    ],
)
def test_a_damaged_file_of_heads_is_told_and_breaks_no_page(
    sealed: World, settings: Any, client_of: Callable[[User], Client], damage: Callable[[str], str], says: str
) -> None:
    path = file_of(sealed.host.pk, settings)
    path.write_text(damage(path.read_text()))
    assert says in str(verify(sealed.host.pk).first_fault)
    page = client_of(sealed.owner).get(f"/o/{sealed.host.slug}/admin/audit/")
    assert page.status_code == 200
    assert ("Record intact." in page.content.decode()) is ("line 2" in says)


def test_the_newest_head_is_the_last_line(sealed: World) -> None:
    noted = list(heads.every(sealed.host.pk))
    assert [number for number, _ in noted] == [1, 2, 3]
    assert heads.newest(sealed.host.pk) == noted[-1]
