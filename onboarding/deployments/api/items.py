"""Items of a deployment: what is to do, the verbs that do it, and what is said about it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from access.require import NotAllowed
from accounts.models import User
from api.filters import choice, day, identifier, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing, Reason
from api.viewsets import ScopedViewSet
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Comment, Deployment, Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.people import everyone, host_people, mentioned
from onboarding.playbooks.models import PlaybookItem
from tenancy.prepared import prepared


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person by name."""

    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name")


class ItemSerializer(serializers.ModelSerializer[Item]):
    """A checklist item; its key is the same at every site."""

    assignee = PersonSerializer(read_only=True, allow_null=True)
    also = serializers.ListField(child=serializers.CharField(), help_text="Further team roles that work on it")

    class Meta:
        model = Item
        fields = (
            "id",
            "deployment_id",
            "number",
            "key",
            "stage",
            "title",
            "owner",
            "also",
            "gate_class",
            "gate",
            "completed_by_gate",
            "domain",
            "evidence_wanted",
            "state",
            "due_on",
            "baseline_due_on",
            "assignee",
            "note",
            "blocked_since",
            "blocked_by_role",
            "waived_until",
            "started_at",
            "done_at",
            "version",
        )


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A remark."""

    author = PersonSerializer(read_only=True)

    class Meta:
        model = Comment
        fields = ("id", "item_id", "author", "body", "internal", "at")


class Block(Reason):
    """What stops the work, and the team role that is waited for."""

    waits_for = serializers.CharField(max_length=4, required=False, allow_blank=True, default="")


class Remark(Body):
    """What to say; `@Full Name` or `@CODE` of a team role names somebody."""

    body = serializers.CharField(max_length=4000)
    internal = serializers.BooleanField(required=False, default=False, help_text="For the host's own people only")


@prepared
def _there(pk: UUID) -> QuerySet[Deployment, Any]:
    return Deployment.objects.filter(pk=pk).values_list("pk")


class ItemViewSet(ScopedViewSet):
    """Items as the caller's lens shows them: a vendor sees its own and what holds these up, a funder none."""

    serializer_class = ItemSerializer
    needs = {
        "list": Permission.ITEM_READ,
        "retrieve": Permission.ITEM_READ,
        "start": Permission.ITEM_WORK,
        "complete": Permission.ITEM_WORK,
        "block": Permission.ITEM_WORK,
        "unblock": Permission.ITEM_WORK,
        "reopen": Permission.ITEM_REVIEW,
    }
    filters = {
        "state": choice("state", Item.State.values, "Items in one state"),
        "stage": choice("stage", range(12), "Items of one stage, by its number"),
        "gate_class": choice("gate_class", PlaybookItem.GateClass.values, "What an open item does to its gate"),
        "owner": words("owner", "Items that a team role owns, by its code"),
        "assignee": identifier("assignee_id", "Items of one person"),
        "key": words("key", "The item of this key"),
        "due_until": day("due_on__lte", "Items due on this day or earlier"),
    }
    keyset = ("stage", "number", "id")

    @property
    def lens(self) -> Lens:
        """What the caller sees."""
        return Lens.of(self.request)

    def rows(self) -> QuerySet[Any]:
        """Return the deployment's items in reach; raise Http404 without the deployment."""
        pk = self.kwargs["deployment"]
        if not _there(pk):
            raise Http404
        return self.lens.items(pk).select_related("assignee")

    def get_object(self) -> Any:
        """Return the item in reach; raise Http404."""
        return self.lens.item(self.kwargs["deployment"], str(self.kwargs["item"]))

    def version_of(self, found: Item) -> tuple[Any, ...]:
        """Rises with every change."""
        return found.version, str(found.assignee or "")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the items of a deployment, by stage and number."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an item."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Nothing, responses=ItemSerializer)
    @once
    def start(self, request: Request, **kwargs: Any) -> Response:
        """Begin the work."""
        item = self._workable()
        self.body(Nothing)
        return self._done(item, "start")

    @extend_schema(request=Nothing, responses=ItemSerializer)
    @once
    def complete(self, request: Request, **kwargs: Any) -> Response:
        """Finish the work: accepted where the caller may accept it, else sent to review.

        Refused while a predecessor is open, required evidence is missing, the item is blocked, or a gate completes it.
        """
        item = self._workable()
        self.body(Nothing)
        accepts = self.lens.of_host and self.lens.can(Permission.ITEM_REVIEW)
        return self._done(item, "complete", may_accept=accepts)

    @extend_schema(request=Block, responses=ItemSerializer)
    @once
    def block(self, request: Request, **kwargs: Any) -> Response:
        """Name what stops the work and the team role that is waited for."""
        item, body = self._workable(), self.body(Block)
        role = body["waits_for"]
        if role and not TeamRole.objects.filter(deployment_id=item.deployment_id, code=role).exists():
            raise serializers.ValidationError({"waits_for": f"The team has no role {role}."})
        return self._done(item, "block", reason=body["reason"], waits_for=role)

    @extend_schema(request=Nothing, responses=ItemSerializer)
    @once
    def unblock(self, request: Request, **kwargs: Any) -> Response:
        """Go on: nothing stops the work any more."""
        item = self._workable()
        self.body(Nothing)
        return self._done(item, "unblock")

    @extend_schema(request=Reason, responses=ItemSerializer)
    @once
    def reopen(self, request: Request, **kwargs: Any) -> Response:
        """Take an accepted, waived or unneeded item up again."""
        item, body = self.get_object(), self.body(Reason)
        if not self.lens.of_host:
            raise NotAllowed(Permission.ITEM_REVIEW)
        return self._done(item, "reopen", reason=body["reason"])

    def _workable(self) -> Item:
        item: Item = self.get_object()
        sides = dict(TeamRole.objects.filter(deployment_id=item.deployment_id).values_list("code", "side"))
        if not self.lens.may_work_on(item, sides):
            raise NotAllowed(Permission.ITEM_WORK)
        return item

    def _done(self, item: Item, verb: str, **words: Any) -> Response:
        with refusing(ItemRefused, ValueError):
            getattr(item, verb)(by=self.by, **words)
        return self.answer(self.get_object())


