"""Asking somebody to approve an item, and, where the organization permits it, their answer by a mailed link.

Only items: what a gate, a waiver, a signature or money needs asks for an account with a second factor.
"""

import secrets
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from access.permissions import Permission
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.item import Item, ItemRefused
from onboarding.deployments.models.team import TeamRole
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

LASTS = timedelta(days=7)


class ApprovalRefused(Exception):
    """An approval cannot be asked for, or given; the message says why. `gone`: and never will be by this request."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        self.gone = gone
        super().__init__(message)


class Code(Protocol):
    """A mailed code whose digits were right (`ApprovalCode`)."""

    request_id: UUID

    def spend(self) -> None:
        """Use it up; raise ApprovalRefused where it was used before."""


class ApprovalPolicy(TenantModel):
    """One per organization; where there is none, mailed links approve nothing."""

    by_mail = models.BooleanField(default=False, help_text="A mailed link may approve an item")
    with_code = models.BooleanField(default=False, help_text="Only with a code that is mailed apart from the link")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="approval_policy_once"),
            models.CheckConstraint(condition=Q(by_mail=True) | Q(with_code=False), name="approval_code_needs_link"),
        ]

    @classmethod
    def permits_mail(cls) -> bool:
        """Whether a mailed link may approve an item in the organization in scope."""
        return bool(cls.objects.filter(by_mail=True).exists())

    @classmethod
    def wants_code(cls) -> bool:
        """Whether an answer by a mailed link needs a code as well in the organization in scope."""
        return bool(cls.objects.filter(with_code=True).exists())

    @classmethod
    @transaction.atomic
    def change(cls, *, by: Actor, by_mail: bool, with_code: bool = False) -> None:
        """Permit mailed links, alone or with a mailed code, or end all of them at once; the same again changes nothing."""
        with_code = by_mail and with_code
        if (cls.permits_mail(), cls.wants_code()) == (by_mail, with_code):
            return
        policy, _ = cls.objects.select_for_update(no_key=True, of=("self",)).get_or_create()
        policy.by_mail, policy.with_code = by_mail, with_code
        policy.save(update_fields=["by_mail", "with_code"])
        permitted = audit.APPROVAL_PERMITTED_WITH_CODE if with_code else audit.APPROVAL_PERMITTED
        record(permitted if by_mail else audit.APPROVAL_FORBIDDEN, by=by, subject=policy)


class ApprovalRequestQuerySet(TenantQuerySet["ApprovalRequest"]):
    """Named filters over requests."""

    def waiting(self) -> "ApprovalRequestQuerySet":
        """Requests that can still be answered."""
        return self.filter(state=ApprovalRequest.State.ASKED, expires_at__gt=timezone.now())

    def with_item(self) -> "ApprovalRequestQuerySet":
        """With everything that a page or a message names."""
        return self.select_related("person", "asked_by", "item", "deployment__site", "deployment__tool_version__tool")


class ApprovalRequest(TenantModel):
    """One question to one person about one item, in the hands in which the item was when it was asked."""

    class State(models.TextChoices):
        """How it stands."""

        ASKED = "asked", "Waits for an answer"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Taken back"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    question = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    hands = models.CharField(max_length=80, help_text="Who held the item when it was asked")
    key = models.CharField(max_length=32, help_text="Goes into the signature of the link; a new one ends the old link")
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    by_link = models.BooleanField(default=False, help_text="Answered by the mailed link")
    note = models.CharField(max_length=500, blank=True, help_text="Why it was refused or taken back")

    objects = TenantManager.from_queryset(ApprovalRequestQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "item", "person"], condition=Q(state="asked"), name="approval_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "approved", "refused", "withdrawn"]), name="approval_state"
            ),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(answered_at__isnull=False), name="approval_answered_at"
            ),
        ]

    @property
    def expired(self) -> bool:
        """Whether nobody answered in time."""
        return self.state == self.State.ASKED and self.expires_at <= timezone.now()

    @classmethod
    @transaction.atomic
    def ask(cls, item: Item, person: User, *, by: Actor, question: str = "") -> "ApprovalRequest":
        """Send the item to review and ask this person; the same question again renews it for seven days.

        Raises ItemRefused for an item that cannot be finished, and ApprovalRefused for a person who may not accept it.
        """
        item = Item.locked(item.pk)
        if by.may_not_be(person.pk):
            raise ApprovalRefused("Ask somebody else: nobody approves what they ask for themselves.")
        if approver(person, item) is None:
            raise ApprovalRefused("Choose somebody who may accept items here.")
        if not item.is_open:
            raise ItemRefused(f"{item} is {item.get_state_display().lower()} already.")
        item.refuse_unless_completable()
        item.complete(by=by, may_accept=False)
        cls.objects.filter(item=item, person=person, state=cls.State.ASKED).update(
            state=cls.State.WITHDRAWN, answered_at=timezone.now(), note="It was asked again."
        )
        request = cls(
            deployment_id=item.deployment_id,
            item=item,
            person=person,
            asked_by_id=by.person_id,
            question=question,
            hands=hands_of(item),
            key=secrets.token_hex(16),
            expires_at=timezone.now() + LASTS,
        )
        request.save(force_insert=True)
        request._say(audit.APPROVAL_ASKED, by, person=str(person.pk))
        return request

    @transaction.atomic
    def approve(self, *, by: Actor, by_link: bool = False, code: Code | None = None) -> None:
        """Accept the item in the person's name; everybody else who was asked is let go. Raises ApprovalRefused.

        `code`: what was typed in of the second mail, where the organization wants one with the link.
        """
        request = self._lock(by, by_link, code)
        item = Item.objects.get(pk=request.item_id)
        try:
            item.complete(by=by, may_accept=True)
        except ItemRefused as refusal:
            raise ApprovalRefused(str(refusal)) from refusal
        request._answer(self.State.APPROVED, by, audit.APPROVAL_GIVEN, by_link)
        for other in ApprovalRequest.objects.filter(item=item, state=self.State.ASKED):
            other.withdraw(by=by, reason="Somebody else approved it.")

    @transaction.atomic
    def refuse(self, *, by: Actor, reason: str, by_link: bool = False, code: Code | None = None) -> None:
        """Send the item back to work, saying what is missing. Raises ApprovalRefused."""
        if not reason.strip():
            raise ApprovalRefused("Say why: whoever asked reads it.")
        request = self._lock(by, by_link, code)
        Item.objects.get(pk=request.item_id).return_to_work(by=by, reason=reason)
        request._answer(self.State.REFUSED, by, audit.APPROVAL_REFUSED, by_link, reason)
        for other in ApprovalRequest.objects.filter(item=request.item, state=self.State.ASKED):
            other.withdraw(by=by, reason="Somebody else refused it.")

    @transaction.atomic
    def withdraw(self, *, by: Actor, reason: str) -> None:
        """Take the question back; its link ends. One that was answered stays answered."""
        Item.locked(self.item_id)  # first, as an answer does: the two would wait for each other
        request = ApprovalRequest.locked(self.pk)
        if request.state != self.State.ASKED:
            return
        request.state, request.answered_at, request.note = self.State.WITHDRAWN, timezone.now(), reason[:500]
        request.save(update_fields=["state", "answered_at", "note"])
        request._say(audit.APPROVAL_WITHDRAWN, by, reason=reason)

    def refuse_unless_answerable(self, by_link: bool = False) -> None:
        """Raise ApprovalRefused, saying why, unless the person may answer now."""
        if self.state != self.State.ASKED:
            raise ApprovalRefused(f"{ENDED[self.state]} {self.note}".strip(), gone=True)
        if self.expired:
            raise ApprovalRefused("It was valid for seven days.", gone=True)
        if by_link and not ApprovalPolicy.permits_mail():
            raise ApprovalRefused(
                "The organization does not take approvals by mail any more. Sign in to answer.", gone=True
            )
        if approver(self.person, self.item) is None:
            raise ApprovalRefused("The person who was asked may not accept items here any more.", gone=True)
        if hands_of(self.item) != self.hands:
            raise ApprovalRefused("The item changed hands after you were asked.", gone=True)
        if self.item.state != Item.State.IN_REVIEW:
            raise ApprovalRefused(
                f"The item is {self.item.get_state_display().lower()}: it waits for no approval.", gone=True
            )

    def _lock(self, by: Actor, by_link: bool, code: Code | None) -> "ApprovalRequest":
        item = Item.locked(self.item_id)
        request: ApprovalRequest = ApprovalRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=self.pk)
        request.item = item
        request.refuse_unless_answerable(by_link)
        if by.id != request.person_id:
            raise ApprovalRefused("Somebody else was asked.")
        if by_link and ApprovalPolicy.wants_code():
            if code is None or code.request_id != request.pk:
                raise ApprovalRefused("Type in the code from the second mail.")
            code.spend()
        return request

    def _answer(self, state: str, by: Actor, action: Any, by_link: bool, reason: str = "") -> None:
        self.state, self.answered_at, self.by_link, self.note = state, timezone.now(), by_link, reason[:500]
        self.save(update_fields=["state", "answered_at", "by_link", "note"])
        self._say(
            action, by, how="by a mailed link" if by_link else "signed in", **({"reason": reason} if reason else {})
        )

    def _say(self, action: Any, by: Actor, **data: Any) -> None:
        item = self.item
        record(action, by=by, subject=self, number=item.number, title=item.title, item=str(item.pk), **data)
        item.touch()
        Deployment.touch(self.deployment_id)


ENDED = {
    "approved": "You approved it already.",
    "refused": "You refused it already.",
    "withdrawn": "It was taken back.",
}


def approver(person: User, item: Item) -> Membership | None:
    """Return the person's membership where it may accept this item now; None too where it is limited to other sites."""
    sites = list(Deployment.objects.filter(pk=item.deployment_id).values_list("site_id", flat=True))
    members = Membership.objects.active().reaching(sites)
    found: Membership | None = members.filter(user_id=person.pk, user__is_active=True).first()
    return found if found and Permission.ITEM_REVIEW in found.permissions else None


def hands_of(item: Item) -> str:
    """Return in whose hands an item is: its assignee, and whoever holds its owner role."""
    holder = TeamRole.objects.filter(deployment_id=item.deployment_id, code=item.owner).values_list(
        "person_id", flat=True
    )
    return f"{item.assignee_id or '-'}/{next(iter(holder), None) or '-'}"
