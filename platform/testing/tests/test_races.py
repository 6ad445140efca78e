"""Two people at the same moment, over two connections: whatever wins, what must hold holds, and the other is told why."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from access.permissions import Role
from accounts.models import Invitation, Membership, User
from accounts.models.membership import LastOwner, RoleOutOfReach
from api.models import IdempotentRequest
from api.tests.callers import Caller, caller
from audit.models import Event
from billing.contracts.hands import BillingRefused
from billing.contracts.models import Contract, FactRoute
from billing.contracts.tests.deal import Deal, arrange
from billing.statements.actions.correct_line import correct_line
from billing.statements.actions.settle import follow
from billing.statements.models import Line, Statement
from onboarding.deployments.models import ApprovalRequest, Item
from onboarding.deployments.models.approval import ApprovalRefused
from onboarding.golive.models import GateReview, Signature, Waiver
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.waiver import WaiverRefused
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import SETUP, World, person
from testing.races import at_once
from testing.scenes import Scene

pytestmark = pytest.mark.django_db(transaction=True)


def second(world: World, role: Role) -> User:
    user = person(f"second.{role}@host.example", f"Second {role.title}")
    with scope(world.host.pk):
        Membership.add(user, roles=[role], by=SETUP)
    return user


def inside(world: World, work: Callable[[], object]) -> Callable[[], object]:
    """Do it in the host's scope, as a request does."""

    def enter() -> object:
        with scope(world.host.pk):
            return work()

    return enter


def refusals(outcomes: list[object]) -> list[type]:
    return [type(one) for one in outcomes if isinstance(one, Exception)]


def member(user: User) -> Membership:
    found: Membership = Membership.objects.active().get(user=user)
    return found


def test_of_two_owners_who_remove_each_other_one_stays(world: World) -> None:
    other = second(world, Role.OWNER)

    def removal(of: User, by: User) -> Callable[[], object]:
        return inside(world, lambda: member(of).end(by=member(by).actor))

    outcomes = at_once(removal(other, world.owner), removal(world.owner, other))
    assert len(refusals(outcomes)) == 1
    assert set(refusals(outcomes)) <= {LastOwner, RoleOutOfReach, Membership.DoesNotExist}
    with scope(world.host.pk):
        assert Membership.objects.active().with_role(Role.OWNER).count() == 1


def test_of_two_owners_who_step_down_at_once_one_stays(world: World) -> None:
    other = second(world, Role.OWNER)

    def stepping(user: User) -> Callable[[], object]:
        return inside(world, lambda: member(user).change_roles([Role.CONTRIBUTOR], by=member(user).actor))

    outcomes = at_once(stepping(world.owner), stepping(other))
    assert refusals(outcomes) == [LastOwner]
    with scope(world.host.pk):
        assert Membership.objects.active().with_role(Role.OWNER).count() == 1


def test_two_approvers_make_one_decision_with_one_signature(scene: Scene) -> None:
    world, other = scene.world, second(scene.world, Role.APPROVER)
    with scope(world.host.pk):
        ready_for_go_no_go(scene)
        review = meeting(scene)

    def deciding(user: User, decision: str) -> Callable[[], object]:
        def decide() -> object:
            by = scene.by(user)
            return review.decide(decision, reason="Seen.", printed_name=user.name, by=by, proof=fresh(by))

        return inside(world, decide)

    outcomes = at_once(deciding(world.approver, "go"), deciding(other, "no_go"))
    assert refusals(outcomes) == [ReviewRefused]
    with scope(world.host.pk):
        signature, decided = Signature.objects.get(), GateReview.objects.get()
        assert (signature.signer_id, signature.is_valid(decided.record)) == (decided.decided_by_id, True)
        assert Event.objects.filter(action="gate_review.decided").count() == 1


def test_a_waiver_is_granted_or_refused_and_never_both(scene: Scene) -> None:
    world, other = scene.world, second(scene.world, Role.APPROVER)
    with scope(world.host.pk):
        waiver = Waiver.ask(
            Item.objects.get(number=55), reason="The feed comes in March.", compensating_control="Daily list by hand.",
            expires_on=timezone.localdate() + timedelta(days=30), by=scene.manager,
        )  # fmt: skip
    outcomes = at_once(
        inside(world, lambda: waiver.grant(by=scene.by(world.approver))),
        inside(world, lambda: waiver.refuse(by=scene.by(other), reason="Not without the feed.")),
    )
    assert refusals(outcomes) == [WaiverRefused]
    with scope(world.host.pk):
        state = Waiver.objects.get().state
        assert Item.objects.get(number=55).state == {"granted": "waived", "refused": "todo"}[state]