class CommentViewSet(ScopedViewSet):
    """What is said on an item; internal remarks are for the host's own people."""

    serializer_class = CommentSerializer
    needs = {"list": Permission.ITEM_READ, "create": Permission.ITEM_READ}
    keyset = ("at", "id")

    def rows(self) -> QuerySet[Any]:
        """Return the remarks in reach; raise Http404 without the item."""
        lens = Lens.of(self.request)
        return lens.comments(lens.item(self.kwargs["deployment"], str(self.kwargs["item"])))  # type: ignore[no-any-return]

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the remarks on an item, oldest first."""
        return super().list(request, **kwargs)

    @extend_schema(request=Remark, responses={201: CommentSerializer})
    @once
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Say something on an item.

        Needs the right to work on items or to review them as well.
        """
        lens = Lens.of(request._request)
        item = lens.item(self.kwargs["deployment"], str(self.kwargs["item"]))
        body = self.body(Remark)
        if not (lens.can(Permission.ITEM_WORK) or lens.can(Permission.ITEM_REVIEW)):
            raise NotAllowed(Permission.ITEM_WORK)
        if body["internal"] and not lens.reads_internal:
            raise NotAllowed(Permission.COMMENT_INTERNAL)
        with refusing(ValueError):
            comment = Comment.add(
                item,
                body=body["body"],
                by=self.by,
                internal=body["internal"],
                mentions=_named(body["body"], item, internal=body["internal"]),
            )
        return self.answer(comment, status=201)


def _named(text: str, item: Item, *, internal: bool) -> list[Any]:
    candidates = host_people(item.deployment_id) if internal else everyone(item.deployment_id)
    team = TeamRole.objects.filter(deployment_id=item.deployment_id).values_list("code", "person_id", "deputy_id")
    return mentioned(text, candidates, {code: [one for one in people if one] for code, *people in team})
