"""The parts of the way from nothing to live that a test goes by verbs, so that it may go the others by hand."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone

from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Reaction
from audit.relay import relay
from onboarding.deployments.actions.edit_items import Edit, edit_items
from onboarding.deployments.models import Deployment, Evidence, Item, ItemDependency
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.models.signature import Proof
from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.models import RosterImport
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.settling import settle
from training.learning.actions.answer_quiz import answer_question, attest, read_on
from training.learning.actions.settle import settle as settle_assignment
from training.learning.models import Assignment, Attempt, LessonProgress, ObservedCompetency
from training.learning.steps import readings


def enroll_second_factor(user: User) -> str:
    """Give somebody an authenticator app; return its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    return secret


def actor(user: User) -> Actor:
    """Return a member as the actor of a verb; to be called in the organization's scope."""
    return Membership.objects.active().get(user=user).actor


def finish_import(roster: RosterImport) -> None:
    """Do what the workers do for an import; to be called in the organization's scope."""
    roster.refresh_from_db()
    while roster.running:
        advance_once(roster)
        roster.refresh_from_db()


def carry_out_reactions(organization_id: UUID) -> int:
    """Do what the workers do after events; return how many reactions were carried out."""
    settle()
    while relay():
        pass
    with scope(organization_id):
        waiting = list(Reaction.objects.order_by("pk").values_list("pk", flat=True))
        for pk in waiting:
            Reaction.carry_out(pk)
    return len(waiting)


def pass_course(assignment: Assignment, *, observer: Actor) -> None:
    """Pass what is left of a course; to be called in the organization's scope."""
    by = actor(assignment.user)
    content = assignment.version.content
    for lesson in assignment.version.content_keys:
        progress = LessonProgress.open(assignment, lesson, by=by)
        if progress.passed_at:
            continue
        for step in range(len(readings(content, lesson)) + 1):
            progress = read_on(assignment, lesson, step, by=by)
        attempt = Attempt.running(progress)
        for entry in attempt.questions if attempt else ():
            assert attempt is not None
            question = attempt.question(entry["key"])
            right = [number for number, option in enumerate(question.answers) if option.correct]
            answer_question(assignment, attempt, question.key, right, token=uuid4(), by=by)
    if content.attestation:
        attest(assignment, typed_name=assignment.user.name, address=None, device="test", by=by)
    if checklist := content.observation:
        ObservedCompetency.sign(assignment, seen=[item.key for item in checklist.items], note="", by=observer)
        settle_assignment(assignment, by=observer)


class Work:
    """The rest of a deployment's checklist, done in the order in which it can be done."""

    def __init__(self, deployment: Deployment, *, by: Actor, signer: Actor) -> None:
        """`by` completes items and convenes; `signer` signs the gates on the way."""
        self.deployment, self.by, self.signer = deployment, by, signer
        self._waits: dict[UUID, set[UUID]] = {}
        for item_id, before in ItemDependency.objects.filter(deployment=deployment).values_list(
            "item_id", "predecessor_id"
        ):
            self._waits.setdefault(item_id, set()).add(before)

    def ready(self, *stages: int) -> list[Item]:
        """Return the open items of these stages that wait for nothing."""
        items = list(Item.objects.of_deployment(self.deployment.pk).order_by("number"))
        open_ = {item.pk for item in items if item.state in Item.OPEN}
        return [
            item
            for item in items
            if item.pk in open_ and item.stage in stages and not self._waits.get(item.pk, set()) & open_
        ]

    def finish(self, *stages: int, besides: frozenset[str] = frozenset()) -> int:
        """Complete what is open in these stages and can be; sign the gates on the way but for those in `besides`."""
        done = 0
        while batch := [item for item in self.ready(*stages) if not self._left(item, besides)]:
            gates = [item for item in batch if item.completed_by_gate]
            work = [item for item in batch if not item.completed_by_gate]
            for item in work:
                self.give_evidence(item)
            ids = [item.pk for item in work]
            edit_items(ids, Edit("complete"), by=self.by, may_accept=True, said="accepted")
            for item in gates:
                self.sign(item.gate)
            done += len(batch)
        return done

    def sign(self, gate: str) -> GateReview:
        """Convene, vote and sign."""
        review = GateReview.convene(self.deployment, gate, by=self.by)
        self.vote(review)
        proof = Proof.given(self.signer, timezone.now() - timedelta(seconds=20))
        review.decide(
            GateReview.Decision.GO,
            reason="The criteria hold.",
            printed_name=self.signer.name,
            by=self.signer,
            proof=proof,
        )
        return review

    def vote(self, review: GateReview) -> None:
        """Cast every voice of the panel that is still open: go."""
        for vote in Vote.objects.filter(review=review, choice=""):
            vote.cast(Vote.Choice.GO, by=self.by, reason="")

    def give_evidence(self, item: Item) -> None:
        """Give what the item asks for and does not have."""
        given = set(Evidence.objects.filter(item_id=item.pk).usable().values_list("wanted_key", flat=True))
        for wanted in item.required_evidence:
            if wanted["key"] not in given:
                text = f"{item.key} {wanted['key']} {hashlib.sha256(str(item.pk).encode()).hexdigest()}"
                file = store(self.by.organization_id, f"{wanted['key']}.txt", [text.encode()])  # type: ignore[arg-type]
                Evidence.give(item, file, by=self.by, wanted_key=wanted["key"])

    def _left(self, item: Item, besides: frozenset[str]) -> bool:
        return item.completed_by_gate and item.gate in besides