def test_a_question_is_answered_or_taken_back_and_never_both(scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        item = Item.objects.filter(deployment=scene.deployment, state="todo", completed_by_gate=False, waits_for=None)[
            0
        ]
        Item.objects.filter(pk=item.pk).update(evidence_wanted=[])
        asked = ApprovalRequest.ask(item, world.approver, by=scene.manager)
    outcomes = at_once(
        inside(world, lambda: asked.approve(by=scene.by(world.approver))),
        inside(world, lambda: asked.withdraw(by=scene.manager, reason="The plan changed.")),
    )
    assert set(refusals(outcomes)) <= {ApprovalRefused}
    with scope(world.host.pk):
        state = ApprovalRequest.objects.get().state
        assert Item.objects.get(pk=item.pk).state == {"approved": "accepted", "withdrawn": "in_review"}[state]
        assert refusals(outcomes) == ([] if state == "approved" else [ApprovalRefused])


@pytest.fixture
def deal(scene: Scene) -> Deal:
    return arrange(scene)


def in_review(deal: Deal) -> Statement:
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
        deal.statement().review(by=deal.owner)
        return deal.statement()


def test_a_correction_never_slips_into_a_statement_that_is_being_finalized(deal: Deal) -> None:
    world, statement = deal.scene.world, in_review(deal)
    with scope(world.host.pk):
        line = Line.objects.order_by("number").select_related("statement__contract")[0]
    outcomes = at_once(
        inside(world, lambda: statement.finalize(by=deal.approver)),
        inside(world, lambda: correct_line(line, should_be=Decimal("1.00"), reason="Agreed.", by=deal.second)),
    )
    assert refusals(outcomes) == []
    with scope(world.host.pk):
        final = Statement.objects.get(pk=statement.pk)
        assert (final.state, final.total, final.recompute()) == ("finalized", Decimal("5000.01"), Decimal("5000.01"))
        [correction] = Line.objects.exclude(statement=final)
        assert (correction.kind, correction.statement.state) == ("adjustment", "draft")


def test_a_statement_is_finalized_or_returned_and_never_both(deal: Deal) -> None:
    world, statement, other = deal.scene.world, in_review(deal), second(deal.scene.world, Role.APPROVER)
    outcomes = at_once(
        inside(world, lambda: statement.finalize(by=deal.approver)),
        inside(world, lambda: statement.return_to_draft(reason="Look again.", by=deal.by(other))),
    )
    assert refusals(outcomes) == [BillingRefused]
    with scope(world.host.pk):
        left = Event.objects.filter(action__in=["statement.finalized", "statement.returned"]).values_list("action")
        assert [one for (one,) in left] == [f"statement.{'finalized' if deal.statement().sha256 else 'returned'}"]


def test_two_corrections_of_one_line_bring_it_to_the_later_and_not_to_both(deal: Deal) -> None:
    world = deal.scene.world
    with scope(world.host.pk):
        deal.active()
        line = Line.objects.select_related("statement__contract").get()

    def correcting(amount: str) -> Callable[[], object]:
        return inside(world, lambda: correct_line(line, should_be=Decimal(amount), reason="Agreed.", by=deal.second))

    assert refusals(at_once(correcting("100.00"), correcting("200.00"))) == []
    with scope(world.host.pk):
        assert line.standing in {Decimal("100.00"), Decimal("200.00")}
        assert Line.objects.order_by("number").last().snapshot["should_be"] == f"{line.standing}"


def test_a_contract_that_two_activate_binds_once(deal: Deal) -> None:
    world, other = deal.scene.world, second(deal.scene.world, Role.ADMINISTRATOR)
    with scope(world.host.pk):
        contract = deal.draft()
    at_once(
        inside(world, lambda: contract.activate(by=deal.second)),
        inside(world, lambda: contract.activate(by=deal.by(other))),
    )
    with scope(world.host.pk):
        assert (Contract.objects.get().state, FactRoute.objects.count()) == ("active", 1)
        assert Event.objects.filter(action="contract.activated").count() == 1


def test_one_key_sent_twice_at_once_is_one_write(world: World) -> None:
    secret, body = caller(world, world.manager).secret, {"name": "Main Street", "kind": "fqhc", "region": "NY"}

    def write() -> tuple[int, str]:
        answer = Caller(secret).post("sites", body, Idempotency_Key="once")
        return answer.status_code, answer.json()["id"]

    one, two = at_once(write, write)
    assert one == two
    with scope(world.host.pk):
        assert (Site.objects.count(), IdempotentRequest.objects.count()) == (1, 1)


def test_a_form_that_is_sent_twice_at_once_writes_once_and_the_other_is_told(deal: Deal) -> None:
    world = deal.scene.world

    def invitation() -> object:
        return Invitation.make(email="new@host.example", roles=["contributor"], by=deal.owner)

    for work, refusal in ((deal.draft, BillingRefused), (invitation, ValidationError)):
        assert refusals(at_once(inside(world, work), inside(world, work))) == [refusal]
    with scope(world.host.pk):
        assert (Contract.objects.count(), Invitation.objects.count()) == (1, 1)
        assert Event.objects.filter(action__in=["contract.drafted", "invitation.made"]).count() == 2
