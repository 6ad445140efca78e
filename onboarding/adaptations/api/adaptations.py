"""What sites do differently, and what other organizations propose to change in a playbook of ours."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, identifier, words
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.adaptations.actions import propose as verbs
from onboarding.adaptations.actions.take import take
from onboarding.adaptations.frame import Kind
from onboarding.adaptations.models import Adaptation, Proposal, SentChange
from onboarding.adaptations.models.adaptation import CannotMove
from onboarding.adaptations.models.proposal import WORDS
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.models.draft import DraftRefused
from tenancy.offers import OfferState


class AdaptationSerializer(serializers.ModelSerializer[Adaptation]):
    """One recorded difference of a site from its playbook, in the words of FRAME."""

    fields_changed = serializers.JSONField(source="fields", help_text="Each field with its value before and after")
    decided_by = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Adaptation
        fields = (
            "id", "deployment_id", "item_id", "key", "kind", "fields_changed", "reason", "goal", "fidelity", "phase",
            "planned", "what", "level", "nature", "duration", "decided_by", "note", "by_id", "at", "state", "draft_id",
        )  # fmt: skip


class SentChangeSerializer(serializers.ModelSerializer[SentChange]):
    """A change on its way to the playbook's author in another organization."""

    class Meta:
        model = SentChange
        fields = ("id", "adaptation_id", "author_id", "words", "state", "offered_at", "answered_at")


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A change that another organization proposes."""

    fields_changed = serializers.JSONField(source="fields", help_text="Each field with its value before and after")
    item = serializers.JSONField(help_text="What an added item says")

    class Meta:
        model = Proposal
        fields = (
            "id", "source_id", "version_id", "kind", "key", "number", "title", "fields_changed", "item", "reason", "goal",
            "fidelity", "words", "state", "received_at", "answered_at", "draft_id",
        )  # fmt: skip


class Propose(Body):
    """What is said with the change; it leaves the organization."""

    words = serializers.CharField(max_length=WORDS, required=False, allow_blank=True, default="")


class Into(Body):
    """The open draft that takes the change."""

    draft = serializers.UUIDField()


class AdaptationViewSet(ScopedViewSet):
    """The record of adaptations."""

    serializer_class = AdaptationSerializer
    needs = {
        "list": Permission.PLAYBOOK_READ,
        "retrieve": Permission.PLAYBOOK_READ,
        "offer": Permission.ITEM_REVIEW,
        "propose": Permission.DEPLOYMENT_SHARE,
        "take": Permission.PLAYBOOK_AUTHOR,
        "decline": Permission.PLAYBOOK_AUTHOR,
    }
    filters = {
        "deployment": identifier("deployment_id", "Adaptations at one deployment"),
        "key": words("key", "Adaptations of one item, by its key"),
        "kind": choice("kind", Kind.values, "Adaptations of one kind"),
        "state": choice("state", Adaptation.State.values, "Adaptations in one state"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the adaptations."""
        return Adaptation.objects.select_related("item", "deployment__playbook_version__playbook")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List adaptations, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show an adaptation."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=Nothing, responses=AdaptationSerializer)
    @once
    def offer(self, request: Request, **kwargs: Any) -> Response:
        """Offer it to the playbook's author in this organization."""
        return self._do(lambda found: found.offer(by=self.by))

    @extend_schema(request=Nothing, responses=AdaptationSerializer)
    @once
    def decline(self, request: Request, **kwargs: Any) -> Response:
        """Leave an offered one to the site alone."""
        return self._do(lambda found: found.decline(by=self.by))

    @extend_schema(request=Into, responses=AdaptationSerializer)
    @once
    def take(self, request: Request, **kwargs: Any) -> Response:
        """Take an offered one into an open draft."""
        draft = _draft(self.body(Into))
        return self._do(lambda found: take(found, draft, by=self.by))

    @extend_schema(request=Propose, responses=SentChangeSerializer)
    @once
    def propose(self, request: Request, **kwargs: Any) -> Response:
        """Send it to the organization that wrote the playbook; refused where that is this one."""
        found, body = self.get_object(), self.body(Propose)
        with refusing(CannotMove):
            sent = verbs.propose(found, words=body["words"], by=self.by)
        return Response(SentChangeSerializer(sent).data)

    def _do(self, verb: Any) -> Response:
        found = self.get_object()
        with refusing(CannotMove, DraftRefused):
            verb(found)
        return Response(AdaptationSerializer(self.get_object()).data)


class ProposalViewSet(ScopedViewSet):
    """Changes that other organizations propose."""

    serializer_class = ProposalSerializer
    needs = {
        "list": Permission.PLAYBOOK_READ,
        "take": Permission.PLAYBOOK_AUTHOR,
        "decline": Permission.PLAYBOOK_AUTHOR,
    }
    filters = {"state": choice("state", OfferState.values, "Proposals in one state")}

    def rows(self) -> QuerySet[Any]:
        """Return the proposals, with who makes them."""
        return Proposal.objects.select_related("source")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List proposals, oldest first."""
        return super().list(request, **kwargs)

    @extend_schema(request=Into, responses=ProposalSerializer)
    @once
    def take(self, request: Request, **kwargs: Any) -> Response:
        """Take it into an open draft of one's own; the sender hears of it."""
        draft = _draft(self.body(Into))
        return self._do(lambda found: verbs.take_proposal(found, draft, by=self.by))

    @extend_schema(request=Nothing, responses=ProposalSerializer)
    @once
    def decline(self, request: Request, **kwargs: Any) -> Response:
        """Say no; the sender hears of it."""
        return self._do(lambda found: verbs.decline_proposal(found, by=self.by))

    def _do(self, verb: Any) -> Response:
        found = self.get_object()
        with refusing(CannotMove, DraftRefused):
            verb(found)
        return Response(ProposalSerializer(self.get_object()).data)


def _draft(body: dict[str, Any]) -> PlaybookDraft:
    found: PlaybookDraft | None = PlaybookDraft.objects.open().filter(pk=body["draft"]).first()
    if found is None:
        raise Http404
    return found
