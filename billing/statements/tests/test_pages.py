"""Contracts and statements over HTTP: who gets what, and that both parties see the same figures."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from billing.contracts.models import Contract
from billing.contracts.tests.deal import Deal
from billing.statements.actions.settle import follow
from billing.statements.csv_lines import harmless
from billing.statements.models import Line, Statement
from tenancy.scope import scope

SignIn = Callable[[User], Client]
NOBODYS = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def statement(deal: Deal) -> Statement:
    """A draft with the signing and the go-live of one deployment."""
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
        return deal.statement()


def state(deal: Deal) -> str:
    with scope(deal.payer.pk):
        return str(deal.statement().state)


def finalize(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.statement().review(by=deal.owner)
        deal.statement().finalize(by=deal.approver)


def addresses(org: str, statement: Statement) -> list[str]:
    with scope(statement.organization_id):
        contract, line = Contract.objects.get().pk, Line.objects.order_by("number")[0].pk
    root = f"/o/{org}/billing/"
    one = f"{root}statements/{statement.pk}/"
    return [
        root,
        f"{root}contracts/new/",
        f"{root}contracts/{contract}/",
        one,
        f"{one}statement.pdf",
        f"{one}lines.csv",
        f"{one}lines/{line}/correction/",
    ]


def verbs(statement: Statement) -> list[str]:
    with scope(statement.organization_id):
        contract = Contract.objects.get().pk
    one, paper = f"/o/host/billing/statements/{statement.pk}/", f"/o/host/billing/contracts/{contract}/"
    return [f"{one}review/", f"{one}return/", f"{one}finalization/", f"{paper}activation/", f"{paper}end/"]


def test_a_stranger_gets_what_a_missing_page_gets(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    browser = client_of(deal.scene.world.stranger)
    nowhere = browser.get(f"/o/nobody/billing/statements/{NOBODYS}/").content
    for address in addresses("host", statement):
        answer = browser.get(address)
        assert (answer.status_code, answer.content) == (404, nowhere), address
    for address in verbs(statement):
        assert browser.post(address).status_code == 404, address
    at_home = browser.get(f"/o/elsewhere/billing/statements/{statement.pk}/")
    assert at_home.status_code == 404
    assert state(deal) == "draft"


def test_partners_find_nothing_at_the_hosts(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    deal.scene.share()
    world = deal.scene.world
    for user in (world.vendor_manager, world.funder_manager, world.hub_manager):
        browser = client_of(user)
        for address in addresses("host", statement):
            assert browser.get(address).status_code in {403, 404}, address
        for address in verbs(statement):
            assert browser.post(address, {"reason": "Mine."}).status_code in {403, 404}, address
    assert state(deal) == "draft"


@pytest.mark.parametrize("role", ["manager", "contributor", "learner"])
def test_who_has_nothing_to_do_with_money_is_told_so(
    deal: Deal, client_of: SignIn, statement: Statement, role: str
) -> None:
    browser = client_of(getattr(deal.scene.world, role))
    for address in addresses("host", statement):
        assert browser.get(address).status_code == 403, address
    for address in verbs(statement):
        assert browser.post(address, {"reason": "Mine."}).status_code == 403, address
    assert state(deal) == "draft"


def test_an_auditor_reads_and_changes_nothing(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    browser = client_of(deal.scene.world.auditor)
    assert browser.get(f"/o/host/billing/statements/{statement.pk}/").status_code == 200
    for address in verbs(statement):
        assert browser.post(address, {"reason": "Mine."}).status_code == 403, address
    assert state(deal) == "draft"


def test_from_a_form_to_an_active_contract_by_two_people(deal: Deal, client_of: SignIn) -> None:
    owner, second = client_of(deal.scene.world.owner), client_of(deal.administrator)
    form: dict[str, Any] = {
        "reference": "SW-9",
        "title": "Stillwater CBT",
        "vendor": deal.scene.world.vendor.pk,
        "currency": "USD",
        "fee": "1000.00",
        "starts_on": "2026-01-01",
        "net_days": "30",
        "covers": [deal.scene.deployment.pk],
        "share_signed": "30",
        "share_built": "30",
        "share_live": "20",
        "share_sustained": "10",
    }
    refused = owner.post("/o/host/billing/contracts/new/", form)
    assert refused.status_code == 422
    assert "The milestones make 90 %, not 100 %." in refused.content.decode()
    tampered = owner.post("/o/host/billing/contracts/new/", {**form, "share_sustained": "20", "covers": [NOBODYS]})
    assert tampered.status_code == 422
    with scope(deal.payer.pk):
        assert not Contract.objects.exists()
    made = owner.post("/o/host/billing/contracts/new/", {**form, "share_sustained": "20"})
    assert made.status_code == 302
    page = owner.get(made["Location"]).content.decode()
    assert "A second person activates it" in page
    assert "/activation/" not in page
    own = owner.post(f"{made['Location']}activation/")
    assert own.status_code == 409
    assert "a second person activates it" in own.content.decode()
    with scope(deal.payer.pk):
        assert Contract.objects.get().state == "draft"
    assert "/activation/" in second.get(made["Location"]).content.decode()
    assert second.post(f"{made['Location']}activation/").status_code == 302
    with scope(deal.payer.pk):
        assert Contract.objects.get().state == "active"


def test_a_draft_is_changed_on_its_page(deal: Deal, client_of: SignIn) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        last = deal.milestone(contract, "gate.passed:G9")
    browser, address = client_of(deal.scene.world.owner), f"/o/host/billing/contracts/{contract.pk}/"
    assert browser.post(f"{address}milestones/{last.pk}/drop/").status_code == 302
    again = {"trigger": "gate.passed:G9", "percent": "20"}
    assert browser.post(f"{address}milestones/", {**again, "percent": "0"}).status_code == 422
    assert browser.post(f"{address}milestones/", again).status_code == 302
    assert browser.post(f"{address}milestones/", again).status_code == 409
    with scope(deal.payer.pk):
        assert contract.milestones.count() == 4


def test_a_statement_is_reviewed_and_finalized_by_two_people(
    deal: Deal, client_of: SignIn, statement: Statement
) -> None:
    owner, approver = client_of(deal.scene.world.owner), client_of(deal.scene.world.approver)
    address = f"/o/host/billing/statements/{statement.pk}/"
    page = owner.get(address).content.decode()
    assert "10,000.01 × 30 %" in page
    assert "5,000.01" in page
    assert "it matches." in page
    assert owner.post(f"{address}finalization/").status_code == 409
    assert owner.post(f"{address}review/").status_code == 302
    mine = owner.post(f"{address}finalization/")
    assert mine.status_code == 409
    assert "You reviewed this statement" in mine.content.decode()
    assert state(deal) == "in_review"
    assert approver.post(f"{address}return/", {"reason": ""}).status_code == 422
    assert approver.post(f"{address}finalization/").status_code == 302
    assert state(deal) == "finalized"
    final = owner.get(address).content.decode()
    assert "Final, and cannot be edited" in final
    assert "/review/" not in final
    assert "/finalization/" not in final


def test_one_line_is_shown_step_by_step(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    browser = client_of(deal.scene.world.owner)
    address = f"/o/host/billing/statements/{statement.pk}/"
    assert "Line 2, step by step" in browser.get(address).content.decode()
    page = browser.get(f"{address}?line=1").content.decode()
    assert "Line 1, step by step" in page
    assert "to the cent; the milestones make the whole fee" in page
    assert "Line 2, step by step" in browser.get(f"{address}?line=99").content.decode()


def test_a_correction_is_written_on_the_next_statement(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    finalize(deal)
    with scope(deal.payer.pk):
        line = Line.objects.get(number=2)
    browser = client_of(deal.scene.world.owner)
    address = f"/o/host/billing/statements/{statement.pk}/lines/{line.pk}/correction/"
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"should_be": "2000.00", "reason": "Same."}).status_code == 422
    assert browser.post(address, {"should_be": "1.999", "reason": "Cents."}).status_code == 422
    written = browser.post(address, {"should_be": "1500.00", "reason": "Two weeks late."})
    assert written.status_code == 302
    assert str(statement.pk) not in written["Location"]
    page = browser.get(written["Location"]).content.decode()
    assert "1,500.00 − 2,000.00" in page
    assert "−500.00" in page
    with scope(deal.payer.pk):
        assert Line.objects.count() == 3


def test_the_vendor_reads_the_same_figures_at_home(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    vendor = client_of(deal.scene.world.vendor_manager)
    address = f"/o/vendor/billing/statements/{statement.pk}/"
    assert vendor.get(address).status_code == 404  # a draft that nobody has reviewed stays with the payer
    finalize(deal)
    with scope(deal.payer.pk):
        contract, line = Contract.objects.get().pk, Line.objects.get(number=1).pk
        sha256 = deal.statement().sha256
    page = vendor.get(address).content.decode()
    assert "5,000.01" in page
    assert "it matches." in page
    assert sha256 in page
    assert "Owner Host" not in page
    assert vendor.get(f"/o/vendor/billing/contracts/{contract}/").status_code == 200
    assert str(statement.pk) in vendor.get("/o/vendor/billing/").content.decode()
    for verb in ("review/", "return/", "finalization/", f"lines/{line}/correction/"):
        answer = vendor.post(f"{address}{verb}", {"reason": "Mine.", "should_be": "9.00"})
        assert answer.status_code == 404, verb
    for verb in ("activation/", "end/"):
        assert vendor.post(f"/o/vendor/billing/contracts/{contract}/{verb}", {"on": "2026-01-01"}).status_code == 404
    mine = vendor.get(f"{address}statement.pdf").content
    assert (
        mine
        == client_of(deal.scene.world.owner).get(f"/o/host/billing/statements/{statement.pk}/statement.pdf").content
    )


def test_the_pdf_is_tagged_and_the_same_each_time(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    finalize(deal)
    browser, address = client_of(deal.scene.world.owner), f"/o/host/billing/statements/{statement.pk}/statement.pdf"
    first, second = browser.get(address), browser.get(address)
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-1.7")
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", first.content)
    assert b"/StructTreeRoot" in first.content
    assert b"/MarkInfo" in first.content
    with scope(deal.payer.pk):
        final = deal.statement()
    assert final.sha256.encode() in first.content  # the metadata carry it in clear
    assert f"Statement, {final.period:%B %Y}".encode() in first.content
    assert first["Content-Disposition"] == f'attachment; filename="SW-2026-01-{final.period:%Y-%m}.pdf"'
    assert first["Cache-Control"] == "private, no-store"


def test_the_data_come_as_csv(deal: Deal, client_of: SignIn, statement: Statement) -> None:
    answer = client_of(deal.scene.world.owner).get(f"/o/host/billing/statements/{statement.pk}/lines.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["line"], row["amount"], row["currency"]) for row in rows] == [
        ("1", "3000.01", "USD"),
        ("2", "2000.00", "USD"),
    ]
    assert rows[1]["title"] == "Deployment went live"
    assert UUID(rows[1]["event"])
    assert datetime.fromisoformat(rows[1]["at"]).tzinfo == UTC


def test_a_cell_is_no_formula() -> None:
    assert harmless("=1+1") == "'=1+1"
    assert harmless("@SUM(A1)") == "'@SUM(A1)"
    assert harmless("Main Street") == "Main Street"
