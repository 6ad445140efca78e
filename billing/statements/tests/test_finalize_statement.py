"""Two people make a statement final, nobody changes it afterwards, and it can be computed again."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import Event
from billing.contracts.hands import BillingRefused
from billing.contracts.tests.deal import Deal
from billing.statements.actions.correct_line import correct_line
from billing.statements.actions.settle import follow
from billing.statements.document import seal_of, statement_document
from billing.statements.models import Line, Received, Statement
from billing.statements.rules import digest
from tenancy.scope import scope


def reviewed(deal: Deal) -> Statement:
    deal.active()
    follow(deal.go_live().pk)
    deal.statement().review(by=deal.owner)
    return deal.statement()


def finalized(deal: Deal) -> Statement:
    reviewed(deal).finalize(by=deal.approver)
    return deal.statement()


def test_a_vendor_finalizes_nothing(deal: Deal) -> None:
    with scope(deal.payer.pk):
        statement = reviewed(deal)
        with pytest.raises(BillingRefused, match="Only people of the paying organization"):
            statement.finalize(by=deal.outsider)
        assert deal.statement().state == "in_review"


def test_who_reviewed_it_does_not_finalize_it(deal: Deal) -> None:
    with scope(deal.payer.pk):
        statement = reviewed(deal)
        with pytest.raises(BillingRefused, match="You reviewed this statement"):
            statement.finalize(by=deal.owner)
        assert deal.statement().state == "in_review"


def test_an_administrator_reviews_and_does_not_finalize(deal: Deal) -> None:
    with scope(deal.payer.pk):
        statement = reviewed(deal)
        with pytest.raises(BillingRefused, match="You cannot do this: finalize statements"):
            statement.finalize(by=deal.second)
        assert deal.statement().state == "in_review"


def test_who_wrote_a_line_does_not_finalize_it(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        correct_line(Line.objects.get(), should_be=Decimal("100.00"), reason="Agreed.", by=deal.owner)
        statement = deal.statement()
        statement.review(by=deal.second)
        with pytest.raises(BillingRefused, match="You wrote a line"):
            statement.finalize(by=deal.owner)
        assert deal.statement().state == "in_review"
        statement.finalize(by=deal.approver)
        assert deal.statement().total == Decimal("100.00")


def test_a_draft_is_not_finalized(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        with pytest.raises(BillingRefused, match="draft cannot become finalized"):
            deal.statement().finalize(by=deal.approver)
        assert deal.statement().state == "draft"


def test_final_once_with_total_due_date_and_hash(deal: Deal) -> None:
    with scope(deal.payer.pk):
        statement = finalized(deal)
        statement.finalize(by=deal.approver)
        assert statement.total == Decimal("5000.01")
        assert statement.recompute() == statement.total
        assert (statement.due_on - statement.finalized_at.date()).days in (29, 30)
        assert statement.sha256 == seal_of(statement_document(statement))
        assert Event.objects.filter(action="statement.finalized").count() == 1


def test_returned_it_takes_lines_again(deal: Deal) -> None:
    with scope(deal.payer.pk):
        statement = reviewed(deal)
        with pytest.raises(BillingRefused, match="Say why"):
            statement.return_to_draft(reason=" ", by=deal.approver)
        statement.return_to_draft(reason="G4 is missing.", by=deal.approver)
        follow(deal.pass_gate("G4").pk)
        statement = deal.statement()
        assert (statement.state, statement.returned_because, statement.lines.count()) == ("draft", "G4 is missing.", 3)
        with pytest.raises(BillingRefused, match="draft cannot become finalized"):
            statement.finalize(by=deal.approver)


@pytest.mark.parametrize(
    "attack",
    [
        "update statements_statement set total = 1",
        "update statements_statement set state = 'draft', reviewed_by_id = null, finalized_by_id = null, total = null, sha256 = ''",
        "update statements_statement set due_on = '2099-01-01'",
        "update statements_statement set sha256 = repeat('0', 64)",
        "update statements_statement set period = '2020-01-01'",
        "delete from statements_statement",
        "update statements_line set amount = 1",
        "update statements_line set snapshot = '{}'",
        "delete from statements_line",
        "truncate statements_line",
        (
            "insert into statements_line (id, organization_id, statement_id, number, kind, deployment_id, event_id, round, of_id,"
            " milestone_id, snapshot, sha256, amount, opened_at, opened_by_id) select gen_random_uuid(), organization_id,"
            " statement_id, number + 10, kind, deployment_id, gen_random_uuid(), 7, of_id, milestone_id, snapshot, sha256, amount,"
            " opened_at, opened_by_id from statements_line"
        ),
        "alter table statements_line disable trigger frozen",
        "drop trigger frozen on statements_statement",
    ],
)
def test_raw_sql_as_the_app_changes_nothing_that_is_final(deal: Deal, attack: str) -> None:
    with scope(deal.payer.pk):
        before = statement_document(finalized(deal))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
        assert statement_document(deal.statement()) == before
        assert seal_of(before) == before["sha256"]


@pytest.mark.parametrize(
    "attack",
    [
        "update statements_line set amount = amount + 1",
        "delete from statements_line",
        "delete from statements_statement",
        (
            "update statements_statement set state = 'finalized', finalized_by_id = %(other)s, finalized_at = now(),"
            " due_on = now(), total = 1, sha256 = repeat('0', 64), reviewed_by_id = %(reviewer)s, reviewed_at = now()"
        ),
    ],
)
@pytest.mark.parametrize("state", ["draft", "in_review"])
def test_raw_sql_tampers_with_no_line_before_either(deal: Deal, attack: str, state: str) -> None:
    with scope(deal.payer.pk):
        deal.active()
        if state == "in_review":
            deal.statement().review(by=deal.owner)
        people = {"other": deal.administrator.pk, "reviewer": deal.scene.world.owner.pk}
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack, people)
        assert deal.statement().state == state
        assert deal.lines() == [("Contract signed", Decimal("3000.01"))]


def slip_in(deal: Deal, **changes: object) -> None:
    """Insert a line past every verb, as raw SQL could into a draft."""
    line = Line.objects.get()
    snapshot = {**line.snapshot, **changes.pop("snapshot", {})}  # type: ignore[dict-item]
    values = {
        "statement": line.statement,
        "number": 2,
        "kind": "milestone",
        "milestone_id": line.milestone_id,
        "deployment_id": line.deployment_id,
        "event_id": deal.scene.deployment.pk,
        "round": 1,
        "snapshot": snapshot,
        "sha256": digest(snapshot),
        "amount": line.amount,
        **changes,
    }
    Line(**values).save(force_insert=True)


def review_with(deal: Deal, **changes: object) -> None:
    slip_in(deal, **changes)
    deal.statement().review(by=deal.owner)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "the log knows no such event"),
        ({"amount": Decimal("9000.00")}, "the amount is not what its snapshot gives"),
        ({"sha256": "0" * 64}, "the snapshot is not the one that was frozen"),
        ({"kind": "adjustment", "event_id": None}, "line_kind"),
    ],
)
def test_a_line_slipped_into_a_draft_stops_review_and_finalization(
    deal: Deal, changes: dict[str, object], says: str
) -> None:
    with scope(deal.payer.pk):
        deal.active()
        with pytest.raises((BillingRefused, IntegrityError), match=says), transaction.atomic():
            review_with(deal, **changes)
        assert deal.statement().state == "draft"


def test_a_snapshot_with_a_higher_fee_is_found(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        line = Line.objects.get()
        rule = {**line.snapshot["rule"], "fee": "20000.02"}
        slip_in(deal, snapshot={"rule": rule}, amount=Decimal("6000.01"))
        with pytest.raises(
            BillingRefused, match=r"Line 2: the amount is not the contract's\. Line 2: the log knows no such"
        ):
            deal.statement().review(by=deal.owner)
        assert deal.statement().state == "draft"


def test_a_correction_is_a_line_on_the_next_statement(deal: Deal) -> None:
    with scope(deal.payer.pk):
        before = statement_document(finalized(deal))
        line = Line.objects.get(number=2)
        written = correct_line(line, should_be=Decimal("1500.00"), reason="Two weeks late.", by=deal.owner)
        assert written.amount == Decimal("-500.00")
        assert written.snapshot["of"]["stood"] == "2000.00"
        assert written.statement.state == "draft"
        assert statement_document(Statement.objects.order_by("period").first()) == before
        again = correct_line(line, should_be=Decimal("1600.00"), reason="One week late.", by=deal.owner)
        assert again.amount == Decimal("100.00")
        written.statement.review(by=deal.second)
        written.statement.finalize(by=deal.approver)
        assert Statement.objects.get(pk=written.statement_id).total == Decimal("-400.00")
        assert line.standing == Decimal("1600.00")


def test_a_rollback_takes_back_what_stands_after_a_correction(deal: Deal) -> None:
    with scope(deal.payer.pk):
        finalized(deal)
        correct_line(Line.objects.get(number=2), should_be=Decimal("1500.00"), reason="Late.", by=deal.owner)
        follow(deal.roll_back().pk)
        back = Line.objects.get(kind="reversal")
        assert back.amount == Decimal("-1500.00")
        back.statement.review(by=deal.second)
        with pytest.raises(BillingRefused, match="taken back already"):
            correct_line(
                Line.objects.get(event_id__isnull=False, amount=2000),
                should_be=Decimal("1.00"),
                reason="No.",
                by=deal.owner,
            )


@pytest.mark.parametrize(
    ("should_be", "reason", "says"),
    [
        ("2000.00", "Same.", "stands at 2,000.00 already"),
        ("1.00", " ", "needs its reason"),
        ("-0.01", "You owe us.", "between nothing and the fee of the deployment, 10,000.01"),
        ("10000.02", "A zero too many.", "between nothing and the fee of the deployment, 10,000.01"),
    ],
)
def test_a_correction_that_corrects_nothing_or_to_what_no_line_can_be_is_refused(
    deal: Deal, should_be: str, reason: str, says: str
) -> None:
    with scope(deal.payer.pk):
        finalized(deal)
        with pytest.raises(BillingRefused, match=says):
            correct_line(Line.objects.get(number=2), should_be=Decimal(should_be), reason=reason, by=deal.owner)
        assert Line.objects.count() == 2


def test_a_vendor_receives_what_was_reviewed_in_its_own_organization(deal: Deal) -> None:
    world = deal.scene.world
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
    with scope(world.vendor.pk):
        assert [one.kind for one in Received.objects.all()] == ["contract"]
        reached = Received.objects.get().document["coverages"][0]["reached"]
        assert [one["state"] for one in reached] == ["reached", "open", "reached", "open"]
    with scope(deal.payer.pk):
        deal.statement().review(by=deal.owner)
        deal.statement().finalize(by=deal.approver)
        document = statement_document(deal.statement())
    with scope(world.vendor.pk):
        received = Received.objects.get(kind="statement")
        assert (received.state, received.payer, received.document) == ("finalized", deal.payer, document)
        assert seal_of(received.document) == received.document["sha256"]
        assert "Owner Host" not in str(received.document)
    with scope(world.hub.pk):
        assert not Received.objects.exists()
